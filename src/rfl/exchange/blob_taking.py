"""Take a peer's blob in, part by part, whatever way it comes: by its call, by a pull or by file."""

from typing import Final

from rfl.errors import BadEnvelope, StorageBusy, TooLarge
from rfl.exchange.network import Network
from rfl.storage import blob_room, blobs
from rfl.storage.blobs import PART, Blob
from rfl.storage.work import Work

MOST_WAITING: Final = 64
MOST_SIZES: Final = 8
"""What of one peer may wait for the letters that name it: so many, and so many largest blobs."""


def expected(
    work: Work, network: Network, peer: str, blob_of: tuple[bytes, int], *, by_file: bool = False
) -> Blob:
    """Return what is here of a peer's blob, or begin it.

    `blob_of` is its digest and size. TooLarge for one that is never taken, StorageBusy while too
    much of the peer waits here. A file that people carry brings its letters with it, and is whole.
    """
    digest, size = blob_of
    blob = blobs.find(work, peer, digest, outgoing=False)
    if blob is not None:
        if blob.size != size:
            raise BadEnvelope
        return blob
    if not 0 < size <= network.limits.blob_bytes:
        raise TooLarge("The blob is larger than what this node takes.")
    count, total = blob_room.waiting(work, peer)
    is_much = count >= MOST_WAITING or total + size > MOST_SIZES * network.limits.blob_bytes
    if is_much and not by_file:
        raise StorageBusy("Too many blobs wait here for the letters that name them.")
    return blobs.expect(work, peer, digest, size)


def take_part(work: Work, blob: Blob, first: int, content: bytes) -> Blob:
    """Keep a part if it is the next one, and return what is here then.

    A part that is here already, or that is not the next one, changes nothing: the answer says where
    to go on. One of another length than a part's is BadEnvelope.
    """
    if first != blob.have or blob.whole:
        return blob
    if len(content) != min(PART, blob.size - first):
        raise BadEnvelope
    return blobs.put_part(work, blob, content)


def is_true(work: Work, blob: Blob) -> bool:
    """Tell whether all that came is what the digest says; it is read part by part."""
    return blobs.digest_of(work, blob) == blob.digest


def conclude(work: Work, blob: Blob, *, true: bool) -> Blob:
    """Keep a blob whose digest was found true; of one that is not, nothing stays."""
    return blobs.completed(work, blob) if true else blobs.emptied(work, blob)
