"""What birth and sex add to the rank of a search, by the number that says both of a person."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.births import FIRST_YEAR, ODD, SEXES, WIDTHS, YEARS, Codes, Years
from rfl.matching.layout import NO_YEAR
from rfl.matching.query import Query

Floats = NDArray[np.float32]

# What birth and sex add to the rank, in the unit of the summed rarity of terms.
YEAR_AGREES: Final = 3.0
YEAR_NEAR: Final = 1.5
YEAR_DIFFERS: Final = -2.5
SEX_DIFFERS: Final = -2.0

_NEAR_YEARS: Final = 2


@dataclass(frozen=True, slots=True)
class Apart:
    """What birth and sex add for one query, by the number that says both of a person."""

    query: Query
    by_number: Floats

    @property
    def most(self) -> float:
        """What they add to a sum at most."""
        return YEAR_AGREES if self.query.first_year != NO_YEAR else 0.0

    @classmethod
    def of(cls, query: Query) -> "Apart":
        """For each number what it adds; of those to be asked what their sex does."""
        by_number = np.zeros((WIDTHS + 2, SEXES, YEARS), dtype=np.float32)
        if query.first_year != NO_YEAR:
            first = np.arange(FIRST_YEAR, FIRST_YEAR + YEARS)
            last = first + np.arange(WIDTHS)[:, np.newaxis]
            by_number[:WIDTHS] = _judged(first, last, query)[:, np.newaxis]
        if query.sex:
            by_number += _BY_SEX[query.sex][:, np.newaxis]
        return cls(query, by_number.ravel())

    def added(self, births: Codes, first: Years, last: Years, rows: NDArray[np.intp]) -> Floats:
        """What these rows get, by their numbers; the years of all are for those to be asked."""
        change = self.by_number[births]
        odd = rows[births >= ODD] if self.query.first_year != NO_YEAR else ()
        if len(odd):
            change[births >= ODD] += _judged(first[odd], last[odd], self.query)
        return change


def _judged(first: NDArray[Any], last: NDArray[Any], query: Query) -> Floats:
    """What it adds to be born from the first to the last year."""
    gap = np.maximum(first.astype(np.int32) - query.last_year, query.first_year - last)
    judged = np.where(gap <= _NEAR_YEARS, np.float32(YEAR_NEAR), np.float32(YEAR_DIFFERS))
    judged[gap <= 0] = YEAR_AGREES
    return judged


_BY_SEX: Final = {
    1: np.array([0, 0, SEX_DIFFERS, 0], dtype=np.float32),
    2: np.array([0, SEX_DIFFERS, 0, 0], dtype=np.float32),
}
"""By the query's sex, then by theirs: 0 is unknown, 1 female, 2 male, 3 another."""
