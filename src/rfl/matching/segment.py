"""A part of the index that never changes but for removals: sorted terms and whom they lead to.

A sketch is a few dozen bytes for each person, all of them in one array: no object for anybody.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.births import births_of
from rfl.matching.block import Block, Numbers, gathered
from rfl.matching.keys import Keys, PackedKey, joined

_ROW_BITS: Final = np.uint64(32)
_MERGED: Final = 2_000_000

Floats = NDArray[np.float32]
Numbers64 = NDArray[np.uint64]
Span = tuple[int, int]
"""Where the people of a term begin in `postings`, and how many they are."""


@dataclass(frozen=True, slots=True)
class Segment:
    """People numbered in the order of their keys.

    `postings[starts[i]:starts[i + 1]]` are the people who have the term `terms[i]`; the sketch of
    person `i` begins with the word `sketches[sketch_starts[i]]` and has `sketch_sizes[i]` bytes.
    """

    terms: Numbers
    starts: Numbers
    postings: Numbers
    keys: Keys
    sexes: NDArray[np.uint8]
    first_years: NDArray[np.int16]
    last_years: NDArray[np.int16]
    births: NDArray[np.uint16]
    sketches: Numbers
    sketch_starts: Numbers
    sketch_sizes: NDArray[np.uint16]
    alive: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def living(self) -> int:
        """How many people have not been removed."""
        return int(np.count_nonzero(self.alive))

    @property
    def nbytes(self) -> int:
        """The bytes that the arrays hold."""
        return sum(int(getattr(self, name).nbytes) for name in self.__slots__)

    def row_of(self, key: PackedKey) -> int | None:
        """The number of a person that has not been removed."""
        row = int(np.searchsorted(self.keys.highs, np.uint64(key.high)))
        while row < len(self) and int(self.keys.highs[row]) == key.high:
            if self.alive[row] and self.keys.at(row) == key:
                return row
            row += 1
        return None

    def might_hold(self, keys: Keys) -> bool:
        """Whether any of these keys may be of a person here; False is certain."""
        at = np.searchsorted(self.keys.highs, keys.highs)
        return bool((self.keys.highs[np.minimum(at, len(self) - 1)] == keys.highs).any())

    def counts(self, terms: Numbers) -> tuple[Numbers, Numbers]:
        """For each term where its people start and how many there are; 0 if nobody has it."""
        if not len(self.terms):
            return np.zeros_like(terms), np.zeros_like(terms)
        at = np.minimum(np.searchsorted(self.terms, terms), len(self.terms) - 1)
        found = self.terms[at] == terms
        begin = self.starts[at]
        return begin, np.where(found, self.starts[at + 1] - begin, 0).astype(np.uint32)

    def having(self, span: Span) -> Numbers:
        """The people who have a term, in order."""
        begin, count = span
        return self.postings[begin : begin + count]

    def sketch(self, row: int) -> bytes:
        """The sketch of a person."""
        begin, size = int(self.sketch_starts[row]), int(self.sketch_sizes[row])
        return self.sketches[begin : begin + (size + 3) // 4].tobytes()[:size]


def build(keys: Keys, block: Block) -> Segment:
    """A segment of these people, whose terms are all of this version."""
    order = np.argsort(keys.highs, kind="stable")
    keys, block = keys.of(order), block.of_these(order)
    heads = block.words[block.heads]
    years = block.words[block.heads + 1]
    begins, sizes = block.sketches()
    people = _People(
        keys=keys,
        sexes=((heads >> 16) & 0xFF).astype(np.uint8),
        first_years=(years & 0xFFFF).astype(np.uint16).view(np.int16),
        last_years=(years >> 16).astype(np.uint16).view(np.int16),
        sketches=block.words,
        sketch_heads=begins,
        sketch_sizes=sizes,
    )
    # They stand in order already: the number of each is its place.
    return _assemble(people, lambda _number: [_by_term(*block.hashes())])


def _by_term(terms: Numbers, rows: Numbers) -> Numbers64:
    """The pairs in order, given those of each person after those of the person before.

    Two halves of a term are sorted one after the other, which numpy does by counting: half the
    time of sorting the pairs themselves.
    """
    order = terms.astype(np.uint16).argsort(kind="stable")
    order = order[(terms >> 16).astype(np.uint16)[order].argsort(kind="stable")]
    return _pairs(terms[order], rows[order])


def merge(parts: Sequence[Segment]) -> Segment:
    """One segment of all who have not been removed."""
    begins = []
    before = 0
    for part in parts:
        begins.append(part.sketch_starts[part.alive].astype(np.int64) + before)
        before += len(part.sketches)
    people = _People(
        keys=joined([part.keys.of(part.alive) for part in parts]),
        sexes=np.concatenate([part.sexes[part.alive] for part in parts]),
        first_years=np.concatenate([part.first_years[part.alive] for part in parts]),
        last_years=np.concatenate([part.last_years[part.alive] for part in parts]),
        sketches=np.concatenate([part.sketches for part in parts]),
        sketch_heads=np.concatenate(begins),
        sketch_sizes=np.concatenate([part.sketch_sizes[part.alive] for part in parts]),
    )
    return _assemble(people, lambda number: _merged(parts, number))


def _merged(parts: Sequence[Segment], number: Numbers) -> Iterator[Numbers64]:
    """The pairs of all, in order, some of the terms after the other: of a million people all
    pairs at once would take four times as much memory as their index.
    """
    total = sum(len(part.postings) for part in parts)
    edges = np.linspace(0, 1 << 32, 2 + total // _MERGED)[:-1].astype(np.uint32)
    cuts = [np.append(np.searchsorted(part.terms, edges), len(part.terms)) for part in parts]
    ends = np.cumsum([part.living for part in parts])[:-1]
    numbers = [np.zeros(len(part), np.uint32) for part in parts]
    for part, mine, some in zip(parts, numbers, np.split(number, ends), strict=True):
        mine[part.alive] = some
    for place in range(len(edges)):
        spans = [(int(some[place]), int(some[place + 1])) for some in cuts]
        pieces = [_pairs_of(*one) for one in zip(parts, numbers, spans, strict=True)]
        pairs = np.concatenate(pieces)
        pairs.sort(kind="stable")  # The pieces are in order, which this kind of sorting uses.
        yield pairs


def _pairs_of(part: Segment, numbers: Numbers, span: tuple[int, int]) -> Numbers64:
    """The pairs of the living of a part with some of its terms, in order."""
    starts = part.starts[span[0] : span[1] + 1]
    rows = part.postings[starts[0] : starts[-1]]
    terms = np.repeat(part.terms[slice(*span)], np.diff(starts))
    kept = part.alive[rows]
    return _pairs(terms[kept], numbers[rows[kept]])


@dataclass(frozen=True, slots=True)
class _People:
    keys: Keys
    sexes: NDArray[np.uint8]
    first_years: NDArray[np.int16]
    last_years: NDArray[np.int16]
    sketches: Numbers
    sketch_heads: NDArray[np.int64]
    sketch_sizes: NDArray[np.uint16]


def _assemble(people: _People, pairs_of: Callable[[Numbers], Iterable[Numbers64]]) -> Segment:
    """Number people in the order of their keys, and keep each pair of a term and a person once.

    `pairs_of` gives the pairs in order, in parts of which no two have a term in common, when it is
    given the number of each person.
    """
    order = np.argsort(people.keys.highs, kind="stable")
    number = np.empty(len(order), dtype=np.uint32)
    number[order] = np.arange(len(order), dtype=np.uint32)
    terms, counts, postings = [], [], []
    for pairs in pairs_of(number):
        fresh = np.ones(len(pairs), dtype=np.bool_)
        fresh[1:] = pairs[1:] != pairs[:-1]
        once = pairs[fresh]
        hashes = (once >> _ROW_BITS).astype(np.uint32)
        begins = np.flatnonzero(np.diff(hashes, prepend=hashes[:1] ^ 1))
        terms.append(hashes[begins])
        counts.append(np.diff(begins, append=len(hashes)))
        postings.append(once.astype(np.uint32))
    first, last = people.first_years[order], people.last_years[order]
    sexes = people.sexes[order]
    sizes = people.sketch_sizes[order]
    sketch_words = (sizes.astype(np.int64) + 3) // 4
    return Segment(
        terms=np.concatenate(terms),
        starts=np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.uint32),
        postings=np.concatenate(postings),
        keys=people.keys.of(order),
        sexes=sexes,
        first_years=first,
        last_years=last,
        births=births_of(first, last, sexes),
        sketches=gathered(people.sketches, people.sketch_heads[order], sketch_words),
        sketch_starts=(np.cumsum(sketch_words) - sketch_words).astype(np.uint32),
        sketch_sizes=sizes,
        alive=np.ones(len(order), dtype=np.bool_),
    )


def _pairs(terms: Numbers, rows: Numbers) -> Numbers64:
    """Terms and people as one number each, so that both are sorted at once."""
    pairs = terms.astype(np.uint64)
    pairs <<= _ROW_BITS
    pairs |= rows
    return pairs
