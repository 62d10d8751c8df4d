"""How much it tells that two people share a name part: by how many of a pool have it."""

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.index import TermIndex
from rfl.matching.name_model import MOST_PER_PART
from rfl.matching.terms import whole_terms
from rfl.matching.tokens import Token

Floats = NDArray[np.float64]

_GUESSED: Final = 200
"""How many people the guess from a part's form counts as, against those who are really there."""


def usual_rarity(parts: Sequence[Token]) -> Floats:
    """What to expect of a part by its form alone: short and well-known names are frequent."""
    return MOST_PER_PART * np.array([part.weight for part in parts])


def rarity_in(index: TermIndex) -> Callable[[Sequence[Token]], Floats]:
    """How rare parts are among the people of an index, of whom some may be few."""

    def rarity(parts: Sequence[Token]) -> Floats:
        usual = usual_rarity(parts)
        terms = [whole_terms(part) for part in parts]
        counts = index.counts([term for some in terms for term in some])
        starts = np.cumsum([0, *map(len, terms[:-1])])
        have = np.maximum.reduceat(counts, starts) if len(parts) else counts
        share = (have + _GUESSED * np.exp(-usual)) / (len(index) + _GUESSED)
        found: Floats = np.minimum(-np.log(share), -np.log(share) * np.minimum(1, usual / 2))
        return found

    return rarity
