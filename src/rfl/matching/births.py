"""Birth and sex of a person in one number of 16 bits, so that a search looks up both at once.

Most people were born in one year, or in one of a few: the number has the first year and how many
more there are. Whoever's birth is wider, or long ago, is `ODD`, and the years themselves are asked.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.layout import NO_YEAR

Codes = NDArray[np.uint16]
Years = NDArray[np.int16]

FIRST_YEAR: Final = 1_600
YEARS: Final = 512
SEXES: Final = 4
WIDTHS: Final = 30
_UNKNOWN: Final = WIDTHS * SEXES * YEARS
ODD: Final = (WIDTHS + 1) * SEXES * YEARS
"""The numbers from here on are of those whose years have to be asked."""


def births_of(first: Years, last: Years, sexes: NDArray[np.uint8]) -> Codes:
    """The number of each person, by the years of birth and the sex."""
    year, width = first.astype(np.int32) - FIRST_YEAR, last.astype(np.int32) - first
    fits = (year >= 0) & (year < YEARS) & (width >= 0) & (width < WIDTHS)
    codes = np.where(fits, width * (SEXES * YEARS) + year, ODD)
    codes[first == NO_YEAR] = _UNKNOWN
    codes += (sexes & (SEXES - 1)).astype(np.int32) * YEARS
    return codes.astype(np.uint16)
