"""Terms of many people in one array, as they were opened: what an index is built from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.layout import HEADER

_HEAD_WORDS: Final = HEADER.size // 4
_GATHERED: Final = 65_536

Numbers = NDArray[np.uint32]
Rows = NDArray[np.intp]
"""Numbers of people, as arrays are indexed quickest."""


@dataclass(frozen=True, slots=True)
class Block:
    """Terms of many people in one array of words: where each one's begin, and how many words."""

    words: Numbers
    heads: NDArray[np.int64]
    lengths: NDArray[np.int64]

    @classmethod
    def of(cls, sealed: Sequence[bytes]) -> "Block":
        """The block of terms that stand one by one."""
        lengths = np.fromiter(map(len, sealed), dtype=np.int64, count=len(sealed)) // 4
        words = np.frombuffer(b"".join(sealed), dtype="<u4")
        return cls(words, np.cumsum(lengths) - lengths, lengths)

    def __len__(self) -> int:
        return len(self.heads)

    def part(self, start: int, end: int) -> "Block":
        """Some of the people, in the same words."""
        return Block(self.words, self.heads[start:end], self.lengths[start:end])

    def of_these(self, chosen: Rows) -> "Block":
        """The chosen people in the order given, in the same words."""
        return Block(self.words, self.heads[chosen], self.lengths[chosen])

    def separate(self) -> list[bytes]:
        """Each one's terms by themselves."""
        ends = self.heads + self.lengths
        pairs = zip(self.heads.tolist(), ends.tolist(), strict=True)
        return [self.words[head:end].tobytes() for head, end in pairs]

    def is_of(self, version: int, own: int) -> bool:
        """Whether all terms were made by this version and this list of a society."""
        marks = self.words[self.heads] & np.uint32(0xFF00FFFF)
        return bool((marks == version | own << 24).all())

    def are_whole(self) -> bool:
        """Whether the lengths that each one's head names are those that it has."""
        counts, sizes = self._sizes()
        return bool((_HEAD_WORDS + counts + (sizes + 3) // 4 == self.lengths).all())

    def hashes(self) -> tuple[Numbers, Numbers]:
        """All terms of all people, and whose each is."""
        counts, _sizes = self._sizes()
        rows = np.repeat(np.arange(len(self), dtype=np.uint32), counts)
        return gathered(self.words, self.heads + _HEAD_WORDS, counts), rows

    def sketches(self) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
        """Where each one's sketch begins in the words, and its bytes."""
        counts, sizes = self._sizes()
        return self.heads + _HEAD_WORDS + counts, sizes.astype(np.uint16)

    def _sizes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """How many terms each one has, and how many bytes of sketch."""
        named = self.words[self.heads + 2].astype(np.int64)
        return named & 0xFFFF, named >> 16


def gathered(words: Numbers, heads: NDArray[np.int64], counts: NDArray[np.int64]) -> Numbers:
    """So many words from each of the heads on, one after the other.

    In parts: the places of a million people's words would take four times as much as the words.
    """
    found = np.empty(int(counts.sum()), dtype=np.uint32)
    done = 0
    for start in range(0, len(heads), _GATHERED):
        some = counts[start : start + _GATHERED]
        ends = np.cumsum(some)
        from_head = np.repeat(heads[start : start + _GATHERED] - ends + some, some)
        from_head += np.arange(len(from_head))
        found[done : done + len(from_head)] = words[from_head]
        done += len(from_head)
    return found
