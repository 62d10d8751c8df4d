"""A whole document as one sealed value, padded to a size class, so that its length says little.

`length (4) || zlib(JSON) || zeros`, sealed under the record's rest key. The classes are 4 kB and
each four times the one before: a search that ended in a refusal, and one that ended in nothing,
have the same size unless one of them has many times more text.
"""

import zlib
from typing import TypeVar

import msgspec

from rfl.crypto.sealing import Spot
from rfl.domain.decoding import decoded
from rfl.domain.groups import Half
from rfl.errors import SealBroken, TooLarge
from rfl.storage import vault
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

CONTENT = "content"
SMALLEST = 4_096
LARGEST = 16 * 1024 * 1024
_LENGTH = 4
_ENCODER = msgspec.json.Encoder()
_T = TypeVar("_T")


def sealed_document(
    work: Work, table: str, row: str, document: object, record: str | None = None
) -> bytes:
    """Return the document sealed for this row of the table, or raise TooLarge.

    It is sealed under the keys of `record`; without one the row is the record itself.
    """
    packed = zlib.compress(_ENCODER.encode(document), 6)
    framed = len(packed).to_bytes(_LENGTH, "big") + packed
    size = SMALLEST
    while size < len(framed) + _LENGTH:
        size *= 4
    if size > LARGEST:
        raise TooLarge("The file of this case is full.")
    filled = framed + bytes(size - _LENGTH - len(framed))
    return vault.sealed_value(work, Spot(table, CONTENT, row, record or row), Half.REST, filled)


def opened_document(
    work: Work, table: str, row: str, sealed: bytes, kind: type[_T], record: str | None = None
) -> _T:
    """Return the document of a row; an entry must stand before."""
    sealed_row = SealedRow(table, row, record or row, {CONTENT: sealed})
    return unpacked(vault.open_logged(work, sealed_row, CONTENT, Half.REST), kind)


def unpacked(filled: bytes, kind: type[_T]) -> _T:
    """Return what an opened document says as a type; members that it does not have are left out."""
    end = _LENGTH + int.from_bytes(filled[:_LENGTH], "big")
    try:
        return decoded(zlib.decompress(filled[_LENGTH:end]), kind)
    except (zlib.error, msgspec.DecodeError) as cause:
        raise SealBroken("A sealed file is not one that this version reads.") from cause
