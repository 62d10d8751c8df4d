"""Table `rematch`: how far the comparing of everybody anew has come. One row, or none yet.

A process leases the row for as long as one batch may take and moves the cursor in the transaction
that keeps the batch's proposals: after a crash another process goes on from there.
"""

from dataclasses import dataclass

from sqlalchemy import Column, Integer, Table, delete, insert, or_, select, update
from sqlalchemy.sql import ColumnElement

from rfl.storage.columns import Code, Id, Micros, metadata
from rfl.storage.work import Work

LEASE_MICROS = 10_000_000
_ONLY = 1

rematch = Table(
    "rematch",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("rules", Code, nullable=False),
    Column("cursor", Id, nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("started_at", Micros, nullable=False),
    Column("finished_at", Micros),
    Column("leased_by", Id),
    Column("leased_until", Micros, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it has come: by which rules, and how many records of how many."""

    rules: str
    cursor: str
    done: int
    total: int
    started_at: int
    finished_at: int | None


def progress(work: Work) -> Progress | None:
    """Return how far it has come; None if this node has never begun one."""
    columns = [rematch.c[name] for name in Progress.__slots__]
    found = work.connection.execute(select(*columns)).first()
    return None if found is None else Progress(*found)


def begin(work: Work, rules: str, total: int) -> None:
    """Begin from the first record; a run that is under way is given up."""
    work.connection.execute(delete(rematch))
    values = {
        "number": _ONLY,
        "rules": rules,
        "cursor": "",
        "done": 0,
        "total": total,
        "started_at": work.micros,
        "finished_at": None if total else work.micros,
        "leased_until": 0,
    }
    work.connection.execute(insert(rematch).values(**values))


def lease(work: Work, holder: str) -> Progress | None:
    """Take the next batch for `holder`; None if nothing is left or another process is at it."""
    free = or_(rematch.c.leased_until <= work.micros, rematch.c.leased_by == holder)
    taken = work.connection.execute(
        update(rematch)
        .where(rematch.c.finished_at.is_(None) & free)
        .values(leased_by=holder, leased_until=work.micros + LEASE_MICROS)
    )
    return progress(work) if taken.rowcount == 1 else None


def is_at(work: Work, holder: str, before: Progress) -> bool:
    """True if `holder` still works at this batch; nobody else takes it up before the end."""
    mine = select(rematch.c.number).where(_same(holder, before)).with_for_update()
    return work.connection.scalar(mine) is not None


def advance(work: Work, holder: str, before: Progress, cursor: str | None, count: int) -> bool:
    """Move the cursor, or finish if it is None; False if another process has gone on instead."""
    mine = _same(holder, before)
    values: dict[str, object] = {"done": before.done + count, "leased_until": 0}
    if cursor is None:
        values |= {"finished_at": work.micros}
    else:
        values |= {"cursor": cursor}
    moved = work.connection.execute(update(rematch).where(mine).values(**values))
    return moved.rowcount == 1


def _same(holder: str, before: Progress) -> ColumnElement[bool]:
    at = (rematch.c.leased_by == holder) & (rematch.c.cursor == before.cursor)
    return at & (rematch.c.started_at == before.started_at)
