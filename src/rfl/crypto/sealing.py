"""Sealed values: `0x01 || nonce (12) || AES-256-GCM ciphertext and tag`.

The associated data names the place (table, column, row, record), so that a value that was
moved to another row or record does not open (guide: security, Keys). Nonces are random: a data
key seals a few values of one record, far below the 2^32 of NIST SP 800-38D section 8.3.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rfl.crypto.framing import joined, padded, sized_each, unpadded, unpadded_each
from rfl.errors import SealBroken

VERSION = b"\x01"
OpensMany = Callable[[str, str, Sequence[str], Sequence[bytes], Sequence[bytes]], list[bytes]]
"""Table, column, records, their raw keys, and what is sealed in their own rows: `open_many`."""

_NONCE = 12


@dataclass(frozen=True, slots=True)
class DataKey:
    """One unwrapped 32-byte key of a record; never shown, never stored."""

    raw: bytes = field(repr=False)
    cipher: AESGCM = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "cipher", AESGCM(self.raw))


@lru_cache(maxsize=256)
def _column(table: str, column: str) -> bytes:
    return joined("rfl1", table, column)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a sealed value stands."""

    table: str
    column: str
    row: str
    record: str

    def associated(self) -> bytes:
        """Return the associated data that binds a value to this spot."""
        return _column(self.table, self.column) + joined(self.row, self.record)


def seal(key: DataKey, spot: Spot, content: bytes) -> bytes:
    """Seal padded content for one spot."""
    nonce = os.urandom(_NONCE)
    return VERSION + nonce + key.cipher.encrypt(nonce, padded(content), spot.associated())


def seal_row(
    table: str, record: str, contents: Iterable[tuple[str, DataKey, bytes]]
) -> dict[str, bytes]:
    """Seal columns of a record's own row: what `seal` does, its place and nonces made at once."""
    columns = list(contents)
    place, drawn = joined(record, record), os.urandom(_NONCE * len(columns))
    sealed: dict[str, bytes] = {}
    for number, (column, key, content) in enumerate(columns):
        nonce = drawn[_NONCE * number : _NONCE * (number + 1)]
        associated = _column(table, column) + place
        sealed[column] = VERSION + nonce + key.cipher.encrypt(nonce, padded(content), associated)
    return sealed


def open_sealed(key: DataKey, spot: Spot, sealed: bytes) -> bytes:
    """Return the content, or raise SealBroken if the value, its place or its key is not right."""
    if sealed[:1] != VERSION or len(sealed) < 1 + _NONCE + 16:
        raise SealBroken
    nonce = sealed[1 : 1 + _NONCE]
    try:
        framed = key.cipher.decrypt(nonce, sealed[1 + _NONCE :], spot.associated())
    except InvalidTag as cause:
        raise SealBroken from cause
    return unpadded(framed)


def open_many(
    table: str,
    column: str,
    records: Sequence[str],
    keys: Sequence[bytes],
    sealed: Sequence[bytes],
) -> list[bytes]:
    """Open one column of many records' own rows: what `open_sealed` does, in one loop.

    Each cipher is let go at once: a few thousand of them fill the processor's caches.
    """
    if any(value[:1] != VERSION for value in sealed):
        raise SealBroken
    place = _column(table, column)
    try:
        framed = [
            AESGCM(key).decrypt(value[1:13], value[13:], place + own + own)
            for own, key, value in zip(sized_each(records), keys, sealed, strict=True)
        ]
    except (InvalidTag, ValueError) as cause:
        raise SealBroken from cause
    return unpadded_each(framed)
