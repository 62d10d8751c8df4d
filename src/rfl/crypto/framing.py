"""Unambiguous bytes: length-prefixed parts for associated data, padding for what is sealed."""

import struct
from collections.abc import Sequence

from rfl.errors import SealBroken

PAD_TO = 128


def joined(*parts: str) -> bytes:
    """Join parts so that no two different lists of parts give the same bytes."""
    framed = b""
    for part in parts:
        raw = part.encode("utf-8")
        framed += len(raw).to_bytes(4, "big") + raw
    return framed


def sized_each(parts: Sequence[str]) -> list[bytes]:
    """Each part as `joined` writes it, for loops over many of one length, such as ids."""
    raws = [part.encode("utf-8") for part in parts]
    sizes = {size: size.to_bytes(4, "big") for size in set(map(len, raws))}
    return [sizes[len(raw)] + raw for raw in raws]


def padded(content: bytes) -> bytes:
    """Put the length before the content and zeros after it, up to a multiple of PAD_TO bytes.

    Without it the size of a sealed value tells the length of a name and whether an optional
    field is there.
    """
    framed = len(content) + 4
    return len(content).to_bytes(4, "big") + content + bytes(-framed % PAD_TO)


def unpadded_each(framed: Sequence[bytes]) -> list[bytes]:
    """Each as `unpadded` returns it, or raise SealBroken for any; in one pass over many."""
    ends = [4 + int.from_bytes(one[:4], "big") for one in framed]
    if any(end > len(one) for end, one in zip(ends, framed, strict=True)):
        raise SealBroken
    return [one[4:end] for end, one in zip(ends, framed, strict=True)]


def unpadded(framed: bytes) -> bytes:
    """Return what `padded` was given, or raise SealBroken."""
    if len(framed) < 4:
        raise SealBroken
    (length,) = struct.unpack_from(">I", framed)
    if length > len(framed) - 4:
        raise SealBroken
    return framed[4 : 4 + length]
