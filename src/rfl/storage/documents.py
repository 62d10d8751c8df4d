"""A whole document as one sealed value, padded to a size class, so that its length says little.

`length (4) || zlib(JSON) || zeros`, sealed under the record's rest key. The classes are 4 kB and
each four times the one before: a search that ended in a refusal, and one that ended in nothing,
have the same size unless one of them has many times more text.
"""

import zlib
from typing import TypeVar

import msgspec

from rfl.crypto.sealing import Spot
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


def sealed_document(work: Work, table: str, record: str, document: object) -> bytes:
    """Return the document sealed for the record's row of this table, or raise TooLarge."""
    packed = zlib.compress(_ENCODER.encode(document), 6)
    framed = len(packed).to_bytes(_LENGTH, "big") + packed
    size = SMALLEST
    while size < len(framed) + _LENGTH:
        size *= 4
    if size > LARGEST:
        raise TooLarge("The file of this case is full.")
    filled = framed + bytes(size - _LENGTH - len(framed))
    return vault.sealed_value(work, Spot(table, CONTENT, record, record), Half.REST, filled)


def opened_document(work: Work, table: str, record: str, sealed: bytes, kind: type[_T]) -> _T:
    """Return the document of a row; an entry must stand before."""
    row = SealedRow(table, record, record, {CONTENT: sealed})
    filled = vault.open_logged(work, row, CONTENT, Half.REST)
    end = _LENGTH + int.from_bytes(filled[:_LENGTH], "big")
    try:
        return msgspec.json.decode(zlib.decompress(filled[_LENGTH:end]), type=kind)
    except (zlib.error, msgspec.DecodeError) as cause:
        raise SealBroken("A sealed file is not one that this version reads.") from cause
