"""Table `in_streams`: how far each stream of another society has come here, place by place."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Column, Integer, SmallInteger, Table, bindparam, select

from rfl.storage import direct
from rfl.storage.arrays import longs
from rfl.storage.columns import Code, Digest, metadata
from rfl.storage.locks import held
from rfl.storage.work import Work

in_streams = Table(
    "in_streams",
    metadata,
    Column("peer", Code, primary_key=True),
    Column("stream", SmallInteger, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("digest", Digest, nullable=False),
)

_MINE = (in_streams.c.peer == bindparam("of")) & (in_streams.c.stream == bindparam("at"))
_HEAD = select(in_streams).where(_MINE).with_for_update()
_HEADS = """
SELECT stream, epoch, seq, digest FROM in_streams
WHERE peer = %s AND stream = ANY(%s) ORDER BY stream FOR UPDATE
"""
_MOVE = """
INSERT INTO in_streams (peer, stream, epoch, seq, digest) VALUES ({0}, {0}, {0}, {0}, {0})
ON CONFLICT (peer, stream) DO UPDATE
SET epoch = excluded.epoch, seq = excluded.seq, digest = excluded.digest
"""


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of a stream that took effect, and SHA-256 of the envelope that stood there."""

    epoch: int
    seq: int
    digest: bytes


def head(work: Work, peer: str, stream: int) -> Head:
    """Return how far a stream has come; the stream is held until the commit."""
    found = held(work, _HEAD, {"of": peer, "at": stream}, f"rfl in {peer} {stream}")
    if found is None:
        return Head(1, 0, bytes(32))
    return Head(found.epoch, found.seq, bytes(found.digest))


def hold(work: Work, peer: str, streams: Collection[int]) -> dict[int, Head]:
    """Return how far each of these streams has come; all are held until the commit.

    They are held in their order, so that no two works wait for one another.
    """
    found: dict[int, Head] = {}
    if work.connection.dialect.name == "postgresql":
        rows = direct.rows(work.connection, *asks(peer, streams))
        found = {stream: Head(*place) for stream, *place in rows}
    return found | {one: head(work, peer, one) for one in sorted(streams) if one not in found}


def asks(peer: str, streams: Collection[int]) -> direct.Words:
    """Return PostgreSQL's question of `hold`, to be asked ahead."""
    return _HEADS, (peer, longs(sorted(streams)))


def move(work: Work, peer: str, to: Mapping[int, Head]) -> None:
    """Say that these streams have come further."""
    rows = [(peer, stream, head.epoch, head.seq, head.digest) for stream, head in to.items()]
    if rows:
        direct.execute_each(work.connection, direct.marked(work.connection, _MOVE), rows)


def heads(work: Work, peer: str) -> dict[int, tuple[int, int]]:
    """Return epoch and place of the last that took effect, for each stream of a peer."""
    rows = select(in_streams).where(in_streams.c.peer == peer).order_by(in_streams.c.stream)
    return {row.stream: (row.epoch, row.seq) for row in work.connection.execute(rows)}
