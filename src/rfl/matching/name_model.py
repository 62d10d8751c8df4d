"""What the likeness of two names weighs: a monotone model, fitted offline, kept as JSON.

For each class of script pairs and each feature a rising line of straight pieces; the sum is a
log-likelihood ratio. `name_model.json` holds coefficients only, no names.
"""

import math
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from rfl.matching.features import NameFeatures
from rfl.matching.folding import ABJADS
from rfl.matching.scripts import Script

ScriptClass = Literal["same", "alphabets", "abjad", "east"]
FEATURES: Final = NameFeatures._fields[:-1]
FLOOR: Final = -6.0
CEILING: Final = 9.0
STEPS: Final = 400
_NEARLY: Final = 1e-6
"""So that 0.3 as a sum of parts is the same step as 0.3."""
MOST_PER_PART: Final = 5.5

Floats = NDArray[np.float64]

_EAST = frozenset({Script.HAN, Script.HANGUL, Script.KANA, Script.OTHER})


class _Line(msgspec.Struct, frozen=True):
    at: list[float]
    weight: list[float]

    def steps(self) -> tuple[float, ...]:
        """The weight at each of STEPS + 1 even places from 0 to 1, level outside the points."""
        places = np.linspace(0, 1, STEPS + 1)
        return tuple(np.interp(places, self.at, self.weight).tolist())


class _ClassModel(msgspec.Struct, frozen=True):
    intercept: float
    features: dict[str, _Line]


class _Model(msgspec.Struct, frozen=True):
    version: int
    classes: dict[ScriptClass, _ClassModel]


def name_weight(kind: ScriptClass, found: NameFeatures) -> float:
    """The log-likelihood ratio of two names' likeness, from FLOOR to CEILING."""
    total, lines = _tables()[kind]
    for line, value in zip(lines, found, strict=False):
        total += line[int(value * STEPS + _NEARLY)]
    if total > 0:
        total = bounded(total, found.evidence)
    return max(FLOOR, min(CEILING, total))


def name_weights(kinds: Sequence[ScriptClass], found: Floats) -> Floats:
    """The weights of many pairs, by rows of features in the order of NameFeatures; nan stays."""
    weights = np.full(len(found), np.nan)
    classes = np.array(kinds, dtype=object)
    for kind in dict.fromkeys(kinds):
        rows = np.flatnonzero((classes == kind) & ~np.isnan(found[:, 0]))
        total, lines = _tables()[kind]
        steps = (found[rows, : len(FEATURES)] * STEPS + _NEARLY).astype(np.intp)
        sums = np.full(len(rows), total)
        for line, step in zip(lines, steps.T, strict=True):
            sums += np.array(line)[step]
        most = MOST_PER_PART * found[rows, -1]
        capped = (sums > 0) & (most > 0)
        sums[capped] = most[capped] * np.tanh(sums[capped] / most[capped])
        weights[rows] = np.clip(sums, FLOOR, CEILING)
    return weights


def bounded(weight: float, evidence: float) -> float:
    """A weight that can approach, never pass, what names of this weight can tell.

    However well one frequent name agrees, many people have it.
    """
    most = MOST_PER_PART * evidence
    return most * math.tanh(weight / most) if most > 0 else 0.0


@lru_cache(maxsize=1024)
def script_class(left: frozenset[Script], right: frozenset[Script]) -> ScriptClass:
    """How far apart the scripts of two names are, the same both ways."""
    if left == right or not left or not right:
        return "same"
    both = left | right
    if both & _EAST:
        return "east"
    return "abjad" if both & ABJADS else "alphabets"


@cache
def _tables() -> dict[ScriptClass, tuple[float, tuple[tuple[float, ...], ...]]]:
    """For each class the intercept and, in the order of FEATURES, the line of each feature."""
    source = files("rfl.matching").joinpath("name_model.json").read_bytes()
    model = msgspec.json.decode(source, type=_Model)
    return {
        kind: (one.intercept, tuple(one.features[name].steps() for name in FEATURES))
        for kind, one in model.classes.items()
    }
