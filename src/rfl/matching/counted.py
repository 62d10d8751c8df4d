"""How many people of some segments have a term, each term looked up once while these stay."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.segment import Segment

KEPT: Final = 65_536


class Counted:
    """The counts of the terms that were asked for, at most KEPT of them; for many threads."""

    def __init__(self, segments: tuple[Segment, ...] = ()) -> None:
        self._segments = segments
        self._known: dict[int, int] = {}

    def is_of(self, segments: tuple[Segment, ...]) -> bool:
        """Whether these are the segments that were counted."""
        return self._segments is segments

    def counts(self, terms: Sequence[int]) -> NDArray[np.int64]:
        """How many people have each term; those removed of late may still count."""
        known = self._known
        fresh = [term for term in dict.fromkeys(terms) if term not in known]
        if len(known) + len(fresh) > KEPT:
            known = self._known = {}  # Whoever reads the old ones keeps them.
            fresh = list(dict.fromkeys(terms))
        if fresh:
            known.update(zip(fresh, self._looked_up(fresh), strict=True))
        return np.fromiter(map(known.__getitem__, terms), np.int64, len(terms))

    def _looked_up(self, terms: Sequence[int]) -> list[int]:
        wanted = np.array(terms, dtype=np.uint32)
        found = np.zeros(len(wanted), dtype=np.int64)
        for part in self._segments:
            found += part.counts(wanted)[1]
        return found.tolist()
