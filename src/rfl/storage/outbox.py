"""Tables `out_streams` and `outbox`: what this society tells others, in order, until receipts.

An envelope is sealed in the transaction of the business change and never again. Nothing here
names a case: the tie lies in the case's sealed rows, and goes with its keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    and_,
    bindparam,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.engine import Row

from rfl.storage.columns import Code, Digest, Id, Micros, metadata
from rfl.storage.work import Work


class OutState(StrEnum):
    """Where an envelope is. A parked one has arrived, and waits there for what is before it."""

    WAITING = "waiting"
    PARKED = "parked"
    PROCESSED = "processed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    STOPPED = "stopped"


out_streams = Table(
    "out_streams",
    metadata,
    Column("peer", Code, primary_key=True),
    Column("stream", SmallInteger, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("prev", Digest, nullable=False),
    Column("claimed_at", Micros),
)

_WAITS = "state = 'waiting'"
outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("peer", Code, nullable=False),
    Column("stream", SmallInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("body", LargeBinary),
    Column("digest", Digest, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("state", Code, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("due_at", Micros, nullable=False),
    Column("expires_at", Micros, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("receipt", LargeBinary),
    Index("uq_outbox_peer_stream_epoch_seq", "peer", "stream", "epoch", "seq", unique=True),
    Index(
        "ix_outbox_waiting",
        *("peer", "stream", "epoch", "seq"),
        postgresql_where=text(_WAITS),
        sqlite_where=text(_WAITS),
    ),
)

_WAITING = outbox.c.state == OutState.WAITING


@dataclass(frozen=True, slots=True)
class Head:
    """The last place given out in a stream, and SHA-256 of the envelope that took it."""

    epoch: int
    seq: int
    prev: bytes


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope to deliver; times in microseconds since 1970."""

    id: str
    epoch: int
    seq: int
    body: bytes
    digest: bytes
    attempts: int
    expires_at: int


def head(work: Work, peer: str, stream: int) -> Head:
    """Return a stream's head, held until the commit: places are given out one at a time."""
    if work.connection.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(hashtext(:stream))")
        work.connection.execute(lock, {"stream": f"rfl out {peer} {stream}"})
    mine = (out_streams.c.peer == peer) & (out_streams.c.stream == stream)
    found = work.connection.execute(select(out_streams).where(mine)).first()
    if found is None:
        return Head(1, 0, bytes(32))
    return Head(found.epoch, found.seq, bytes(found.prev))


def put(work: Work, peer: str, stream: int, waiting: Waiting, *, due_at: int, urgent: bool) -> None:
    """Keep an envelope, and move its stream's head to it."""
    at = {"peer": peer, "stream": stream}
    moved = {"epoch": waiting.epoch, "seq": waiting.seq, "prev": waiting.digest}
    mine = (out_streams.c.peer == peer) & (out_streams.c.stream == stream)
    if not work.connection.execute(update(out_streams).where(mine).values(**moved)).rowcount:
        work.connection.execute(insert(out_streams), at | moved)
    values = at | {name: getattr(waiting, name) for name in Waiting.__slots__}
    values |= {"due_at": due_at, "urgent": urgent, "state": OutState.WAITING}
    work.connection.execute(insert(outbox), values | {"created_at": work.micros})


def streams_due(work: Work) -> list[tuple[str, int]]:
    """Return peer and stream of each that has an envelope which may leave now."""
    due = _WAITING & (outbox.c.due_at <= work.micros)
    rows = select(outbox.c.peer, outbox.c.stream).where(due).distinct()
    return [(row.peer, row.stream) for row in work.connection.execute(rows)]


def claim(work: Work, peer: str, stream: int, for_micros: int) -> bool:
    """Take a stream for a while: one request is under way for each peer and stream.

    A worker that dies holds it no longer than that.
    """
    mine = (out_streams.c.peer == peer) & (out_streams.c.stream == stream)
    since = out_streams.c.claimed_at
    free = or_(since.is_(None), since <= work.micros - for_micros, since > work.micros)
    done = update(out_streams).where(mine, free).values(claimed_at=work.micros)
    return work.connection.execute(done).rowcount == 1


def release(work: Work, peer: str, stream: int) -> None:
    """Let others take the stream again."""
    mine = (out_streams.c.peer == peer) & (out_streams.c.stream == stream)
    work.connection.execute(update(out_streams).where(mine).values(claimed_at=None))


def take(work: Work, peer: str, stream: int, limit: int) -> list[Waiting]:
    """Return the next envelopes of a stream in order, as far as they may leave now.

    One that waits out a back-off holds back those behind it.
    """
    rows = (
        select(outbox)
        .where(_WAITING, outbox.c.peer == peer, outbox.c.stream == stream)
        .order_by(outbox.c.epoch, outbox.c.seq)
        .limit(limit)
    )
    taken: list[Waiting] = []
    for row in work.connection.execute(rows):
        if row.due_at > work.micros:
            break
        taken.append(_waiting(row))
    return taken


def settle(work: Work, envelope_id: str, state: OutState, receipt: bytes | None) -> bool:
    """Say what became of an envelope that waits or is parked; False if that was said before."""
    mine = (outbox.c.id == envelope_id) & outbox.c.state.in_((OutState.WAITING, OutState.PARKED))
    values = {"state": state, "receipt": receipt}
    return work.connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1


def postpone(work: Work, envelope_ids: Sequence[str], until: int) -> None:
    """Count a failed attempt of these, and let none of them leave before `until`."""
    changed = (
        update(outbox)
        .where(outbox.c.id == bindparam("envelope"))
        .values(attempts=outbox.c.attempts + 1, due_at=until)
    )
    if envelope_ids:
        work.connection.execute(changed, [{"envelope": one} for one in envelope_ids])


def hasten(work: Work, peer: str) -> None:
    """Clear the back-off of everything that waits for a peer which has just been heard."""
    mine = _WAITING & (outbox.c.peer == peer) & (outbox.c.attempts > 0)
    work.connection.execute(
        update(outbox).where(mine, outbox.c.due_at > work.micros).values(due_at=work.micros)
    )


def expire(work: Work) -> list[str]:
    """Give up what has passed its end; return the ids, for a person to be told."""
    open_states = outbox.c.state.in_((OutState.WAITING, OutState.PARKED))
    late = and_(open_states, outbox.c.expires_at <= work.micros)
    ids = list(work.connection.scalars(select(outbox.c.id).where(late)))
    if ids:
        gone = update(outbox).where(late).values(state=OutState.EXPIRED, body=None)
        work.connection.execute(gone)
    return ids


def receipt_of(work: Work, envelope_id: str) -> bytes | None:
    """Return the receipt of an envelope, or None while there is none."""
    return work.connection.scalar(select(outbox.c.receipt).where(outbox.c.id == envelope_id))


def counts(work: Work) -> dict[tuple[str, str], int]:
    """Return how many envelopes there are by peer and state."""
    rows = select(outbox.c.peer, outbox.c.state, func.count()).group_by(
        outbox.c.peer, outbox.c.state
    )
    return {(row[0], row[1]): row[2] for row in work.connection.execute(rows)}


def _waiting(row: Row[tuple[object, ...]]) -> Waiting:
    values = {name: getattr(row, name) for name in Waiting.__slots__}
    return Waiting(**values)
