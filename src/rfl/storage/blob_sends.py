"""Table `blob_sends`: which blobs go to which peer before the envelope that names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Column, Integer, Table, bindparam, delete, insert, or_, select, update
from sqlalchemy.engine import Row

from rfl.storage import direct
from rfl.storage.columns import Code, Id, Micros, metadata
from rfl.storage.outbox import outbox
from rfl.storage.work import Work

blob_sends = Table(
    "blob_sends",
    metadata,
    Column("blob_id", Id, primary_key=True),
    Column("peer", Code, nullable=False, index=True),
    Column("envelope", Id, nullable=False, index=True),
    Column("due_at", Micros, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("claimed_at", Micros),
    Column("taken_at", Micros),
)

_WAITS = blob_sends.c.taken_at.is_(None)

# Made once: every call and every batch asks and says these.
_MINE = (_WAITS, blob_sends.c.peer == bindparam("of"))
_UNTAKEN = select(blob_sends.c.envelope).where(*_MINE)
_HASTEN = (
    update(blob_sends)
    .where(*_MINE, blob_sends.c.attempts > 0, blob_sends.c.due_at > bindparam("now"))
    .values(due_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class BlobSend:
    """A blob on its way; `attempts` have failed since it was last moved."""

    blob_id: str
    peer: str
    envelope: str
    attempts: int


@dataclass(frozen=True, slots=True)
class Sending:
    """A letter that cannot leave yet: the blobs that its recipient lacks, due together.

    `begun`: the recipient has some of them.
    """

    peer: str
    stream: int
    begun: bool
    due_at: int
    blobs: tuple[BlobSend, ...]


_ALL = select(*(blob_sends.c[name] for name in BlobSend.__slots__))


def add(work: Work, blob_id: str, peer: str, envelope: str, due_at: int) -> None:
    """Let a blob leave for a peer from a time on: that of the envelope that names it."""
    values = {"blob_id": blob_id, "peer": peer, "envelope": envelope}
    work.connection.execute(insert(blob_sends), values | {"due_at": due_at, "attempts": 0})


def waiting(work: Work) -> list[Sending]:
    """Return the letters that lack blobs at their recipients, by peer and stream, in order."""
    lacking = select(blob_sends.c.envelope).where(_WAITS)
    columns = (blob_sends.c.due_at, blob_sends.c.taken_at, outbox.c.stream)
    of_letter = blob_sends.c.envelope == outbox.c.id
    rows = _ALL.add_columns(*columns).where(of_letter, blob_sends.c.envelope.in_(lacking))
    place = (outbox.c.peer, outbox.c.stream, outbox.c.epoch, outbox.c.seq)
    found = work.connection.execute(rows.order_by(*place, blob_sends.c.blob_id))
    return [_sending(list(one)) for _id, one in groupby(found, lambda row: str(row.envelope))]


def _sending(rows: Sequence[Row[Any]]) -> Sending:
    left = [row for row in rows if row.taken_at is None]
    return Sending(
        peer=rows[0].peer,
        stream=rows[0].stream,
        begun=len(left) < len(rows),
        due_at=max(row.due_at for row in left),
        blobs=tuple(BlobSend(*row[: len(BlobSend.__slots__)]) for row in left),
    )


def claim(work: Work, blob_id: str, for_micros: int) -> bool:
    """Take a blob for a while: one worker carries it. One that dies holds it no longer."""
    since = blob_sends.c.claimed_at
    free = or_(since.is_(None), since <= work.micros - for_micros, since > work.micros)
    mine = update(blob_sends).where(blob_sends.c.blob_id == blob_id, _WAITS, free)
    return work.connection.execute(mine.values(claimed_at=work.micros)).rowcount == 1


def go_on(work: Work, blob_id: str) -> None:
    """Keep a claim for as long again: the blob moves, so what failed before is forgotten."""
    mine = update(blob_sends).where(blob_sends.c.blob_id == blob_id)
    work.connection.execute(mine.values(claimed_at=work.micros, attempts=0))


def taken(work: Work, blob_id: str) -> None:
    """Say that the peer has all of a blob."""
    mine = update(blob_sends).where(blob_sends.c.blob_id == blob_id)
    work.connection.execute(mine.values(taken_at=work.micros, claimed_at=None))


def postpone(work: Work, blob_id: str, until: int) -> None:
    """Count a failed attempt, let the blob go, and not try again before `until`."""
    values = {"attempts": blob_sends.c.attempts + 1, "due_at": until, "claimed_at": None}
    mine = update(blob_sends).where(blob_sends.c.blob_id == blob_id)
    work.connection.execute(mine.values(**values))


def hastens(work: Work, peer: str) -> direct.Change:
    """Return what clears the back-off of what waits for a peer that has just been heard."""
    return _HASTEN, {"of": peer, "now": work.micros}


def untaken(work: Work, peer: str) -> set[str]:
    """Return the envelopes that a peer cannot read yet, for it lacks a blob of theirs."""
    found = direct.every(work.connection, *asks_untaken(peer))
    return {row.envelope for row in found}


def asks_untaken(peer: str) -> direct.Asked:
    """Return the question of `untaken`, to be asked ahead."""
    return _UNTAKEN, {"of": peer}


def of_peer(work: Work, peer: str) -> list[BlobSend]:
    """Return every blob that is kept for a peer, taken or not, the oldest first."""
    mine = _ALL.where(blob_sends.c.peer == peer)
    rows = mine.order_by(blob_sends.c.due_at, blob_sends.c.blob_id)
    return [BlobSend(*row) for row in work.connection.execute(rows)]


def again(work: Work, envelopes: Sequence[str]) -> None:
    """Let the blobs of envelopes that are queued again be asked about again."""
    mine = update(blob_sends).where(blob_sends.c.envelope.in_(envelopes))
    work.connection.execute(mine.values(taken_at=None, claimed_at=None, due_at=work.micros))


def forget(work: Work, envelopes: Sequence[str]) -> None:
    """Forget the ways of these envelopes' blobs."""
    work.connection.execute(delete(blob_sends).where(blob_sends.c.envelope.in_(envelopes)))
