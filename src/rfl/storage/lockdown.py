"""Table `lockdown`: one row while nothing may be opened. Nothing of a case is in it.

It needs no key itself: who may lift it stands in clear, since nothing sealed can be read until
then. `gate.py` asks it where keys are unwrapped.
"""

from dataclasses import dataclass

from sqlalchemy import Column, Integer, Table, delete, insert, select, update

from rfl.storage import direct
from rfl.storage.columns import Id, Micros, metadata
from rfl.storage.work import Work

lockdown = Table(
    "lockdown",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", Micros, nullable=False),
    Column("begun_by", Id, nullable=False),
    Column("lift_asked_by", Id),
    Column("lift_asked_at", Micros),
)

_ONE = select(*(lockdown.c[name] for name in ("at", "begun_by", "lift_asked_by", "lift_asked_at")))


@dataclass(frozen=True, slots=True)
class Lockdown:
    """Since when, begun by whom, and who has asked to lift it, as account ids."""

    at: int
    begun_by: str
    lift_asked_by: str | None
    lift_asked_at: int | None


def current(work: Work) -> Lockdown | None:
    """Return the lockdown that is in force, or None."""
    found = direct.first(work.connection, _ONE, {})
    return None if found is None else Lockdown(*found)


def begin(work: Work) -> None:
    """Let nothing be opened from now on; a lockdown that is in force stays as it is."""
    if current(work) is None:
        row = {"number": 1, "at": work.micros, "begun_by": work.actor.id}
        work.connection.execute(insert(lockdown), row)
    else:
        # Whoever begins it anew takes back a first word to lift it.
        work.connection.execute(update(lockdown).values(lift_asked_by=None, lift_asked_at=None))


def ask_to_lift(work: Work) -> None:
    """Keep the first of the two who lift it."""
    asked = {"lift_asked_by": work.actor.id, "lift_asked_at": work.micros}
    work.connection.execute(update(lockdown).values(**asked))


def end(work: Work) -> None:
    """Let everything be opened again."""
    work.connection.execute(delete(lockdown))
