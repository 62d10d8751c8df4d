"""Table `break_glass`: who read further than usual for some hours, and whether it was reviewed.

Clear: whose it is, branch, from when, until when, by when it is to be reviewed, whether it still
waits for that. The reason and what a review found are sealed. What it does to the account stands in
`accounts`, where every call asks.
"""

from sqlalchemy import Column, Index, Table, func, select

from rfl.domain.break_glass import BreakGlass
from rfl.storage import accounts, alarms
from rfl.storage.columns import Micros, metadata
from rfl.storage.shelf import Filed, Shelf, clear_part, columns
from rfl.storage.work import Work

BROKEN = "break-glass"
UNREVIEWED = "break-glass-unreviewed"

break_glass = Table(
    "break_glass",
    metadata,
    *columns(),
    Column("ends_at", Micros, nullable=False),
    Index("ix_break_glass_open_due_at_id", "open", "due_at", "id"),
)
SHELF = Shelf(break_glass, BreakGlass, under_case=False)


def in_force(work: Work, account: str) -> bool:
    """True if an account reads further now."""
    mine = (break_glass.c.officer == account) & (break_glass.c.ends_at > work.micros)
    return work.connection.scalar(select(break_glass.c.id).where(mine).limit(1)) is not None


def waiting(work: Work, after: tuple[int, str], limit: int) -> list[Filed]:
    """Return the clear part of those that wait for a review, the first to be reviewed first."""
    moment, last = after
    table = break_glass.c
    later = (table.due_at > moment) | ((table.due_at == moment) & (table.id > last))
    rows = select(break_glass).where(table.open, later).order_by(table.due_at, table.id)
    return [clear_part(found) for found in work.connection.execute(rows.limit(limit))]


def settle(work: Work, account: str) -> None:
    """Let an account read as far, and be suspended when, as those of it say that wait."""
    table = break_glass.c
    ends = select(func.max(table.ends_at), func.min(table.due_at))
    until, review_by = work.connection.execute(
        ends.where(table.officer == account, table.open)
    ).one()
    accounts.widen(work, account, until, review_by)


def watch(work: Work) -> None:
    """Sound the alarm of those that nobody reviewed in time; their accounts are suspended."""
    table = break_glass.c
    late = select(table.officer).where(table.open, table.due_at <= work.micros).distinct()
    for account in work.connection.scalars(late).all():
        alarms.sound(work, UNREVIEWED, account, once=True)
