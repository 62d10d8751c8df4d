"""Questions to the outbox: what is kept of certain envelopes, and what would leave by file."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import func, or_, select

from rfl.storage.outbox import OutState, Waiting, outbox
from rfl.storage.work import Work


@dataclass(frozen=True, slots=True)
class Sent:
    """An envelope to a peer, whatever its state; `body` is empty where it is not kept any more."""

    peer: str
    state: OutState
    envelope: Waiting


@dataclass(frozen=True, slots=True)
class Sized:
    """An envelope by its id, with SHA-256 and length of its bytes."""

    id: str
    digest: bytes
    size: int


def receipt_of(work: Work, envelope_id: str) -> bytes | None:
    """Return the receipt of an envelope, or None while there is none."""
    return work.connection.scalar(select(outbox.c.receipt).where(outbox.c.id == envelope_id))


def sent(work: Work, envelopes: Iterable[str]) -> list[Sent]:
    """Return what is kept of these envelopes."""
    found: list[Sent] = []
    for row in work.connection.execute(select(outbox).where(outbox.c.id.in_(envelopes))):
        values = {name: getattr(row, name) for name in Waiting.__slots__}
        envelope = Waiting(**values | {"body": bytes(row.body or b""), "digest": bytes(row.digest)})
        found.append(Sent(row.peer, OutState(row.state), envelope))
    return found


def unsettled(work: Work, peer: str, limit: int) -> list[Sized]:
    """Return what a peer has given no last word on, in the order of streams and places.

    What waits for a tick that is still to come is not among it; what waits out a back-off is.
    """
    open_states = outbox.c.state.in_((OutState.WAITING, OutState.PARKED))
    mine = (outbox.c.peer == peer) & open_states & outbox.c.body.is_not(None)
    mine &= or_(outbox.c.due_at <= work.micros, outbox.c.attempts > 0)
    columns = (outbox.c.id, outbox.c.digest, func.length(outbox.c.body))
    order = (outbox.c.stream.desc(), outbox.c.epoch, outbox.c.seq)
    rows = work.connection.execute(select(*columns).where(mine).order_by(*order).limit(limit))
    return [Sized(row[0], bytes(row[1]), row[2]) for row in rows]


def passed(work: Work, peer: str) -> list[tuple[str, bytes, str | None, int]]:
    """Return id, digest, what the newest receipt says, and when it was queued, of each to a peer.

    Of what waits, or was stopped, no receipt is held.
    """
    said = (outbox.c.id, outbox.c.digest, outbox.c.state, outbox.c.created_at)
    rows = select(*said).where(outbox.c.peer == peer).order_by(outbox.c.created_at, outbox.c.id)
    none = (OutState.WAITING, OutState.STOPPED)
    return [
        (row.id, row.digest, None if row.state in none else row.state, row.created_at)
        for row in work.connection.execute(rows)
    ]
