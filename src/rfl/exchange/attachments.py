"""Attachments: sealed bytes that travel beside the letter that names them, and holds their key.

What is sealed is `length (8, big endian) || content || zeros`, filled up to the Padmé size
(Nikitin et al., PETS 2019: at most 12 % more, and a size tells little), as a stream of sealed
chunks (`crypto.streams`) under a key of its own. The letter names SHA-256 of the sealed bytes, so
a blob belongs to one letter, opens with that letter alone, and any host may carry it.
"""

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from rfl.crypto import streams
from rfl.crypto.streams import SealingWriter, opened_chunks
from rfl.errors import BadEnvelope, SealBroken, TooLarge
from rfl.exchange.letter import Attachment, Letter
from rfl.exchange.network import Network
from rfl.exchange.post import trusted
from rfl.storage import blobs
from rfl.storage.blobs import Blob, PartSink, PartSource
from rfl.storage.work import Work

LABEL: Final = "rfl-blob-v1"
SMALLEST: Final = 16_384
KEY_BYTES: Final = 32
_LENGTH: Final = 8
_ZEROS: Final = 65_536


def attach(
    work: Work, network: Network, peer: str, content: Iterable[bytes], size: int, media_type: str
) -> Attachment:
    """Seal `size` bytes for a letter to a peer, or raise TooLarge; memory stays constant.

    Each attachment is sealed anew: two societies that are sent the same never see equal bytes.
    """
    to = trusted(work, network, peer)
    if sealed_size(size) > to.limits.blob_bytes:
        raise TooLarge("The attachment is larger than what the peer takes.")
    sink = PartSink(work, peer)
    key = seal_into(sink, content, size)
    blob = sink.finish()
    return Attachment(blob.digest, blob.size, media_type, key)


def seal_into(sink: PartSink, content: Iterable[bytes], size: int) -> bytes:
    """Write exactly `size` bytes of content sealed into the sink; return the fresh key."""
    key = os.urandom(KEY_BYTES)
    writer = SealingWriter(sink, key, LABEL)
    writer.write(size.to_bytes(_LENGTH, "big"))
    written = 0
    for part in content:
        written += len(part)
        writer.write(part)
    if written != size:
        raise AssertionError("the content is not as long as was said")
    fill = filled(_LENGTH + size) - _LENGTH - size
    for start in range(0, fill, _ZEROS):
        writer.write(bytes(min(_ZEROS, fill - start)))
    writer.finish()
    return key


def opened(work: Work, peer: str, attachment: Attachment) -> Iterator[bytes]:
    """Yield the content of an attachment that a peer's letter names, or raise BadEnvelope."""
    blob = named(work, peer, attachment)
    if blob is None:
        raise BadEnvelope
    yield from opened_blob(work, blob, attachment.key)


def opened_blob(work: Work, blob: Blob, key: bytes) -> Iterator[bytes]:
    """Yield the content of a blob chunk by chunk, or raise BadEnvelope where it is not whole.

    Nothing may be shown before the last chunk has come: only then is it known to be all.
    """
    try:
        chunks = opened_chunks(PartSource(work, blob), key, LABEL)
        framed = next(chunks)
        if len(framed) < _LENGTH:
            raise BadEnvelope
        left = int.from_bytes(framed[:_LENGTH], "big")
        fill = filled(_LENGTH + left) - _LENGTH - left
        for chunk in chain([framed[_LENGTH:]], chunks):
            content, zeros = chunk[:left], chunk[left:]
            left, fill = left - len(content), fill - len(zeros)
            if zeros.strip(b"\x00"):
                raise BadEnvelope
            if content:
                yield content
    except SealBroken as cause:
        raise BadEnvelope from cause
    if left or fill:
        raise BadEnvelope


def named(work: Work, peer: str, attachment: Attachment) -> Blob | None:
    """Return the blob that a peer's letter names, if it is here whole and of that size."""
    blob = blobs.find(work, peer, attachment.digest, outgoing=False)
    if blob is None or not blob.whole or blob.size != attachment.size:
        return None
    return blob


def are_here(work: Work, peer: str, letter: Letter) -> bool:
    """Tell whether all that a letter names is here."""
    return all(named(work, peer, one) is not None for one in letter.attachments)


def let_go(work: Work, peer: str, letter: Letter) -> None:
    """Forsake what a letter has brought and no record has taken as its own."""
    found = (named(work, peer, one) for one in letter.attachments)
    blobs.forsake(work, [blob.id for blob in found if blob is not None])


def filled(length: int) -> int:
    """Return the Padmé size of a length: its highest bits are kept, the lower ones rounded up."""
    if length <= SMALLEST:
        return SMALLEST
    highest = length.bit_length() - 1
    mask = (1 << (highest - highest.bit_length())) - 1
    return (length + mask) & ~mask


def sealed_size(size: int) -> int:
    """Return how many bytes a sealed blob of so much content has."""
    return streams.sealed_size(filled(_LENGTH + size))
