"""Table `transmissions`: a request to one other society each, under the keys of the case.

Clear: ids, branch, officer, the society's code, due date, version, whether the society has to
do something, and until when one without a node may keep what it was handed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, select, tuple_, update

from rfl.domain.transmission import Transmission
from rfl.errors import NotFound
from rfl.storage import honey
from rfl.storage.columns import Code, Micros, metadata
from rfl.storage.peers import peers
from rfl.storage.shelf import Filed, Shelf, clear_part, columns
from rfl.storage.work import Work

transmissions = Table(
    "transmissions",
    metadata,
    *columns(),
    Column("peer", Code, nullable=False, index=True),
    Column("renew_at", Micros, index=True),
    Column("copy_until", Micros, index=True),
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


def of_peer(work: Work, peer: str, transmission_id: str) -> tuple[Filed, bytes] | None:
    """Return a request to this society and its sealed content, locked; None if it is another's."""
    mine = (transmissions.c.id == transmission_id) & (transmissions.c.peer == peer)
    found = work.connection.execute(select(transmissions).where(mine).with_for_update()).first()
    return None if found is None else (clear_part(found), found.content)


def sent_to_nodes(work: Work, case_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return society and reference of every request of these cases to a society with a node."""
    mine = transmissions.c.case_id.in_(case_ids) & (transmissions.c.peer == peers.c.code)
    rows = select(transmissions.c.peer, transmissions.c.id).where(mine)
    return [(row[0], row[1]) for row in work.connection.execute(rows)]


def to_peer(work: Work, peer: str) -> list[str]:
    """Return the references of all requests to this society."""
    mine = transmissions.c.peer == peer
    return list(work.connection.scalars(select(transmissions.c.id).where(mine)))


def handed(work: Work, case_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return society and reference of every copy of these cases that was handed over by people."""
    mine = transmissions.c.case_id.in_(case_ids) & transmissions.c.copy_until.is_not(None)
    rows = select(transmissions.c.peer, transmissions.c.id).where(mine)
    return [(row[0], row[1]) for row in work.connection.execute(rows)]


def branches(work: Work, references: Sequence[str]) -> dict[str, str]:
    """Return the branch of each of these requests."""
    mine = transmissions.c.id.in_(references)
    rows = select(transmissions.c.id, transmissions.c.branch).where(mine)
    return {row[0]: row[1] for row in work.connection.execute(rows)}


def handed_over(work: Work, limit: int) -> list[str]:
    """Return ids of requests whose handed copy may be kept no longer."""
    over = select(transmissions.c.id).where(transmissions.c.copy_until <= work.micros)
    return list(work.connection.scalars(over.order_by(transmissions.c.copy_until).limit(limit)))


def copy_until(work: Work, transmission_id: str) -> int | None:
    """Return until when a society without a node may keep this request; None if it has none."""
    mine = transmissions.c.id == transmission_id
    found: int | None = work.connection.scalar(select(transmissions.c.copy_until).where(mine))
    return found


def keep_copy(work: Work, references: Sequence[str], until: int | None) -> None:
    """Note until when what was handed over under these may be kept; None: it is asked back."""
    mine = transmissions.c.id.in_(references)
    work.connection.execute(update(transmissions).where(mine).values(copy_until=until))


def locked(work: Work, transmission_id: str) -> tuple[Filed, bytes]:
    """Return a request and its sealed content, locked, or raise NotFound."""
    mine = select(transmissions).where(transmissions.c.id == transmission_id).with_for_update()
    found = work.connection.execute(mine).first()
    if found is None:
        raise NotFound
    return clear_part(found), found.content


def renewing(work: Work, limit: int) -> list[str]:
    """Return ids of requests whose copies are to be renewed now."""
    due = select(transmissions.c.id).where(transmissions.c.renew_at <= work.micros)
    return list(work.connection.scalars(due.order_by(transmissions.c.renew_at).limit(limit)))


def renewed(work: Work, transmission_id: str, renew_at: int | None) -> None:
    """Note when the copy of a request is renewed next; None: it ends in its time."""
    mine = transmissions.c.id == transmission_id
    work.connection.execute(update(transmissions).where(mine).values(renew_at=renew_at))


def hasten(work: Work, case_id: str) -> None:
    """Let the copies of a case's requests be renewed now: what belongs to them has changed."""
    mine = (transmissions.c.case_id == case_id) & transmissions.c.renew_at.is_not(None)
    work.connection.execute(update(transmissions).where(mine).values(renew_at=work.micros))


def keep(work: Work, row: Filed, after: Transmission, due_at: int | None, **clear: object) -> int:
    """Keep a transmission; it is open while the other society has to do something.

    What is over is not renewed at the other society.
    """
    clear |= {} if after.waits else {"renew_at": None}
    due_at = due_at if after.waits else None
    return SHELF.keep(work, row, after, open=after.waits, due_at=due_at, **clear)


def waiting(
    work: Work, branch: str, wanted: Wanted, page: tuple[tuple[int, str], int]
) -> list[WaitingRow]:
    """Return a page of a branch's requests that wait for an answer, the first due first."""
    after, limit = page
    table = transmissions.c
    moment = tuple_(table.due_at, table.id)
    rows = select(*(table[name] for name in WaitingRow.__slots__))
    rows = rows.where(table.branch == branch, table.open, moment > after)
    rows = rows.where(honey.outside(work, table.case_id))
    if wanted.peer is not None:
        rows = rows.where(table.peer == wanted.peer)
    if wanted.officer is not None:
        rows = rows.where(table.officer == wanted.officer)
    if wanted.due_before is not None:
        rows = rows.where(table.due_at < wanted.due_before)
    found = rows.order_by(table.due_at, table.id).limit(limit)
    return [WaitingRow(*row) for row in work.connection.execute(found)]
