"""A part of the index as bytes, from the process that sorted it to the one that searches."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from rfl.matching.keys import Keys, pack_keys
from rfl.matching.layout import Rules
from rfl.matching.packed import stale_among, unpack_many
from rfl.matching.segment import Segment, build

REGISTERED: Final = "r"
_APART: Final = frozenset({"keys", "alive"})
_NAMES: Final = tuple(name for name in Segment.__slots__ if name not in _APART)


class _Array(msgspec.Struct, frozen=True, array_like=True):
    kind: str
    values: bytes

    def array(self) -> NDArray[Any]:
        return np.frombuffer(self.values, dtype=self.kind)


class _Message(msgspec.Struct, frozen=True, array_like=True):
    """`arrays` are those of the keys, then those of the segment; none if it is of nobody."""

    arrays: list[_Array]
    records: list[str]
    contents: list[bytes]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Message)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What came over: a part of the index, and the opened terms that are in none."""

    segment: Segment | None
    records: list[str]
    contents: list[bytes] = field(repr=False)

    @property
    def people(self) -> int:
        """Of how many records it is."""
        return len(self.records) + (len(self.segment) if self.segment else 0)


def carried(records: Sequence[str], contents: Sequence[bytes], rules: Rules) -> bytes:
    """Sort opened terms that these rules made; what is not of one registered person stays opened.

    `rules` are those of whoever will search. If of any something is cut off, all stay as they are:
    whoever puts them in raises the error.
    """
    stale = set(stale_among(contents, rules))
    fresh = [number for number in range(len(contents)) if number not in stale]
    found = unpack_many([contents[number] for number in fresh], REGISTERED, rules)
    if not len(found.registered) or not found.block.are_whole():
        return _ENCODER.encode(_Message([], list(records), list(contents)))
    mine = [fresh[place] for place in found.registered.tolist()]
    segment = build(pack_keys([records[number] for number in mine]), found.block)
    keys = (segment.keys.highs, segment.keys.lows, segment.keys.prefixes)
    rest = [getattr(segment, name) for name in _NAMES]
    arrays = [_Array(one.dtype.str, one.tobytes()) for one in (*keys, *rest)]
    others = [*stale, *[fresh[place] for place in found.others.tolist()]]
    left = [records[number] for number in others], [contents[number] for number in others]
    return _ENCODER.encode(_Message(arrays, *left))


def arrived(message: bytes) -> Arrived:
    """Read what `carried` wrote."""
    said = _DECODER.decode(message)
    if not said.arrays:
        return Arrived(None, said.records, said.contents)
    highs, lows, prefixes, *rest = [one.array() for one in said.arrays]
    keys = Keys(highs, lows, prefixes)
    arrays = dict(zip(_NAMES, rest, strict=True))
    segment = Segment(keys=keys, alive=np.ones(len(keys), dtype=np.bool_), **arrays)
    return Arrived(segment, said.records, said.contents)
