"""Table `received`: requests of other societies, each sealed under keys of its own.

Clear: ids, branch, officer, the society's code, a keyed hash of its reference, how many persons it
names (for the day's budget), dates, whether somebody here has to do something, whether the
society is owed word or has changed its request, version.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from sqlalchemy import Boolean, Column, Index, SmallInteger, Table, func, select, update
from sqlalchemy.sql import ColumnElement

from rfl.domain.ids import new_id
from rfl.domain.received import Received
from rfl.domain.states import TransmissionState
from rfl.storage import blobs, ledger, peers, vault
from rfl.storage.columns import Code, Digest, Micros, metadata
from rfl.storage.shelf import GROUPS, Filed, Shelf, clear_part, columns
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work, from_micros

received = Table(
    "received",
    metadata,
    *columns(),
    Column("peer", Code, nullable=False),
    Column("ref", Digest, nullable=False),
    Column("persons", SmallInteger, nullable=False),
    Column("retain_at", Micros, nullable=False, index=True),
    Column("owes", Boolean, nullable=False),
    Column("changed", Boolean, nullable=False),
    Index("uq_received_peer_ref", "peer", "ref", unique=True),
    Index("ix_received_branch_open_created_at_id", "branch", "open", "created_at", "id"),
    Index("ix_received_peer_created_at", "peer", "created_at"),
)
SHELF = Shelf(received, Received, under_case=False)
REMEMBER: Final = 400 * 86_400 * 1_000_000
"""How long a reference that is gone stays refused: longer than any letter may wait."""

_FOREVER: Final = (1 << 63) - 1
_OPEN = {
    TransmissionState.DELIVERED,
    TransmissionState.RETURNED_FOR_INFORMATION,
    TransmissionState.ACCEPTED,
}


def add(
    work: Work, row: Filed, request: Received, retain_at: int, gone: int = 0, *, owes: bool = False
) -> None:
    """Keep a request that came. Of one that is gone, `gone` says how many persons it named."""
    persons = len(request.dossier.persons) if request.dossier is not None else gone
    values = {"peer": request.peer, "ref": ref_hash(work, request.ref), "persons": persons}
    SHELF.add(work, row, request, **values, retain_at=retain_at, owes=owes, changed=False)


def keep(work: Work, row: Filed, request: Received, **clear: object) -> int:
    """Keep a changed request; it is open while something may follow."""
    is_open = request.state in _OPEN and request.erased_on is None
    return SHELF.keep(work, row, request, open=is_open, **clear)


def of_peer(work: Work, peer: str, ref: str) -> tuple[Filed, Received] | None:
    """Return the request of a peer under its reference, entered and opened; None if none came."""
    return _opened(work, (received.c.peer == peer) & (received.c.ref == ref_hash(work, ref)))


def of_case(work: Work, case_id: str) -> tuple[Filed, Received] | None:
    """Return the request that became a case which was reached, entered and opened; else None.

    The word of another society reaches it too: an answer to what was passed on.
    """
    return _opened(work, received.c.case_id == case_id)


def cases_among(work: Work, records: Sequence[str]) -> set[str]:
    """Return those of these cases that are searched for another society."""
    theirs = select(received.c.case_id).where(received.c.case_id.in_(records))
    return set(work.connection.scalars(theirs))


def askers(work: Work, records: Sequence[str], since: int) -> dict[str, str]:
    """Return those of these cases that other societies have asked for since, each with its peer."""
    mine = received.c.case_id.in_(records) & (received.c.created_at >= since)
    rows = work.connection.execute(select(received.c.case_id, received.c.peer).where(mine))
    return {row.case_id: row.peer for row in rows}


def bury(work: Work, request: Received, until: int, named: tuple[int, int]) -> None:
    """Keep the reference of a request that is gone, under keys of its own, and nothing it said.

    How many persons it named, and when, still counts in that day's budget of its society.
    """
    persons, came_at = named
    row = Filed(
        id=new_id("rcv"),
        case_id=None,
        branch="",
        officer=None,
        created_at=came_at,
        due_at=None,
        open=False,
        version=1,
    )
    add(work, row, request, until, persons)


def remove(work: Work, received_id: str) -> None:
    """Delete a request with its keys and what it came with, if it is still there."""
    blobs.release_all(work, [received_id])
    SHELF.remove(work, [received_id])


def erase(work: Work, cases: Sequence[str]) -> None:
    """Delete the requests that became these cases, with keys and what they came with.

    Their societies are still owed an end of each: to say so, ids alone are kept, under new keys.
    """
    found = SHELF.of_peer(work, received.c.case_id.in_(cases))
    ends = {row.id: keep_until(work, row.id, _FOREVER) for row, _request in found}
    blobs.release_all(work, list(ends))
    SHELF.drop(work, cases)
    for row, request in found:
        left = replace(row, id=new_id("rcv"), case_id=None, officer=None, open=False, version=1)
        count = len(request.persons)
        add(work, left, request.erased(work.today), ends[row.id], count, owes=True)


def gone(peer: str, ref: str, state: TransmissionState, work: Work) -> Received:
    """Return what is left of a request that was destroyed: its reference, and why it is gone."""
    until = from_micros(work.micros + REMEMBER)
    return Received(peer, ref, None, until.date(), state, moved_at=work.now)


def refs_of(work: Work, peer: str) -> list[str]:
    """Return a peer's references of requests that are not gone; each is opened for it."""
    table = received.c
    goes_on = table.open | table.owes | table.case_id.is_not(None) | table.due_at.is_not(None)
    mine = (table.peer == peer) & goes_on
    return [request.ref for _row, request in SHELF.of_peer(work, mine)]


def persons_since(work: Work, peer: str, since: int) -> int:
    """Return how many persons a peer has asked for since a time."""
    asked = (received.c.peer == peer) & (received.c.created_at >= since)
    rows = select(func.coalesce(func.sum(received.c.persons), 0)).where(asked)
    return int(work.connection.scalar(rows) or 0)


def named(work: Work, peer: str, ref: str) -> tuple[int, int] | None:
    """Return how many persons a peer's request under its reference named, and when; or None."""
    table = received.c
    mine = (table.peer == peer) & (table.ref == ref_hash(work, ref))
    found = work.connection.execute(select(table.persons, table.created_at).where(mine)).first()
    return None if found is None else (found.persons, found.created_at)


def keep_until(work: Work, received_id: str, at_most: int) -> int:
    """Return when a request's time of keeping is over, or an earlier time."""
    mine = select(received.c.retain_at).where(received.c.id == received_id)
    return min(work.connection.scalar(mine) or at_most, at_most)


def owe(work: Work, case_id: str) -> None:
    """Note that the society whose request became this case is to be told something."""
    mine = received.c.case_id == case_id
    work.connection.execute(update(received).where(mine).values(owes=True))


def owing(work: Work, limit: int) -> list[str]:
    """Return ids of requests whose society is to be told something."""
    mine = received.c.owes & peers.not_resting(work, received.c.peer)
    rows = select(received.c.id).where(mine).order_by(received.c.id).limit(limit)
    return list(work.connection.scalars(rows))


def due_without_case(work: Work) -> int:
    """Return how many requests whose case was erased have come to the day of their answer."""
    return work.connection.scalar(select(func.count()).where(_due_without_case(work))) or 0


def owe_due(work: Work) -> int:
    """Note that the societies of these are to be told; return how many."""
    mine = update(received).where(_due_without_case(work))
    return work.connection.execute(mine.values(owes=True, due_at=None)).rowcount


def changed(work: Work, limit: int) -> list[str]:
    """Return ids of requests that became a case, and that their society has changed."""
    rows = select(received.c.id).where(received.c.changed).order_by(received.c.id).limit(limit)
    return list(work.connection.scalars(rows))


def over(work: Work, limit: int) -> list[str]:
    """Return ids of requests whose time of keeping is over."""
    late = select(received.c.id).where(received.c.retain_at <= work.micros)
    return list(work.connection.scalars(late.order_by(received.c.retain_at).limit(limit)))


def _due_without_case(work: Work) -> ColumnElement[bool]:
    table = received.c
    return table.case_id.is_(None) & ~table.open & (table.due_at <= work.micros)


def _opened(work: Work, mine: ColumnElement[bool]) -> tuple[Filed, Received] | None:
    found = work.connection.execute(select(received).where(mine).with_for_update()).first()
    if found is None:
        return None
    row = clear_part(found)
    tied = SealedRow(received.name, row.id, row.id, {vault.TIE: found.tie})
    ledger.append(work, objects=vault.log_ids(work, tied), groups=GROUPS, count=1)
    return row, SHELF.document(work, row, found.content)


def ref_hash(work: Work, ref: str) -> bytes:
    """Return the keyed hash of a peer's reference."""
    return work.agent.keyed_hash("received", ref.encode("utf-8"))
