"""Table `handovers`: cases offered to, or by, another society, each sealed under keys of its own.

Clear: ids, branch, officer, the society's code, a keyed hash of the reference, which way it goes,
how many persons came with it (for the day's budget), dates, whether somebody still has to do
something, version.
"""

from collections.abc import Sequence

from sqlalchemy import Boolean, Column, Index, SmallInteger, Table, func, select

from rfl.domain.handover import Handover
from rfl.domain.states import HandoverState
from rfl.storage import blobs, ledger, recalls, vault
from rfl.storage.columns import Code, Digest, Micros, metadata
from rfl.storage.recalls import Why
from rfl.storage.shelf import GROUPS, Filed, Shelf, clear_part, columns
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

handovers = Table(
    "handovers",
    metadata,
    *columns(),
    Column("peer", Code, nullable=False),
    Column("ref", Digest, nullable=False),
    Column("coming", Boolean, nullable=False),
    Column("given", Boolean, nullable=False, index=True),
    Column("retain_at", Micros, index=True),
    Column("persons", SmallInteger, nullable=False),
    Index("uq_handovers_peer_ref", "peer", "coming", "ref", unique=True),
    Index("ix_handovers_branch_open_created_at_id", "branch", "open", "created_at", "id"),
)
SHELF = Shelf(handovers, Handover, under_case=False)
UNDER_WAY = 30 * 86_400 * 1_000_000
"""How long a letter may be under way."""

_OPEN = {HandoverState.OFFERED, HandoverState.ACCEPTED}


def add(work: Work, row: Filed, handover: Handover) -> None:
    """Keep an offer, which ends with its day unless it is accepted."""
    values = {"peer": handover.peer, "ref": _hash(work, handover.ref), "coming": handover.coming}
    came = handover.request if handover.coming else None
    persons = len(came.sought) if came is not None else 0
    SHELF.add(work, row, handover, **values, given=False, retain_at=row.due_at, persons=persons)


def keep(work: Work, row: Filed, after: Handover, **clear: object) -> int:
    """Keep a changed handover; what was given, and is no case yet, is marked to become one.

    What was accepted here, and is not given while that letter may be under way, is over as well:
    who offered it may have been restored, and not know of it any more.
    """
    given = after.coming and after.state is HandoverState.GIVEN
    if after.state is not HandoverState.OFFERED:
        waits = after.coming and after.state is HandoverState.ACCEPTED and row.due_at is not None
        clear |= {"retain_at": (row.due_at or 0) + UNDER_WAY if waits else None}
    return SHELF.keep(work, row, after, open=after.state in _OPEN, given=given, **clear)


def of_peer(work: Work, peer: str, ref: str, *, coming: bool) -> tuple[Filed, Handover] | None:
    """Return the handover between a peer and this node, entered and opened; None if none is."""
    table = handovers.c
    mine = (table.peer == peer) & (table.ref == _hash(work, ref)) & (table.coming == coming)
    found = work.connection.execute(select(handovers).where(mine).with_for_update()).first()
    if found is None:
        return None
    row = clear_part(found)
    tied = SealedRow(handovers.name, row.id, row.id, {vault.TIE: found.tie})
    ledger.append(work, objects=vault.log_ids(work, tied), groups=GROUPS, count=1)
    return row, SHELF.document(work, row, found.content)


def remove(work: Work, handover_id: str) -> None:
    """Delete a handover with its keys and what it came with."""
    blobs.release_all(work, [handover_id])
    SHELF.remove(work, [handover_id])


def offered(work: Work, case_ids: Sequence[str]) -> list[tuple[str, str]]:
    """Return society and reference of every offer of these cases that is not settled."""
    table = handovers.c
    mine = table.case_id.in_(case_ids) & ~table.coming & table.open
    rows = work.connection.execute(select(table.peer, table.id).where(mine))
    return [(row[0], row[1]) for row in rows]


def offered_to(work: Work, peer: str) -> list[str]:
    """Return ids of the offers to this society that it has not answered."""
    table = handovers.c
    mine = (table.peer == peer) & ~table.coming & table.open
    return list(work.connection.scalars(select(table.id).where(mine)))


def take_back(work: Work, case_id: str) -> bool:
    """Withdraw the offer of a case, if there is one: what was sent with it is recalled."""
    refs = offered(work, [case_id])
    for _peer, ref in refs:
        withdraw(work, *SHELF.opened(work, ref))
    return bool(refs)


def withdraw(work: Work, row: Filed, before: Handover) -> None:
    """Withdraw an offer that was opened before, and recall what was sent with it."""
    recalls.add(work, [(before.peer, row.id)], Why.WITHDRAWN, branches={row.id: row.branch})
    keep(work, row, before.moved(HandoverState.WITHDRAWN, work.now))


def refs_of(work: Work, peer: str) -> list[str]:
    """Return a peer's references of its offers that are not settled; each is opened for it."""
    mine = (handovers.c.peer == peer) & handovers.c.coming & handovers.c.open
    return [offer.ref for _row, offer in SHELF.of_peer(work, mine)]


def persons_since(work: Work, peer: str, since: int) -> int:
    """Return how many sought persons a peer has named in offers since a time."""
    offered = (handovers.c.peer == peer) & handovers.c.coming & (handovers.c.created_at >= since)
    rows = select(func.coalesce(func.sum(handovers.c.persons), 0)).where(offered)
    return int(work.connection.scalar(rows) or 0)


def named(work: Work, peer: str, ref: str) -> tuple[int, int] | None:
    """Return how many persons a peer's offer under its reference named, and when; or None."""
    table = handovers.c
    mine = (table.peer == peer) & (table.ref == _hash(work, ref)) & table.coming
    found = work.connection.execute(select(table.persons, table.created_at).where(mine)).first()
    return None if found is None else (found.persons, found.created_at)


def given(work: Work, limit: int) -> list[str]:
    """Return ids of what was given to this node and is no case here yet."""
    rows = select(handovers.c.id).where(handovers.c.given).order_by(handovers.c.id)
    return list(work.connection.scalars(rows.limit(limit)))


def over(work: Work, limit: int) -> list[str]:
    """Return ids of offers, both ways, that were not accepted in their time."""
    late = select(handovers.c.id).where(handovers.c.retain_at <= work.micros)
    return list(work.connection.scalars(late.order_by(handovers.c.retain_at).limit(limit)))


def _hash(work: Work, ref: str) -> bytes:
    return work.agent.keyed_hash("handovers", ref.encode("utf-8"))
