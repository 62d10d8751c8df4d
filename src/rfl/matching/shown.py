"""Whether probabilities mean what they say: in each band, how many are promised and how many right.

Searches are measured as they are shown to officers: of all candidates of all searches, those of a
band are counted. A band is true if as many of them are right as their probabilities promise.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rfl.matching.bands import SHOW_THRESHOLD, Band, band


@dataclass(slots=True)
class Count:
    """Some candidates: how many there are, how many are promised, and how many are right."""

    pairs: int = 0
    expected: float = 0.0
    right: int = 0

    def add(self, probability: float, *, right: bool) -> None:
        """Count one more."""
        self.pairs += 1
        self.expected += probability
        self.right += right

    def as_json(self) -> dict[str, float]:
        """The counts, and the two shares that should be alike."""
        return {
            "pairs": self.pairs,
            "expected": round(self.expected, 1),
            "right": self.right,
            "stated_share": round(self.expected / max(1, self.pairs), 4),
            "right_share": round(self.right / max(1, self.pairs), 4),
        }


class Tally:
    """The candidates of many searches, counted by band."""

    def __init__(self) -> None:
        self._all: defaultdict[Band, Count] = defaultdict(Count)
        self._shown: defaultdict[Band, Count] = defaultdict(Count)

    def add(self, candidates: Iterable[tuple[float, bool]]) -> None:
        """Count candidates, each with its probability and whether it is the right person."""
        for probability, right in candidates:
            name = band(probability)
            self._all[name].add(probability, right=right)
            if probability >= SHOW_THRESHOLD:
                self._shown[name].add(probability, right=right)

    def bands(self) -> dict[str, dict[str, float]]:
        """The bands that have candidates, from the likeliest on."""
        return {name.value: self._all[name].as_json() for name in Band if name in self._all}

    def shown(self) -> dict[str, Any]:
        """All whom officers see, and `calibration_error`: their mean gap of stated and right."""
        counts = list(self._shown.values())
        whole = Count(
            sum(one.pairs for one in counts),
            sum(one.expected for one in counts),
            sum(one.right for one in counts),
        )
        gaps = sum(abs(one.expected - one.right) for one in counts)
        return {**whole.as_json(), "calibration_error": round(gaps / max(1, whole.pairs), 4)}
