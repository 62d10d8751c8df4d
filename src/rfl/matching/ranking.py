"""Ranks the people of a segment for a query: by the rare terms first, then by all.

Names share frequent terms with a tenth of everyone. Whoever shares nothing rarer is no candidate,
so frequent terms are not followed: they are looked up for the finalists alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.query import Group, Query
from rfl.matching.segment import Floats, Numbers, Segment, Span
from rfl.matching.terms import NO_YEAR

# What birth and sex add to the rank, in the unit of the summed rarity of terms.
YEAR_AGREES: Final = 3.0
YEAR_NEAR: Final = 1.5
YEAR_DIFFERS: Final = -2.5
SEX_DIFFERS: Final = -2.0
_NEAR_YEARS: Final = 2
_LEAST: Final = 1e-6


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
    part: Segment, query: Query, spans: Mapping[int, Span], worth: Worth, count: int
) -> tuple[Numbers, Floats]:
    """The `count` likeliest of a segment, in the order of its rows, and the rank of each.

    Nobody who shares no followed term, and nobody who was removed.
    """
    names = [_met(groups, spans, worth) for groups in query.names]
    kin = _met(query.kin, spans, worth)
    sums = [_followed(part, groups) for groups in (*names, kin)]
    rows = _touched(part, [*names, kin])
    ranks = np.max([one[rows] for one in sums[:-1]], axis=0) if names else sums[-1][rows] * 0
    ranks = ranks + sums[-1][rows] + _birth_and_sex(part, query, rows)
    rows = _highest(rows, ranks, count)
    best = np.max([_refined(part, *pair, rows) for pair in zip(names, sums, strict=False)], axis=0)
    total = best + _refined(part, kin, sums[-1], rows) + _birth_and_sex(part, query, rows)
    return rows, np.maximum(total, np.float32(_LEAST))


def _met(groups: Sequence[Group], spans: Mapping[int, Span], worth: Worth) -> list[_Met]:
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
    strongest = np.zeros(len(part), dtype=np.float32)
    for group in groups:
        if len(group.followed) == 1:
            [(value, span)] = group.followed
            total[part.having(span)] += np.float32(value)
        elif group.followed:
            rows = np.concatenate([part.having(span) for _value, span in group.followed])
            for value, span in group.followed:
                strongest[part.having(span)] = value  # From weak to strong: the last one stays.
            total[rows] = total[rows] + strongest[rows]  # A row that comes twice is written twice.
            strongest[rows] = 0
    return total


def _touched(part: Segment, names: Sequence[Sequence[_Met]]) -> Numbers:
    seen = np.zeros(len(part), dtype=np.bool_)
    for groups in names:
        for group in groups:
            for _value, span in group.followed:
                seen[part.having(span)] = True
    seen &= part.alive
    return np.flatnonzero(seen).astype(np.uint32)


def _highest(rows: Numbers, ranks: Floats, count: int) -> Numbers:
    """The rows of the highest ranks, in order; of equal ranks the first."""
    if len(rows) <= count:
        return rows
    least = np.partition(ranks, -count)[-count]
    above = rows[ranks > least]
    level = rows[ranks == least][: count - len(above)]
    return np.sort(np.concatenate([above, level]))


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


def _birth_and_sex(part: Segment, query: Query, rows: Numbers) -> Floats:
    change = np.zeros(len(rows), dtype=np.float32)
    if query.sex:
        theirs = part.sexes[rows]
        other = (theirs != query.sex) & (theirs != 0) & (theirs != 3)
        change[other] += SEX_DIFFERS
    if query.first_year != NO_YEAR:
        first = part.first_years[rows].astype(np.int32)
        last = part.last_years[rows].astype(np.int32)
        gap = np.maximum(first - query.last_year, query.first_year - last)
        judged = np.where(gap <= _NEAR_YEARS, YEAR_NEAR, YEAR_DIFFERS)
        judged[gap <= 0] = YEAR_AGREES
        judged[first == NO_YEAR] = 0
        change += judged.astype(np.float32)
    return change
