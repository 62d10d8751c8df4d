"""Small pictures with what cameras and phones write into them; their drawing is not looked at."""

import struct
import zlib

PLACE = b"42.0000N 21.4333E, taken at her home"
"""What no society may hear of a picture."""

SCAN = bytes(range(1, 200)) + b"\xff\x00\xff\xd0" + bytes(range(1, 90))
"""Coded data of a JPEG, with an escaped 0xFF and a restart."""


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def exif(turn: int, order: str = "<") -> bytes:
    """Exif data that says how the picture is turned, and where it was taken."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, turn, 0)
    return b"Exif\0\0" + head + struct.pack(f"{order}H", 1) + entry + bytes(4) + PLACE


def make_jpeg(mark: bytes = b"", *, turn: int = 1, order: str = "<", told: bool = True) -> bytes:
    """A JPEG; `told`: with what its camera says of it, and a second picture behind its end."""
    said = segment(0xE1, exif(turn, order)) + segment(0xFE, PLACE) if told else b""
    said += segment(0xED, PLACE) + segment(0xE2, b"MPF\0" + PLACE) if told else b""
    drawn = segment(0xDB, bytes(65)) + segment(0xC0, bytes(15)) + segment(0xDA, bytes(10))
    body = segment(0xE0, b"JFIF\0" + bytes(9)) + said + drawn + SCAN + mark
    return b"\xff\xd8" + body + b"\xff\xd9" + (b"\xff\xd8" + PLACE if told else b"")


def chunk(kind: bytes, body: bytes) -> bytes:
    checked = kind + body
    return struct.pack(">I", len(body)) + checked + struct.pack(">I", zlib.crc32(checked))


def make_png(*, told: bool = True) -> bytes:
    """A PNG; `told`: with words, time and Exif, and something behind its end."""
    said = chunk(b"tEXt", b"Location\0" + PLACE) + chunk(b"eXIf", PLACE) if told else b""
    drawn = chunk(b"IHDR", bytes(13)) + said + chunk(b"IDAT", zlib.compress(bytes(64)))
    return b"\x89PNG\r\n\x1a\n" + drawn + chunk(b"IEND", b"") + (PLACE if told else b"")
