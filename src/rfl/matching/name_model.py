"""What the likeness of two names weighs: a monotone model, fitted offline, kept as JSON.

For each class of script pairs and each feature a rising line of straight pieces; the sum is a
log-likelihood ratio. `name_model.json` holds coefficients only, no names.
"""

from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from rfl.domain.decoding import decoded
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
WEIGHT_OF_LIKENESS: Final = 0.73
WEIGHT_OF_RARITY: Final = 0.52
"""Against one of a pool: by greatest likelihood on labelled searches (docs/matching.md)."""

RAREST: Final = 14.0

Floats = NDArray[np.float64]
_Classes = list[tuple[ScriptClass, NDArray[np.intp]]]

_EACH_FEATURE: Final = np.arange(len(FEATURES))
_EAST = frozenset({Script.HAN, Script.HANGUL, Script.KANA, Script.OTHER})


class Line(msgspec.Struct, frozen=True):
    """A rising line of straight pieces, level outside its points."""

    at: list[float]
    weight: list[float]

    def steps(self) -> Floats:
        """The weight at each of STEPS + 1 even places from 0 to 1, level outside the points."""
        return np.interp(np.linspace(0, 1, STEPS + 1), self.at, self.weight)


class Calibration(msgspec.Struct, frozen=True):
    """From the weights that the model states to those that turned out true; two points at least
    or none: then they stay.
    """

    at: list[float]
    weight: list[float]

    def applied(self, weights: Floats) -> Floats:
        """The true weights, between FLOOR and CEILING."""
        true = weights if len(self.at) < 2 else np.interp(weights, self.at, self.weight)
        return _between(FLOOR, true, CEILING)


class ClassModel(msgspec.Struct, frozen=True):
    """The model of one class of script pairs."""

    intercept: float
    features: dict[str, Line]
    calibration: Calibration = Calibration([], [])


class Model(msgspec.Struct, frozen=True):
    """The whole of `name_model.json`: coefficients, and where they come from in figures."""

    version: int
    classes: dict[ScriptClass, ClassModel]
    provenance: dict[str, Any] = {}


def name_weights(kinds: Sequence[ScriptClass], found: Floats) -> Floats:
    """The weights of many pairs, by rows of features in the order of NameFeatures; nan stays."""
    classes = _rows_by_class(kinds, found)
    weights = _sums(classes, found)
    most = MOST_PER_PART * found[:, -1]
    capped = (weights > 0) & (most > 0)
    weights[capped] = most[capped] * np.tanh(weights[capped] / most[capped])
    return _calibrated(classes, weights)


def weights_among_many(kinds: Sequence[ScriptClass], found: Floats) -> Floats:
    """The weights against one person of a pool; the evidence is how rare the agreeing parts are.

    The labelled pairs that the model was fitted on hold many strangers who share a frequent part.
    Of a pool few share a part with anybody, and fewer a rare one: what agrees weighs more.
    """
    classes = _rows_by_class(kinds, found)
    likeness = _calibrated(classes, _sums(classes, found))
    weights = WEIGHT_OF_LIKENESS * likeness + WEIGHT_OF_RARITY * found[:, -1]
    return _between(FLOOR, weights, RAREST)


def _rows_by_class(kinds: Sequence[ScriptClass], found: Floats) -> _Classes:
    """Each class of script pairs that occurs with its rows, but for those of nan."""
    numbers = {kind: number for number, kind in enumerate(dict.fromkeys(kinds))}
    classes = np.fromiter(map(numbers.__getitem__, kinds), np.int8, len(kinds))
    classes[np.isnan(found[:, 0])] = -1
    return [(kind, (classes == number).nonzero()[0]) for kind, number in numbers.items()]


def _sums(classes: _Classes, found: Floats) -> Floats:
    weights = np.full(len(found), np.nan)
    for kind, rows in classes:
        total, lines = _tables()[kind]
        steps = (found[rows, : len(FEATURES)] * STEPS + _NEARLY).astype(np.intp)
        weights[rows] = total + np.add.reduce(lines[_EACH_FEATURE, steps], axis=1)
    return weights


def _calibrated(classes: _Classes, weights: Floats) -> Floats:
    """The weights that turned out true, class by class; nan stays."""
    for kind, rows in classes:
        weights[rows] = _model().classes[kind].calibration.applied(weights[rows])
    return weights


def _between(least: float, weights: Floats, most: float) -> Floats:
    """np.clip without what it asks first, which is most of its time for a hundred weights."""
    return np.minimum(np.maximum(weights, least), most)


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
def _tables() -> dict[ScriptClass, tuple[float, Floats]]:
    """For each class the intercept and, in the order of FEATURES, the line of each feature."""
    return {
        kind: (one.intercept, np.array([one.features[name].steps() for name in FEATURES]))
        for kind, one in _model().classes.items()
    }


@cache
def _model() -> Model:
    source = files("rfl.matching").joinpath("name_model.json").read_bytes()
    return decoded(source, Model)
