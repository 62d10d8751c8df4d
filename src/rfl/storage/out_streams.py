"""Table `out_streams`: how far each stream to a peer has come, place by place.

Places are given out one at a time, and never twice: what may have forgotten some begins an epoch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Integer, SmallInteger, Table, bindparam, select

from rfl.storage import direct
from rfl.storage.columns import Code, Digest, metadata
from rfl.storage.locks import held
from rfl.storage.work import Work

out_streams = Table(
    "out_streams",
    metadata,
    Column("peer", Code, primary_key=True),
    Column("stream", SmallInteger, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("prev", Digest, nullable=False),
)

# Made once: making a statement anew took a third of the time of a letter's transaction.
_MINE = (out_streams.c.peer == bindparam("of")) & (out_streams.c.stream == bindparam("at"))
_HEAD = select(out_streams).where(_MINE).with_for_update()
MOVE = """
INSERT INTO out_streams (peer, stream, epoch, seq, prev) VALUES ({0}, {0}, {0}, {0}, {0})
ON CONFLICT (peer, stream) DO UPDATE
SET epoch = excluded.epoch, seq = excluded.seq, prev = excluded.prev
"""

CONTROL = 8
_MINUTE = 60_000_000


@dataclass(frozen=True, slots=True)
class Head:
    """The last place given out in a stream, and SHA-256 of the envelope that took it."""

    epoch: int
    seq: int
    prev: bytes


def head(work: Work, peer: str, stream: int) -> Head:
    """Return a stream's head, held until the commit: places are given out one at a time."""
    found = held(work, *asks(peer, stream), f"rfl out {peer} {stream}")
    if found is None:
        return Head(1, 0, bytes(32))
    return Head(found.epoch, found.seq, bytes(found.prev))


def asks(peer: str, stream: int) -> direct.Asked:
    """Return the question of `head`, to be asked ahead."""
    return _HEAD, {"of": peer, "at": stream}


def move(work: Work, peer: str, stream: int, to: Head) -> None:
    """Say which place of a stream was given out last."""
    direct.execute(work.connection, direct.marked(work.connection, MOVE), row(peer, stream, to))


def row(peer: str, stream: int, to: Head) -> tuple[object, ...]:
    """Return the values of MOVE."""
    return (peer, stream, to.epoch, to.seq, to.prev)


def raise_epochs(work: Work, peers: Sequence[str]) -> int:
    """Begin a new epoch of every stream to these peers; return how many streams.

    A node restored from a copy would give a place out twice; in a later epoch it cannot. The copy
    need not know a stream that was begun after it, so all have one. Nor does it know of a restore
    that came after it: the number is that of the minute, unless the last one is later.
    """
    minute = work.micros // _MINUTE
    for peer in peers:
        for stream in range(CONTROL + 1):
            epoch = max(head(work, peer, stream).epoch + 1, minute)
            move(work, peer, stream, Head(epoch, 0, bytes(32)))
    return len(peers) * (CONTROL + 1)


def begin_behind(work: Work, peer: str, theirs: Mapping[int, tuple[int, int]]) -> int:
    """Begin a new epoch of each stream that a peer has seen further than this node remembers.

    That is a database brought back without `rfl restore`. Return how many streams.
    """
    forgotten = 0
    for stream, place in theirs.items():
        mine = head(work, peer, stream)
        if place > (mine.epoch, mine.seq):
            move(work, peer, stream, Head(place[0] + 1, 0, bytes(32)))
            forgotten += 1
    return forgotten
