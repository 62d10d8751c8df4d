"""Table `transmissions`: a request to one other society each, under the keys of the case.

Clear: ids, branch, officer, the society's code, due date, version, and whether the
society has to do something.
"""

from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, select, tuple_

from rfl.domain.transmission import Transmission
from rfl.storage.columns import Code, metadata
from rfl.storage.shelf import Filed, Shelf, columns
from rfl.storage.work import Work

transmissions = Table(
    "transmissions",
    metadata,
    *columns(),
    Column("peer", Code, nullable=False, index=True),
    Index("ix_transmissions_branch_open_due_at_id", "branch", "open", "due_at", "id"),
)
SHELF = Shelf(transmissions, Transmission, under_case=True)


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """The clear part of a request that waits for another society."""

    id: str
    case_id: str
    branch: str
    officer: str | None
    created_at: int
    due_at: int
    open: bool
    version: int
    peer: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which of them: to one society, of one officer's cases, due before a moment."""

    peer: str | None = None
    officer: str | None = None
    due_before: int | None = None


def waiting(
    work: Work, branch: str, wanted: Wanted, page: tuple[tuple[int, str], int]
) -> list[WaitingRow]:
    """Return a page of a branch's requests that wait for an answer, the first due first."""
    after, limit = page
    table = transmissions.c
    moment = tuple_(table.due_at, table.id)
    rows = select(*(table[name] for name in WaitingRow.__slots__))
    rows = rows.where(table.branch == branch, table.open, moment > after)
    if wanted.peer is not None:
        rows = rows.where(table.peer == wanted.peer)
    if wanted.officer is not None:
        rows = rows.where(table.officer == wanted.officer)
    if wanted.due_before is not None:
        rows = rows.where(table.due_at < wanted.due_before)
    found = rows.order_by(table.due_at, table.id).limit(limit)
    return [WaitingRow(*row) for row in work.connection.execute(found)]


def keep(work: Work, row: Filed, after: Transmission, due_at: int | None) -> int:
    """Keep a transmission; it is open while the other society has to do something."""
    return SHELF.keep(work, row, after, open=after.waits, due_at=due_at if after.waits else None)
