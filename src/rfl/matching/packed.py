"""The sealed terms of one record as 32-bit words, so that a start makes no object for each term.

A record: one word (version of the terms, how many persons, mark of a society's own list), then for
each person one word (the length of what follows the id, the pool), eight words of id in ASCII, and
the person's terms as `terms.Terms` writes them. All numbers are little-endian.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.block import Block
from rfl.matching.layout import HEADER, Rules

Entry = tuple[str, str, bytes]
"""A person of a record: the pool's letter, the person's id, its terms."""

_RECORD: Final = struct.Struct("<HBB")
_PERSON: Final = struct.Struct("<HcB32s")
_BODY: Final = (_RECORD.size + _PERSON.size) // 4


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Many contents at once: those of one registered person as a block, the rest by number."""

    registered: NDArray[np.intp]
    block: Block
    others: NDArray[np.intp]


def pack(entries: Sequence[Entry], rules: Rules, *, hidden: bool = False) -> bytes:
    """The content to seal; a hidden record has one of the same size that names nobody."""
    version, own = rules
    parts = [_RECORD.pack(version, len(entries), own)]
    for pool, person, terms in entries:
        parts.append(_PERSON.pack(len(terms) // 4, pool.encode(), 0, person.encode("ascii")))
        parts.append(terms)
    content = b"".join(parts)
    if hidden:
        return _RECORD.pack(version, 0, own) + bytes(len(content) - _RECORD.size)
    return content


def unpack(content: bytes) -> list[Entry]:
    """The persons of a record, whose terms must be of this version."""
    entries = []
    place = _RECORD.size
    for _person in range(content[2]):
        words, pool, _, person = _PERSON.unpack_from(content, place)
        place += _PERSON.size
        entries.append((pool.decode(), person.rstrip(b"\0").decode(), content[place:][: 4 * words]))
        place += 4 * words
    return entries


def persons_in(content: bytes) -> list[str]:
    """The ids of a record's persons: where they stand is the same in every version."""
    found, place = [], _RECORD.size
    for _person in range(content[2]):
        words, _pool, _, person = _PERSON.unpack_from(content, place)
        found.append(person.rstrip(b"\0").decode())
        place += _PERSON.size + 4 * words
    return found


def stale_among(contents: Sequence[bytes], rules: Rules) -> list[int]:
    """The numbers of those that another version or another list wrote: they are made anew.

    Those that name nobody never are: whoever is hidden stays so.
    """
    version, own = rules
    begins, ends = version.to_bytes(2, "little"), bytes([own])
    return [
        number
        for number, content in enumerate(contents)
        if (content[:2] != begins or content[3:4] != ends) and not _names_nobody(content)
    ]


def _names_nobody(content: bytes) -> bool:
    return len(content) >= _RECORD.size and content[2] == 0


def unpack_many(contents: Sequence[bytes], pool: str, rules: Rules) -> Unpacked:
    """Tell the records of one person in this pool from others, and take their terms out."""
    lengths = np.fromiter(map(len, contents), dtype=np.int64, count=len(contents)) // 4
    words = np.frombuffer(b"".join(contents), dtype="<u4")
    starts = np.cumsum(lengths) - lengths
    seconds = words[np.minimum(starts + 1, len(words) - 1)]
    version, own = rules
    simple = (words[starts] == version | 1 << 16 | own << 24) & (seconds >> 16 == ord(pool))
    simple &= (seconds & 0xFFFF).astype(np.int64) + _BODY == lengths
    simple &= lengths >= _BODY + HEADER.size // 4
    registered = np.flatnonzero(simple)
    block = Block(words, starts[registered] + _BODY, lengths[registered] - _BODY)
    return Unpacked(registered, block, np.flatnonzero(~simple))
