"""Ranks people for a query: by the rare terms first, then by all.

Names share frequent terms with a tenth of everyone. Whoever shares nothing rarer is no candidate,
so frequent terms are not followed: they are looked up for the finalists alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.birth_ranks import Apart
from rfl.matching.block import Numbers, Rows
from rfl.matching.keys import joined
from rfl.matching.query import Group, Query
from rfl.matching.segment import Floats, Segment, Span

_LEAST: Final = 1e-6
_ROUNDING: Final = 1e-3
_PARTS_OF_HIGHEST: Final = (0.45, 0.33, 0.25, 0.18, 0.12, 0.06)
"""Few have a high sum: to count who reaches one takes less time than to sort."""

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
) -> list[tuple[Segment, Rows, Floats]]:
    """The `count` likeliest of all segments, and the rank of each, by the rows of their segment.

    Nobody who shares no followed term, and nobody who was removed.
    """
    sums = [_Sums.of(part, query, met, worth) for part, met in zip(parts, spans, strict=True)]
    apart = Apart.of(query)
    high = _high_sum([one.all for one in sums], 2 * count)
    rows, ranks = _ranked(sums, apart, high)
    least = _least_of_others(np.concatenate(ranks), high, apart, count)
    if least < high:
        rows, ranks = _ranked(sums, apart, least)
    return [
        (one.part, some, one.refined(apart, some))
        for one, some in zip(sums, _highest(parts, rows, ranks, count), strict=True)
    ]


def _ranked(sums: Sequence["_Sums"], apart: Apart, least: float) -> tuple[list[Rows], list[Floats]]:
    """Whose sum is at least so high, by segments, and their ranks."""
    rows = [one.rows_from(least) for one in sums]
    return rows, [one.ranked(apart, some) for one, some in zip(sums, rows, strict=True)]


def _least_of_others(ranks: Floats, high: float, apart: Apart, count: int) -> float:
    """The least sum with which somebody may be among the `count` likeliest.

    `ranks` are of those whose sums are at least `high`. Birth and sex add to a sum at most
    `apart.most`, so whoever has less than this is below `count` of them.
    """
    if len(ranks) < count:  # few share anything, or some of them were removed
        return 0.0
    return float(np.partition(ranks, -count)[-count]) - apart.most - _ROUNDING


def _high_sum(sums: Sequence[Floats], count: int) -> float:
    """A sum that at least `count` people reach, as high as few steps can tell; 0 for want of it."""
    highest = max((float(some.max(initial=0)) for some in sums), default=0.0)
    for part in _PARTS_OF_HIGHEST:
        if sum(np.count_nonzero(some >= highest * part) for some in sums) >= count:
            return highest * part
    return 0.0


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

    def rows_from(self, least: float) -> Rows:
        """The living who share a followed term and whose sum is at least so high."""
        rows = np.flatnonzero(self.all >= max(least, _LEAST))
        return rows[self.part.alive[rows]]

    def ranked(self, apart: Apart, rows: Rows) -> Floats:
        """The ranks of these rows by the followed terms."""
        ranks: Floats = self.all[rows] + self._apart(apart, rows)
        return ranks

    def refined(self, apart: Apart, rows: Rows) -> Floats:
        """The ranks of these rows by all terms, also those that were not followed."""
        names = [_refined(self.part, groups, sums, rows) for groups, sums in self.names]
        best = reduce(np.maximum, names) if names else np.zeros(len(rows), dtype=np.float32)
        total = best + _refined(self.part, *self.kin, rows)
        total += self._apart(apart, rows)
        ranks: Floats = np.maximum(total, np.float32(_LEAST))
        return ranks

    def _apart(self, apart: Apart, rows: Rows) -> Floats:
        part = self.part
        return apart.added(part.births[rows], part.first_years, part.last_years, rows)


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
        # An array is indexed by words of the machine; what is asked for thrice is turned once.
        found = [(value, part.having(span).astype(np.intp)) for value, span in group.followed]
        if len(found) == 1:
            [(value, rows)] = found
            total[rows] += np.float32(value)
        elif found:
            for value, rows in found:
                strongest[rows] = value  # From weak to strong: the last one stays.
            rows = np.concatenate([rows for _value, rows in found])
            total[rows] = total[rows] + strongest[rows]  # A row that comes twice is written twice.
    return total


def _highest(
    parts: Sequence[Segment], rows: Sequence[Rows], ranks: Sequence[Floats], count: int
) -> Sequence[Rows]:
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


def _refined(part: Segment, groups: Sequence[_Met], sums: Floats, rows: Rows) -> Floats:
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


def _are_among(rows: Rows, people: Numbers) -> NDArray[np.bool_]:
    """Which of these rows are among people in order."""
    wanted = rows.astype(people.dtype)  # else all of the people would be turned
    at = np.minimum(np.searchsorted(people, wanted), len(people) - 1)
    return np.equal(people[at], wanted)
