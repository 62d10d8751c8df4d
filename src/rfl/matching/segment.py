"""A part of the index that never changes but for removals: sorted terms and whom they lead to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.keys import Keys, PackedKey, joined, pack_keys
from rfl.matching.query import Group, Query
from rfl.matching.terms import HEADER, NO_YEAR

_HEAD_WORDS: Final = HEADER.size // 4
_ROW_BITS: Final = np.uint64(32)

# What birth and sex add to the rank, in the unit of the summed rarity of terms.
YEAR_AGREES: Final = 3.0
YEAR_NEAR: Final = 1.5
YEAR_DIFFERS: Final = -2.5
SEX_DIFFERS: Final = -2.0
_NEAR_YEARS: Final = 2

Floats = NDArray[np.float32]
Numbers = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Segment:
    """People numbered in the order of their keys.

    `postings[starts[i]:starts[i + 1]]` are the people who have the term `terms[i]`.
    """

    terms: Numbers
    starts: Numbers
    postings: Numbers
    keys: Keys
    sexes: NDArray[np.uint8]
    first_years: NDArray[np.int16]
    last_years: NDArray[np.int16]
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

    def rank(
        self, query: Query, spans: Mapping[int, tuple[int, int]], rarity: Mapping[int, float]
    ) -> Floats:
        """A rank for each person; 0 or less for whoever shares nothing or was removed."""
        best = np.zeros(len(self), dtype=np.float32)
        for groups in query.names:
            np.maximum(best, self._sum(groups, spans, rarity), out=best)
        if query.kin:
            best += self._sum(query.kin, spans, rarity)
        touched = np.flatnonzero(best)
        best[touched] = np.maximum(best[touched] + self._adjust(query, touched), 1e-6)
        best[~self.alive] = 0
        return best

    def _sum(
        self,
        groups: Sequence[Group],
        spans: Mapping[int, tuple[int, int]],
        rarity: Mapping[int, float],
    ) -> Floats:
        total = np.zeros(len(self), dtype=np.float32)
        last = np.empty(len(self), dtype=np.uint32)
        for group in groups:
            met = sorted(
                (rarity[term] * strength, *spans[term]) for term, strength in group if term in spans
            )
            if len(met) == 1:
                value, begin, count = met[0]
                total[self.postings[begin : begin + count]] += np.float32(value)
            elif met:
                self._add_strongest(total, last, met)
        return total

    def _add_strongest(
        self, total: Floats, last: Numbers, met: Sequence[tuple[float, int, int]]
    ) -> None:
        """Add to each person the strongest of the terms met, given from weak to strong."""
        people = np.concatenate([self.postings[begin : begin + n] for _, begin, n in met])
        values = np.repeat(
            np.array([value for value, _, _ in met], dtype=np.float32), [n for _, _, n in met]
        )
        places = np.arange(len(people), dtype=np.uint32)
        last[people] = places  # Of repeated indices numpy keeps the last, here the strongest.
        once = last[people] == places
        total[people[once]] += values[once]

    def _adjust(self, query: Query, rows: NDArray[np.intp]) -> Floats:
        change = np.zeros(len(rows), dtype=np.float32)
        if query.sex:
            theirs = self.sexes[rows]
            other = (theirs != query.sex) & (theirs != 0) & (theirs != 3)
            change[other] += SEX_DIFFERS
        if query.first_year != NO_YEAR:
            first = self.first_years[rows].astype(np.int32)
            last = self.last_years[rows].astype(np.int32)
            gap = np.maximum(first - query.last_year, query.first_year - last)
            judged = np.where(gap <= _NEAR_YEARS, YEAR_NEAR, YEAR_DIFFERS)
            judged[gap <= 0] = YEAR_AGREES
            judged[first == NO_YEAR] = 0
            change += judged.astype(np.float32)
        return change


def build(keys: Sequence[str], sealed: Sequence[bytes]) -> Segment:
    """A segment of these people, whose terms are all of this version."""
    words = np.frombuffer(b"".join(sealed), dtype="<u4")
    lengths = np.fromiter(map(len, sealed), dtype=np.int64, count=len(sealed)) // 4
    heads = np.cumsum(lengths) - lengths
    is_term = np.ones(len(words), dtype=np.bool_)
    for word in range(_HEAD_WORDS):
        is_term[heads + word] = False
    years = words[heads + 1]
    people = _People(
        keys=pack_keys(keys),
        sexes=((words[heads] >> 16) & 0xFF).astype(np.uint8),
        first_years=(years & 0xFFFF).astype(np.uint16).view(np.int16),
        last_years=(years >> 16).astype(np.uint16).view(np.int16),
    )
    rows = np.repeat(np.arange(len(sealed), dtype=np.uint32), lengths - _HEAD_WORDS)
    return _assemble(words[is_term], rows, people)


def merge(parts: Sequence[Segment]) -> Segment:
    """One segment of all who have not been removed."""
    terms, rows = [], []
    offset = 0
    for part in parts:
        kept = part.alive[part.postings]
        renumbered = (np.cumsum(part.alive) - 1 + offset).astype(np.uint32)
        terms.append(np.repeat(part.terms, np.diff(part.starts))[kept])
        rows.append(renumbered[part.postings[kept]])
        offset += part.living
    people = _People(
        keys=joined([part.keys.of(part.alive) for part in parts]),
        sexes=np.concatenate([part.sexes[part.alive] for part in parts]),
        first_years=np.concatenate([part.first_years[part.alive] for part in parts]),
        last_years=np.concatenate([part.last_years[part.alive] for part in parts]),
    )
    return _assemble(np.concatenate(terms), np.concatenate(rows), people)


@dataclass(frozen=True, slots=True)
class _People:
    keys: Keys
    sexes: NDArray[np.uint8]
    first_years: NDArray[np.int16]
    last_years: NDArray[np.int16]


def _assemble(terms: Numbers, rows: Numbers, people: _People) -> Segment:
    """Number people in the order of their keys, sort terms, and keep each pair once."""
    order = np.argsort(people.keys.highs)
    number = np.empty(len(order), dtype=np.uint32)
    number[order] = np.arange(len(order), dtype=np.uint32)
    pairs = terms.astype(np.uint64)
    pairs <<= _ROW_BITS  # In place, because a merge of everyone is the index's peak of memory.
    pairs |= number[rows]
    pairs.sort()
    fresh = np.ones(len(pairs), dtype=np.bool_)
    fresh[1:] = pairs[1:] != pairs[:-1]
    pairs = pairs[fresh]
    hashes = (pairs >> _ROW_BITS).astype(np.uint32)
    begins = np.flatnonzero(np.diff(hashes, prepend=hashes[:1] ^ 1))
    return Segment(
        terms=hashes[begins],
        starts=np.append(begins, len(hashes)).astype(np.uint32),
        postings=pairs.astype(np.uint32),
        keys=people.keys.of(order),
        sexes=people.sexes[order],
        first_years=people.first_years[order],
        last_years=people.last_years[order],
        alive=np.ones(len(order), dtype=np.bool_),
    )
