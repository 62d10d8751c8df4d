"""Tables `recalls` and `attestations`: what others are asked to destroy, and what they asked us.

Clear: societies' codes, random references, dates. A recall outlives its case, so that a society
that has not attested is seen; an attestation stands here for the day that it waits. What people
handed over is asked back by people: such a row is no letter.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    String,
    Table,
    delete,
    false,
    insert,
    select,
    true,
    tuple_,
    update,
)

from rfl.domain.ids import new_id
from rfl.errors import NotFound
from rfl.storage import peers
from rfl.storage.columns import Code, Id, Micros, metadata
from rfl.storage.work import Work


class Why(StrEnum):
    """Why a society is to destroy what it was sent."""

    WITHDRAWN = "withdrawn"
    ERASED = "erased"
    ENDED = "ended"


recalls = Table(
    "recalls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("peer", Code, nullable=False),
    Column("ref", String(64), nullable=False),
    Column("why", Code, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("asked_at", Micros),
    Column("attested_at", Micros),
    Column("by_hand", Boolean, nullable=False, server_default=false()),
    Column("branch", Code),
    Index("uq_recalls_peer_ref", "peer", "ref", unique=True),
)

attestations = Table(
    "attestations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("peer", Code, nullable=False),
    Column("ref", String(64), nullable=False),
    Column("due_at", Micros, nullable=False, index=True),
    Index("uq_attestations_peer_ref", "peer", "ref", unique=True),
)


@dataclass(frozen=True, slots=True)
class Recall:
    """One society asked to destroy what it has under one reference; times in microseconds.

    `by_hand`: it has no node, so people of the branch hand over the notice and enter what it says.
    """

    id: str
    peer: str
    ref: str
    why: Why
    created_at: int
    asked_at: int | None
    attested_at: int | None
    by_hand: bool
    branch: str | None


@dataclass(frozen=True, slots=True)
class Attestation:
    """A society's reference under which everything was destroyed, and when to say so."""

    id: str
    peer: str
    ref: str


def add(
    work: Work,
    sent: Sequence[tuple[str, str]],
    why: Why,
    *,
    branches: Mapping[str, str],
    asked: bool = False,
    by_hand: bool = False,
) -> None:
    """Recall what was sent: pairs of a society and a reference. One that is recalled stays so.

    `branches`: whose work it is, by reference. `asked`: the letter was written in this very work.
    `by_hand`: people hand a notice over.
    """
    asked_at = work.micros if asked else None
    for peer, ref in sent:
        mine = (recalls.c.peer == peer) & (recalls.c.ref == ref)
        if work.connection.scalar(select(recalls.c.id).where(mine)) is None:
            values: dict[str, object] = {"id": new_id("rcl"), "peer": peer, "ref": ref}
            values |= {"why": why, "created_at": work.micros, "asked_at": asked_at}
            values |= {"by_hand": by_hand, "branch": branches.get(ref)}
            work.connection.execute(insert(recalls), values)


def is_recalled(work: Work, peer: str, ref: str) -> bool:
    """True if a society was asked to destroy what it has under a reference, or is to be."""
    mine = (recalls.c.peer == peer) & (recalls.c.ref == ref)
    return work.connection.scalar(select(recalls.c.id).where(mine)) is not None


def unasked(work: Work, limit: int) -> list[Recall]:
    """Return recalls that were not written yet, the oldest first."""
    mine = recalls.c.asked_at.is_(None) & recalls.c.by_hand.is_(False)
    mine &= peers.not_resting(work, recalls.c.peer)
    rows = select(recalls).where(mine).order_by(recalls.c.created_at)
    return [_recall(found) for found in work.connection.execute(rows.limit(limit))]


def asked(work: Work, recall_id: str) -> bool:
    """Note that a recall was written; False if it was before."""
    mine = (recalls.c.id == recall_id) & recalls.c.asked_at.is_(None)
    done = update(recalls).where(mine).values(asked_at=work.micros)
    return work.connection.execute(done).rowcount == 1


def by_hand(work: Work, recall_id: str) -> Recall:
    """Return a recall that people hand over, locked, or raise NotFound."""
    mine = (recalls.c.id == recall_id) & recalls.c.by_hand
    found = work.connection.execute(select(recalls).where(mine).with_for_update()).first()
    if found is None:
        raise NotFound
    return _recall(found)


def attested(work: Work, peer: str, ref: str) -> bool:
    """Note that a society attests; False if it was not asked."""
    mine = (recalls.c.peer == peer) & (recalls.c.ref == ref)
    done = update(recalls).where(mine).values(attested_at=work.micros)
    return work.connection.execute(done).rowcount == 1


def ask_again(work: Work, peer: str, ref: str, branch: str) -> None:
    """Let a society be asked once more: it was restored, and has again what it had destroyed."""
    add(work, [(peer, ref)], Why.ENDED, branches={ref: branch})
    mine = (recalls.c.peer == peer) & (recalls.c.ref == ref)
    work.connection.execute(update(recalls).where(mine).values(asked_at=None, attested_at=None))


def page(work: Work, branch: str | None, limit: int) -> list[Recall]:
    """Return recalls of a branch or of all, those that nobody attested first, then the newest."""
    mine = true() if branch is None else recalls.c.branch == branch
    rows = select(recalls).where(mine)
    rows = rows.order_by(recalls.c.attested_at.is_not(None), recalls.c.created_at.desc())
    return [_recall(found) for found in work.connection.execute(rows.limit(limit))]


def overdue(work: Work, asked_before: int) -> list[str]:
    """Return the societies that have not attested what they were asked before a time, by code."""
    late = recalls.c.attested_at.is_(None) & (recalls.c.created_at < asked_before)
    rows = select(recalls.c.peer).where(late).distinct().order_by(recalls.c.peer)
    return list(work.connection.scalars(rows))


def owe(work: Work, peer: str, ref: str, due_at: int) -> None:
    """Note that a society is to be told, not before a time, that everything was destroyed."""
    mine = (attestations.c.peer == peer) & (attestations.c.ref == ref)
    if work.connection.scalar(select(attestations.c.id).where(mine)) is None:
        values = {"id": new_id("att"), "peer": peer, "ref": ref, "due_at": due_at}
        work.connection.execute(insert(attestations), values)


def due(work: Work, limit: int, until: int) -> list[Attestation]:
    """Return attestations that are due by a time."""
    rows = select(attestations.c.id, attestations.c.peer, attestations.c.ref)
    mine = (attestations.c.due_at <= until) & peers.not_resting(work, attestations.c.peer)
    rows = rows.where(mine).order_by(attestations.c.due_at)
    return [Attestation(*found) for found in work.connection.execute(rows.limit(limit))]


def unattested(work: Work, sent: Sequence[tuple[str, str]]) -> bool:
    """True while a society of these, each with a reference, was asked and has not attested."""
    mine = tuple_(recalls.c.peer, recalls.c.ref).in_(sent) & recalls.c.attested_at.is_(None)
    return work.connection.execute(select(recalls.c.id).where(mine).limit(1)).first() is not None


def postpone(work: Work, attestation_id: str, due_at: int) -> None:
    """Let an attestation wait longer."""
    mine = attestations.c.id == attestation_id
    work.connection.execute(update(attestations).where(mine).values(due_at=due_at))


def settle(work: Work, attestation_id: str) -> bool:
    """Drop an attestation that leaves now; False if it left before."""
    gone = delete(attestations).where(attestations.c.id == attestation_id)
    return work.connection.execute(gone).rowcount == 1


def _recall(found: object) -> Recall:
    values = {name: getattr(found, name) for name in Recall.__slots__}
    return Recall(**values | {"why": Why(values["why"])})
