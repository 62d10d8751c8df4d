"""Table `key_uses`: how many data keys each process unwrapped on a day."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Integer,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from rfl.storage.columns import Id, metadata
from rfl.storage.work import Work

key_uses = Table(
    "key_uses",
    metadata,
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("process", Id, primary_key=True),
    Column("unwrapped", BigInteger, nullable=False),
    Column("unaccounted", BigInteger, nullable=False),
    Column("reconciled", Boolean, nullable=False),
)

KEPT_DAYS = 400


@dataclass(frozen=True, slots=True)
class KeyUse:
    """Keys that entries account for, and keys that none does."""

    unwrapped: int
    unaccounted: int


def keep(work: Work, day: int, process: str, unwrapped: int, unaccounted: int) -> None:
    """Keep a process's counts of a day in place of earlier ones; nobody needs to delete for it."""
    counts = {"unwrapped": unwrapped, "unaccounted": unaccounted, "reconciled": False}
    mine = update(key_uses).where(key_uses.c.day == day, key_uses.c.process == process)
    if not work.connection.execute(mine.values(**counts)).rowcount:
        row = {"day": day, "process": process} | counts
        work.connection.execute(insert(key_uses), row)


def unreconciled(work: Work, before: int) -> Sequence[int]:
    """Return the days before this one whose counts were not compared yet, in order."""
    rows = select(key_uses.c.day).where(key_uses.c.day < before)
    rows = rows.where(key_uses.c.reconciled.is_(False)).distinct().order_by(key_uses.c.day)
    return work.connection.scalars(rows).all()


def of_day(work: Work, day: int) -> KeyUse:
    """Return the sums over all processes."""
    sums = select(func.sum(key_uses.c.unwrapped), func.sum(key_uses.c.unaccounted))
    found = work.connection.execute(sums.where(key_uses.c.day == day)).one()
    return KeyUse(int(found[0] or 0), int(found[1] or 0))


def mark_reconciled(work: Work, day: int) -> None:
    """Keep that a day was compared; counts of long ago go."""
    mine = update(key_uses).where(key_uses.c.day == day)
    work.connection.execute(mine.values(reconciled=True))
    work.connection.execute(delete(key_uses).where(key_uses.c.day < day - KEPT_DAYS))
