"""Tables `blobs`, `blob_parts`, `blob_holds`: attachments as sealed bytes, in parts of one size.

What stands here opens with keys that stand elsewhere: in a letter, or sealed under a record's data
key. A blob is known by SHA-256 of its sealed bytes, to one society alone: nobody learns whether
another has sent the same. It stays while a letter or a record holds it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.sql import ColumnElement

from rfl.domain.ids import new_id
from rfl.storage import direct
from rfl.storage.columns import Code, Digest, Id, Micros, metadata
from rfl.storage.work import Work

PART: Final = 262_144
"""Bytes of a part; the last one of a blob may be shorter."""

_FORSAKEN: Final = 0

blobs = Table(
    "blobs",
    metadata,
    Column("id", Id, primary_key=True),
    Column("peer", Code),
    Column("outgoing", Boolean, nullable=False),
    Column("digest", Digest, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("have", BigInteger, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("at", Micros, nullable=False),
    Index("uq_blobs_peer_outgoing_digest", "peer", "outgoing", "digest", unique=True),
)

blob_parts = Table(
    "blob_parts",
    metadata,
    Column("blob_id", Id, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content", LargeBinary, nullable=False),
)

blob_holds = Table(
    "blob_holds",
    metadata,
    Column("blob_id", Id, primary_key=True),
    Column("holder", Id, primary_key=True),
    Index("ix_blob_holds_holder", "holder"),
)


@dataclass(frozen=True, slots=True)
class Blob:
    """Sealed bytes: of a peer, to it or from it, or of a record of this node (`peer` None).

    `have` bytes are here; `whole` once all are, and their digest was found true.
    """

    id: str
    peer: str | None
    outgoing: bool
    digest: bytes
    size: int
    have: int
    whole: bool
    at: int


class PartSink:
    """Takes sealed bytes as a file does, and keeps them in parts as they come."""

    def __init__(self, work: Work, peer: str | None) -> None:
        self._work, self._peer = work, peer
        self._id, self._number = new_id("blb"), 0
        self._buffer, self._hash, self._size = bytearray(), hashlib.sha256(), 0

    def write(self, content: bytes) -> int:
        """Add bytes; whole parts are kept at once."""
        self._buffer += content
        self._hash.update(content)
        self._size += len(content)
        while len(self._buffer) >= PART:
            self._keep(PART)
        return len(content)

    def finish(self, holder: str | None = None) -> Blob:
        """Keep the last part, and the blob; a record may hold it from the start."""
        if self._buffer:
            self._keep(len(self._buffer))
        outgoing, digest = self._peer is not None, self._hash.digest()
        size, at = self._size, self._work.micros
        blob = Blob(self._id, self._peer, outgoing, digest, size, size, True, at)
        _add(self._work, blob)
        if holder is not None:
            hold(self._work, blob.id, holder)
        return blob

    def _keep(self, length: int) -> None:
        _add_part(self._work, self._id, self._number, bytes(self._buffer[:length]))
        del self._buffer[:length]
        self._number += 1


class PartSource:
    """Gives a blob's sealed bytes as a file does, one part in memory."""

    def __init__(self, work: Work, blob: Blob) -> None:
        self._parts = parts(work, blob)
        self._buffer = bytearray()

    def read(self, length: int) -> bytes:
        """Return the next bytes, fewer at the end."""
        while len(self._buffer) < length:
            part = next(self._parts, None)
            if part is None:
                break
            self._buffer += part
        found = bytes(self._buffer[:length])
        del self._buffer[:length]
        return found


def find(work: Work, peer: str | None, digest: bytes, *, outgoing: bool) -> Blob | None:
    """Return what is kept under this digest, to a peer or from it, or None."""
    return _first(work, (blobs.c.digest == digest) & (blobs.c.outgoing == outgoing) & _of(peer))


def load(work: Work, blob_id: str) -> Blob | None:
    """Return a blob by its id, or None."""
    return _first(work, blobs.c.id == blob_id)


def expect(work: Work, peer: str, digest: bytes, size: int) -> Blob:
    """Begin to take a peer's blob in; nothing of it is here yet."""
    blob = Blob(new_id("blb"), peer, False, digest, size, 0, False, work.micros)
    _add(work, blob)
    return blob


def put_part(work: Work, blob: Blob, content: bytes) -> Blob:
    """Keep the part that follows what is here; return the blob as it then is."""
    _add_part(work, blob.id, blob.have // PART, content)
    return _changed(work, blob, have=blob.have + len(content))


def completed(work: Work, blob: Blob) -> Blob:
    """Say that all of a blob is here and its digest is true."""
    return _changed(work, blob, whole=True)


def emptied(work: Work, blob: Blob) -> Blob:
    """Drop what came of a blob: it was not what its digest says."""
    work.connection.execute(delete(blob_parts).where(blob_parts.c.blob_id == blob.id))
    return _changed(work, blob, have=0)


def parts(work: Work, blob: Blob) -> Iterator[bytes]:
    """Yield what is here of a blob, part by part."""
    for number in range(-(-blob.have // PART)):
        yield part(work, blob, number)


def part(work: Work, blob: Blob, number: int) -> bytes:
    """Return one part; empty where there is none."""
    mine = (blob_parts.c.blob_id == blob.id) & (blob_parts.c.number == number)
    return bytes(work.connection.scalar(select(blob_parts.c.content).where(mine)) or b"")


def digest_of(work: Work, blob: Blob) -> bytes:
    """Return SHA-256 of what is here, read part by part."""
    digest = hashlib.sha256()
    for content in parts(work, blob):
        digest.update(content)
    return digest.digest()


def hold(work: Work, blob_id: str, holder: str) -> None:
    """Let a letter or a record hold a blob."""
    work.connection.execute(insert(blob_holds), {"blob_id": blob_id, "holder": holder})


def let_go(work: Work, holders: Sequence[str]) -> int:
    """Remove what these letters or records hold and nobody else does; return how many blobs."""
    mine = blob_holds.c.holder.in_(holders)
    held = list(work.connection.scalars(select(blob_holds.c.blob_id).where(mine)))
    work.connection.execute(delete(blob_holds).where(mine))
    return remove(work, held)


def release(work: Work, holder: str, ids: Sequence[str]) -> None:
    """Let a record hold these blobs no longer; what nobody holds then is forsaken."""
    mine = (blob_holds.c.holder == holder) & blob_holds.c.blob_id.in_(ids)
    work.connection.execute(delete(blob_holds).where(mine))
    forsake(work, ids)


def release_all(work: Work, holders: Sequence[str]) -> None:
    """Let these records hold nothing any longer, within a savepoint as well."""
    mine = blob_holds.c.holder.in_(holders)
    held = list(work.connection.scalars(select(blob_holds.c.blob_id).where(mine)))
    work.connection.execute(delete(blob_holds).where(mine))
    forsake(work, held)


def remove(work: Work, ids: Sequence[str]) -> int:
    """Remove those of these blobs that nobody holds, with their bytes; return how many."""
    if not ids:
        return 0
    free = select(blobs.c.id).where(blobs.c.id.in_(ids), ~is_held())
    gone = list(work.connection.scalars(free))
    work.connection.execute(delete(blob_parts).where(blob_parts.c.blob_id.in_(gone)))
    work.connection.execute(delete(blobs).where(blobs.c.id.in_(gone)))
    return len(gone)


def forsake(work: Work, ids: Sequence[str]) -> None:
    """Mark those of these blobs that nobody holds, for `remove_forsaken`.

    Within a savepoint nothing large may be deleted: SQLite would keep all of it in memory.
    """
    if ids:  # most letters bring nothing
        free = blobs.c.id.in_(ids) & ~is_held()
        work.connection.execute(update(blobs).where(free).values(at=_FORSAKEN))


def remove_forsaken(work: Work) -> int:
    """Remove what was forsaken in this transaction; return how many."""
    return remove_unclaimed(work, _FORSAKEN + 1)


def remove_unclaimed(work: Work, before: int) -> int:
    """Remove peers' blobs that no letter has named since a time; return how many."""
    late = direct.every(work.connection, _UNCLAIMED, {"before": before})
    return remove(work, [row.id for row in late])


def is_held() -> ColumnElement[bool]:
    """Return the condition that a letter or a record holds a blob."""
    return select(blob_holds.c.holder).where(blob_holds.c.blob_id == blobs.c.id).exists()


def _add(work: Work, blob: Blob) -> None:
    values = {name: getattr(blob, name) for name in Blob.__slots__}
    work.connection.execute(insert(blobs), values)


def _add_part(work: Work, blob_id: str, number: int, content: bytes) -> None:
    values = {"blob_id": blob_id, "number": number, "content": content}
    work.connection.execute(insert(blob_parts), values)


def _changed(work: Work, blob: Blob, **values: object) -> Blob:
    changed = update(blobs).where(blobs.c.id == blob.id).values(at=work.micros, **values)
    work.connection.execute(changed)
    found = load(work, blob.id)
    assert found is not None  # noqa: S101 (it was changed in this transaction)
    return found


def _first(work: Work, mine: ColumnElement[bool]) -> Blob | None:
    found = work.connection.execute(select(blobs).where(mine)).first()
    if found is None:
        return None
    values = {name: getattr(found, name) for name in Blob.__slots__}
    return Blob(**values | {"digest": bytes(found.digest)})


def _of(peer: str | None) -> ColumnElement[bool]:
    return blobs.c.peer.is_(None) if peer is None else blobs.c.peer == peer


# Made once: every call that brings letters asks it.
_UNCLAIMED: Final = select(blobs.c.id).where(
    ~blobs.c.outgoing, blobs.c.peer.is_not(None), blobs.c.at < bindparam("before"), ~is_held()
)
