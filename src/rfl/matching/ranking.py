"""Ranks people for a query: by the rare terms first, then by all.

Names share frequent terms with a tenth of everyone. Whoever shares nothing rarer is no candidate,
so frequent terms are not followed: they are looked up for the finalists alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.keys import joined
from rfl.matching.query import Group, Query
from rfl.matching.segment import Floats, Numbers, Segment, Span
from rfl.matching.terms import NO_YEAR

# What birth and sex add to the rank, in the unit of the summed rarity of terms.
YEAR_AGREES: Final = 3.0
YEAR_NEAR: Final = 1.5
YEAR_DIFFERS: Final = -2.5
SEX_DIFFERS: Final = -2.0
MOST_BY_BIRTH_AND_SEX: Final = YEAR_AGREES - YEAR_DIFFERS - SEX_DIFFERS
"""How much two people can differ by that."""

_NEAR_YEARS: Final = 2
_LEAST: Final = 1e-6


Spans = Mapping[int, Span]
"""The terms of a query that anybody of a segment has, and where these people stand."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What each term of a query is worth: its rarity, and whether its people are followed."""

    rarity: Mapping[int, float]
    followed: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Met:
    """The terms of one group that anybody has, from the weakest to the strongest."""

    followed: Sequence[tuple[float, Span]]
    looked_up: Sequence[tuple[float, Span]]


def finalists(
    parts: Sequence[Segment], query: Query, spans: Sequence[Spans], worth: Worth, count: int
) -> list[tuple[Segment, Numbers, Floats]]:
    """The `count` likeliest of all segments, and the rank of each, by the rows of their segment.

    Nobody who shares no followed term, and nobody who was removed.
    """
    sums = [_Sums.of(part, query, met, worth) for part, met in zip(parts, spans, strict=True)]
    apart = _Apart.of(query)
    least = _least_sum([one.all for one in sums], count) - MOST_BY_BIRTH_AND_SEX
    rows = [one.rows_from(least) for one in sums]
    ranks = [
        one.all[some] + apart.added(one.part, some) for one, some in zip(sums, rows, strict=True)
    ]
    return [
        (one.part, some, one.refined(apart, some))
        for one, some in zip(sums, _highest(parts, rows, ranks, count), strict=True)
    ]


def _least_sum(sums: Sequence[Floats], count: int) -> float:
    """A sum that at least `count` people reach, the highest where that is quickly found."""
    half = max((float(some.max(initial=0)) for some in sums), default=0.0) / 2
    upper = np.concatenate([some[some > half] for some in sums])
    return float(np.partition(upper, -count)[-count]) if len(upper) >= count else 0.0


@dataclass(frozen=True, slots=True)
class _Sums:
    """For everyone of a segment what the followed terms are worth: of each name, of kin, in all."""

    part: Segment
    names: Sequence[tuple[Sequence[_Met], Floats]]
    kin: tuple[Sequence[_Met], Floats]
    all: Floats

    @classmethod
    def of(cls, part: Segment, query: Query, spans: Spans, worth: Worth) -> "_Sums":
        names = [_met(groups, spans, worth) for groups in query.names]
        kin = _met(query.kin, spans, worth)
        sums = [_followed(part, groups) for groups in (*names, kin)]
        most = reduce(np.maximum, sums[:-1]) if names else np.zeros_like(sums[-1])
        together = most + sums[-1] if kin else most
        return cls(part, list(zip(names, sums, strict=False)), (kin, sums[-1]), together)

    def rows_from(self, least: float) -> Numbers:
        """The living who share a followed term and whose sum is at least so high."""
        rows = np.flatnonzero(self.all >= max(least, _LEAST))
        return rows[self.part.alive[rows]].astype(np.uint32)

    def refined(self, apart: "_Apart", rows: Numbers) -> Floats:
        """The ranks of these rows by all terms, also those that were not followed."""
        names = [_refined(self.part, groups, sums, rows) for groups, sums in self.names]
        best = reduce(np.maximum, names) if names else np.zeros(len(rows), dtype=np.float32)
        total = best + _refined(self.part, *self.kin, rows)
        total += apart.added(self.part, rows)
        ranks: Floats = np.maximum(total, np.float32(_LEAST))
        return ranks


def _met(groups: Sequence[Group], spans: Spans, worth: Worth) -> list[_Met]:
    met = []
    for group in groups:
        found = sorted(
            (worth.rarity[term] * strength, spans[term], term in worth.followed)
            for term, strength in group
            if term in spans
        )
        if found:
            met.append(
                _Met(
                    [(value, span) for value, span, followed in found if followed],
                    [(value, span) for value, span, followed in found if not followed],
                )
            )
    return met


def _followed(part: Segment, groups: Sequence[_Met]) -> Floats:
    """For everyone the sum over groups of the strongest followed term."""
    total = np.zeros(len(part), dtype=np.float32)
    strongest = np.empty_like(total)
    for group in groups:
        if len(group.followed) == 1:
            [(value, span)] = group.followed
            total[part.having(span)] += np.float32(value)
        elif group.followed:
            rows = np.concatenate([part.having(span) for _value, span in group.followed])
            for value, span in group.followed:
                strongest[part.having(span)] = value  # From weak to strong: the last one stays.
            total[rows] = total[rows] + strongest[rows]  # A row that comes twice is written twice.
    return total


def _highest(
    parts: Sequence[Segment], rows: Sequence[Numbers], ranks: Sequence[Floats], count: int
) -> Sequence[Numbers]:
    """Of all rows those with the highest ranks, in order; of equal ranks the smallest keys."""
    together = np.concatenate(ranks)
    if len(together) <= count:
        return rows
    ends = np.cumsum([len(some) for some in rows])[:-1]
    least = np.partition(together, -count)[-count]
    chosen, level = together > least, together == least
    room = count - np.count_nonzero(chosen)
    if np.count_nonzero(level) > room:
        split = zip(parts, rows, np.split(level, ends), strict=True)
        keys = joined([part.keys.of(some[kept]) for part, some, kept in split])
        chosen[np.flatnonzero(level)[np.lexsort((keys.lows, keys.highs))[:room]]] = True
    else:
        chosen |= level
    return [some[kept] for some, kept in zip(rows, np.split(chosen, ends), strict=True)]


def _refined(part: Segment, groups: Sequence[_Met], sums: Floats, rows: Numbers) -> Floats:
    """The sums of these rows with what the terms add that were not followed."""
    total = sums[rows]
    for group in groups:
        if not group.looked_up or not len(rows):
            continue
        strongest = np.zeros(len(rows), dtype=np.float32)
        for value, span in group.looked_up:
            strongest[_are_among(rows, part.having(span))] = value
        for _value, span in group.followed:
            strongest[_are_among(rows, part.having(span))] = 0
        total += strongest
    return total


def _are_among(rows: Numbers, people: Numbers) -> NDArray[np.bool_]:
    """Which of these rows are among people in order."""
    at = np.minimum(np.searchsorted(people, rows), len(people) - 1)
    return np.equal(people[at], rows)


@dataclass(frozen=True, slots=True)
class _Apart:
    """What birth and sex add for one query; most people were born in one year, looked up at once.

    `by_year` is what each year of birth adds, at the number that its two bytes are without a sign.
    """

    query: Query
    by_year: Floats

    @classmethod
    def of(cls, query: Query) -> "_Apart":
        by_year = np.zeros(_YEARS, dtype=np.float32)
        if query.first_year != NO_YEAR:
            years = np.arange(_NO_YEAR)
            by_year[:_NO_YEAR] = _judged(years, years, query)
        return cls(query, by_year)

    def added(self, part: Segment, rows: Numbers) -> Floats:
        """What these rows get."""
        first = part.first_years[rows]
        change = self.by_year[first.view(np.uint16)]
        several = np.flatnonzero(part.last_years[rows] != first)
        if len(several) and self.query.first_year != NO_YEAR:
            last = part.last_years[rows[several]]
            change[several] = _judged(first[several], last, self.query)
        if self.query.sex:
            change += _BY_SEX[self.query.sex][part.sexes[rows]]
        return change


def _judged(first: NDArray[Any], last: NDArray[Any], query: Query) -> Floats:
    """What it adds to be born from the first to the last year."""
    gap = np.maximum(first.astype(np.int32) - query.last_year, query.first_year - last)
    judged = np.where(gap <= _NEAR_YEARS, np.float32(YEAR_NEAR), np.float32(YEAR_DIFFERS))
    judged[gap <= 0] = YEAR_AGREES
    return judged


_YEARS: Final = 1 << 16
_NO_YEAR: Final = NO_YEAR & 0xFFFF
_BY_SEX: Final = {
    1: np.array([0, 0, SEX_DIFFERS, 0], dtype=np.float32),
    2: np.array([0, SEX_DIFFERS, 0, 0], dtype=np.float32),
}
"""By the query's sex, then by theirs: 0 is unknown, 1 female, 2 male, 3 another."""
