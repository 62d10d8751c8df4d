"""Whether probabilities mean what they say: in each band, how many are expected and how many right.

Searches are measured as they are shown to officers: of all candidates of all searches, those of a
band are counted. A band is true if as many of them are right as their probabilities promise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rfl.matching.bands import SHOW_THRESHOLD, Band, band

Shown = tuple[float, bool]
"""A candidate's probability, and whether it was the right person."""


@dataclass(frozen=True, slots=True)
class BandFigures:
    """The candidates of one band: how many there are, are promised, and are right."""

    pairs: int
    expected: float
    right: int

    def as_json(self) -> dict[str, float]:
        """The counts, and the two shares that should be alike."""
        return {
            "pairs": self.pairs,
            "expected": round(self.expected, 1),
            "right": self.right,
            "stated_share": round(self.expected / max(1, self.pairs), 4),
            "right_share": round(self.right / max(1, self.pairs), 4),
        }


@dataclass(frozen=True, slots=True)
class ShownReport:
    """The bands from the likeliest on, and the mean gap of what is stated and what is right.

    The gap is over all candidates above the threshold from which officers see them.
    """

    bands: Mapping[Band, BandFigures]
    shown: BandFigures
    calibration_error: float

    def as_json(self) -> dict[str, Any]:
        """`bands` by name, `shown` for all above the threshold, `calibration_error`."""
        return {
            "bands": {name.value: figures.as_json() for name, figures in self.bands.items()},
            "shown": self.shown.as_json(),
            "calibration_error": round(self.calibration_error, 4),
        }


def shown_report(found: Iterable[Shown]) -> ShownReport:
    """Count the candidates of many searches by their bands."""
    pairs = np.array(list(found), dtype=np.float64).reshape(-1, 2)
    stated, right = pairs[:, 0], pairs[:, 1]
    names = np.array([band(one).value for one in stated.tolist()], dtype=object)
    bands = {name: _figures(stated, right, names == name.value) for name in Band}
    seen = stated >= SHOW_THRESHOLD
    gaps = [
        abs(one.expected - one.right)
        for name in Band
        for one in [_figures(stated, right, seen & (names == name.value))]
    ]
    return ShownReport(
        bands={name: figures for name, figures in bands.items() if figures.pairs},
        shown=_figures(stated, right, seen),
        calibration_error=sum(gaps) / max(1, int(seen.sum())),
    )


def _figures(
    stated: NDArray[np.float64], right: NDArray[np.float64], chosen: NDArray[np.bool_]
) -> BandFigures:
    return BandFigures(
        pairs=int(chosen.sum()),
        expected=float(stated[chosen].sum()),
        right=int(right[chosen].sum()),
    )
