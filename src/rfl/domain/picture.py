"""Pictures without what they say of themselves: place, time, device, words, a second picture.

What is drawn stays bit for bit: nothing is decoded. JPEG: ITU-T T.81, annex B; Exif 2.3 for the
one thing that is kept, how the picture is turned. PNG: W3C Portable Network Graphics, section 11.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from rfl.errors import UnsupportedMedia

_SOI, _EOI, _SOS, _APP0, _APP1, _APP14, _COMMENT = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xEE, 0xFE
_APPLICATIONS: Final = range(0xE0, 0xF0)
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length: TEM and the restarts."""

_KEPT: Final = frozenset({_APP0, _APP14})
"""JFIF, and Adobe's word on how colours are meant: without it they come out wrong."""

_ORIENTATION: Final = 0x0112
_SHORT: Final = 3
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_CHUNKS: Final = frozenset(
    {
        *(b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"),
        *(b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"bKGD", b"pHYs"),
    }
)


def bare(media_type: str, content: bytes) -> bytes:
    """Return the picture alone, or raise UnsupportedMedia for one that cannot be read as stated."""
    parts = _jpeg if media_type == "image/jpeg" else _png
    try:
        return b"".join(parts(content))
    except (IndexError, struct.error) as cause:
        raise UnsupportedMedia("The picture is cut off or not sound.", field="body") from cause


def _jpeg(content: bytes) -> Iterator[bytes]:
    yield b"\xff\xd8"
    at = 2
    while True:
        at = _marker(content, at)
        kind = content[at]
        if kind == _EOI:
            yield b"\xff\xd9"
            return
        if kind in _ALONE:
            yield bytes((0xFF, kind))
            at += 1
            continue
        (length,) = struct.unpack_from(">H", content, at + 1)
        body, end = content[at + 3 : at + 1 + length], at + 1 + length
        if length < 2 or end > len(content):
            raise IndexError
        if kind == _APP1:
            yield _turned(body)
        elif kind in _KEPT or (kind not in _APPLICATIONS and kind != _COMMENT):
            yield bytes((0xFF, kind)) + content[at + 1 : end]
        at = end
        if kind == _SOS:
            until = _scanned(content, at)
            yield content[at:until]
            at = until


def _marker(content: bytes, at: int) -> int:
    """Return where the code of the marker that begins here stands; 0xFF before it is filling."""
    if content[at] != 0xFF:
        raise IndexError
    while content[at] == 0xFF:
        at += 1
    return at


def _scanned(content: bytes, at: int) -> int:
    """Return where the coded data that begins here ends: at a marker that is no restart."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise IndexError
        if content[at + 1] and content[at + 1] not in _ALONE:
            return at
        at += 2


def _turned(body: bytes) -> bytes:
    """Return a segment that says how the picture is turned and nothing else; empty if upright."""
    if not body.startswith(b"Exif\0\0"):
        return b""
    tiff = body[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return b""
    try:
        turn = _orientation(tiff, order)
    except struct.error:
        return b""
    if not 1 < turn <= 8:
        return b""
    entry = struct.pack(">HHIHH", _ORIENTATION, _SHORT, 1, turn, 0)
    said = b"Exif\0\0" + b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4)
    return b"\xff\xe1" + struct.pack(">H", len(said) + 2) + said


def _orientation(tiff: bytes, order: str) -> int:
    (first,) = struct.unpack_from(f"{order}I", tiff, 4)
    (count,) = struct.unpack_from(f"{order}H", tiff, first)
    for number in range(count):
        tag, kind, _many, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * number)
        if (tag, kind) == (_ORIENTATION, _SHORT):
            return int(value)
    return 1


def _png(content: bytes) -> Iterator[bytes]:
    yield _SIGNATURE
    at, kind = len(_SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content) or struct.unpack_from(">I", content, end - 4)[0] != zlib.crc32(
            content[at + 4 : end - 4]
        ):
            raise IndexError
        if kind in _CHUNKS:
            yield content[at:end]
        at = end
