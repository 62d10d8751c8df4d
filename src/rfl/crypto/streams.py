"""A sealed stream of any length in constant memory, for backups and attachments.

`magic (8) || salt (16) || chunks`; a chunk is `length (4) || AES-256-GCM`, its nonce the chunk's
number and a last-chunk flag, so that chunks cannot be reordered, dropped or cut off (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015).
"""

import os
import struct
from collections.abc import Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rfl.errors import SealBroken

MAGIC = b"rflstrm1"
CHUNK = 64 * 1024


class Sink(Protocol):
    """What takes bytes as a binary file does."""

    def write(self, content: bytes, /) -> int:
        """Take bytes and return how many."""


class Source(Protocol):
    """What gives bytes as a binary file does."""

    def read(self, length: int, /) -> bytes:
        """Return the next bytes, fewer at the end."""


def sealed_size(length: int) -> int:
    """Return how many bytes a sealed stream of so much content has."""
    return len(MAGIC) + 16 + length + max(1, -(-length // CHUNK)) * (4 + 16)


class SealingWriter:
    """Write bytes into a sealed stream. `finish` must be called: without it nothing opens."""

    def __init__(self, sink: Sink, key: bytes, label: str) -> None:
        salt = os.urandom(16)
        self._sink, self._cipher = sink, _cipher(key, salt, label)
        self._buffer, self._number = bytearray(), 0
        sink.write(MAGIC + salt)

    def write(self, content: bytes) -> None:
        """Add bytes; whole chunks are sealed and written at once."""
        self._buffer += content
        while len(self._buffer) > CHUNK:
            self._put(bytes(self._buffer[:CHUNK]), last=False)
            del self._buffer[:CHUNK]

    def finish(self) -> None:
        """Seal the last chunk, which says that it is the last."""
        self._put(bytes(self._buffer), last=True)
        self._buffer.clear()

    def _put(self, chunk: bytes, *, last: bool) -> None:
        sealed = self._cipher.encrypt(_nonce(self._number, last=last), chunk, None)
        self._sink.write(struct.pack(">I", len(sealed)) + sealed)
        self._number += 1


def opened_chunks(source: Source, key: bytes, label: str) -> Iterator[bytes]:
    """Yield the content chunk by chunk, or raise SealBroken where the stream is not whole."""
    if source.read(8) != MAGIC:
        raise SealBroken("The file is not a sealed stream of this node.")
    cipher = _cipher(key, source.read(16), label)
    number, last = 0, False
    while not last:
        sealed = _next_sealed(source)
        chunk, last = _opened(cipher, number, sealed)
        yield chunk
        number += 1
    if source.read(1):
        raise SealBroken("The sealed stream goes on after its end.")


def _next_sealed(source: Source) -> bytes:
    head = source.read(4)
    if len(head) < 4:
        raise SealBroken("The sealed stream was cut off.")
    (length,) = struct.unpack(">I", head)
    if not 16 <= length <= CHUNK + 16:
        raise SealBroken
    sealed = source.read(length)
    if len(sealed) < length:
        raise SealBroken("The sealed stream was cut off.")
    return sealed


def _opened(cipher: AESGCM, number: int, sealed: bytes) -> tuple[bytes, bool]:
    for last in (False, True):
        try:
            return cipher.decrypt(_nonce(number, last=last), sealed, None), last
        except InvalidTag:
            continue
    raise SealBroken


def _nonce(number: int, *, last: bool) -> bytes:
    return struct.pack(">3xQB", number, last)


def _cipher(key: bytes, salt: bytes, label: str) -> AESGCM:
    info = b"rfl1-stream\x00" + label.encode()
    return AESGCM(HKDF(SHA256(), 32, salt=salt, info=info).derive(key))
