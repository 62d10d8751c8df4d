"""Fits the name model on labelled pairs of names, and says how it does on people it has not seen.

For each class of script pairs a logistic regression on rising pieces of each feature, whose
weights may not be negative: more alike never weighs less. It has some thirty weights, so that a
Newton step with the bound kept is all it needs, and no package for learning.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.figures import pair_figures
from rfl.matching.many_names import compare_many
from rfl.matching.name_model import (
    FEATURES,
    MOST_PER_PART,
    Calibration,
    ClassModel,
    Line,
    Model,
    ScriptClass,
    script_class,
)
from rfl.matching.names import prepare_name

Floats = NDArray[np.float64]
Row = Mapping[str, Any]

KNOTS: Final[Mapping[str, tuple[float, ...]]] = {
    "cover_short": (0.3, 0.5, 0.65, 0.75, 0.85, 0.92, 1),
    "cover_long": (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 1),
    "weakest": (0.2, 0.45, 0.6, 0.75, 0.9, 1),
    "strong": (0, 0.15, 0.3, 0.45, 0.67, 1),
    "joined": (0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 1),
    "ordered": (0, 1),
}
UNSEEN: Final = 5
"""One person in so many is kept from fitting, and so is one in so many for calibrating."""

_SHRINK: Final = 1.0
_STEPS: Final = 60
_BINS: Final = 24


@dataclass(frozen=True, slots=True)
class Fitted:
    """The model, and the figures of the part that it has not seen, in all and by class."""

    model: Model
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Pairs:
    """Labelled pairs as numbers: features, label, class, and the part of the split."""

    features: Floats
    same: NDArray[np.bool_]
    kinds: NDArray[np.object_]
    parts: NDArray[np.int64]

    def of(self, chosen: NDArray[np.bool_]) -> "_Pairs":
        return _Pairs(
            self.features[chosen], self.same[chosen], self.kinds[chosen], self.parts[chosen]
        )


def fit(rows: Iterable[Row], version: int) -> Fitted:
    """Fit on the people of all parts but one; report on that one; the same rows, the same model."""
    pairs = _read(rows)
    classes: dict[ScriptClass, ClassModel] = {}
    figures: dict[str, Any] = {}
    for kind in sorted(set(pairs.kinds.tolist())):
        mine = pairs.of(pairs.kinds == kind)
        classes[kind] = _class_model(mine.of(mine.parts > 0))
        unseen = mine.of(mine.parts == 0)
        found = pair_figures(unseen.same, weighed(classes[kind], unseen.features))
        figures[kind] = found.as_json() if found else None
    fitted = {"pairs": int((pairs.parts > 0).sum()), "same": int(pairs.same[pairs.parts > 0].sum())}
    report = {"fitted": fitted, "unseen": figures}
    return Fitted(Model(version=version, classes=classes, provenance=report), report)


def weighed(model: ClassModel, features: Floats) -> Floats:
    """The calibrated weights of pairs under a model of their class."""
    return model.calibration.applied(_bounded(_raw(model, features), features))


def _read(rows: Iterable[Row]) -> _Pairs:
    """Pairs once each, without those whose two people are in different parts of the split."""
    labelled = {
        (str(row["name1"]), str(row["name2"])): (str(row["label"]) == "1", str(row.get("country")))
        for row in rows
    }
    part_of = _parts([pair for pair, (same, _country) in labelled.items() if same])
    kept: list[tuple[tuple[str, str], bool, int]] = []
    for (one, other), (same, country) in labelled.items():
        left, right = (_part(part_of.get(name, name)) for name in (one, other))
        if country != "None":
            left = right = _part(country)
        if left == right:
            kept.append(((one, other), same, left))
    names = [(prepare_name(one), prepare_name(other)) for (one, other), _same, _place in kept]
    features = compare_many(names)
    known = ~np.isnan(features[:, 0])
    kinds = np.array([script_class(one.scripts, other.scripts) for one, other in names], object)
    labels = np.array([same for _pair, same, _place in kept], dtype=np.bool_)
    parts = np.array([place for _pair, _same, place in kept])
    return _Pairs(features, labels, kinds, parts).of(known)


def _parts(same: Sequence[tuple[str, str]]) -> dict[str, str]:
    """For each name the least name of all that are one person with it, through any chain."""
    links: dict[str, list[str]] = defaultdict(list)
    for one, other in same:
        links[one].append(other)
        links[other].append(one)
    least: dict[str, str] = {}
    for start in sorted(links):
        waiting = [] if start in least else [start]
        while waiting:
            name = waiting.pop()
            if name not in least:
                least[name] = start
                waiting += links[name]
    return least


def _part(person: str) -> int:
    return zlib.crc32(person.encode()) % UNSEEN


def _class_model(pairs: _Pairs) -> ClassModel:
    """The model of one class, calibrated on people that each of several fits has not seen."""
    unseen = np.zeros(len(pairs.same))
    for part in sorted(set(pairs.parts.tolist())):
        rest, mine = pairs.parts != part, pairs.parts == part
        if rest.any() and mine.any():
            one = _fitted(pairs.of(rest))
            unseen[mine] = _bounded(_raw(one, pairs.features[mine]), pairs.features[mine])
    whole = _fitted(pairs)
    return ClassModel(whole.intercept, whole.features, _calibration(unseen, pairs.same))


def _fitted(pairs: _Pairs) -> ClassModel:
    pieces = _pieces(pairs.features)
    weights, intercept = _monotone(pieces, pairs.same.astype(np.float64))
    share = pairs.same.mean()
    lines: dict[str, Line] = {}
    start = 0
    for name in FEATURES:
        knots = KNOTS[name]
        rising = np.cumsum(weights[start : start + len(knots) - 1])
        lines[name] = Line(list(knots), [0.0, *np.round(rising, 4).tolist()])
        start += len(knots) - 1
    balanced = intercept - np.log(share / (1 - share))
    return ClassModel(round(float(balanced), 4), lines, Calibration([0.0], [0.0]))


def _pieces(features: Floats) -> Floats:
    columns = []
    for column, name in enumerate(FEATURES):
        knots = KNOTS[name]
        for low, high in pairwise(knots):
            columns.append(np.clip((features[:, column] - low) / (high - low), 0, 1))
    return np.stack(columns, axis=1)


def _monotone(pieces: Floats, same: Floats) -> tuple[Floats, float]:
    """Logistic regression whose weights are at least 0, by Newton steps with the bound kept."""
    rows = np.column_stack([pieces, np.ones(len(pieces))])
    weights = np.append(np.full(pieces.shape[1], 0.3), -3.0)
    shrink = np.append(np.full(pieces.shape[1], _SHRINK), 0.0)
    for _step in range(_STEPS):
        stated = 1 / (1 + np.exp(-(rows @ weights)))
        slope = rows.T @ (stated - same) + shrink * weights
        free = (weights > 0) | (slope < 0)
        free[-1] = True
        curve = (rows * (stated * (1 - stated))[:, np.newaxis]).T @ rows + np.diag(shrink + 1e-6)
        step = np.zeros_like(weights)
        step[free] = np.linalg.solve(curve[np.ix_(free, free)], slope[free])
        moved = weights - np.clip(step, -2, 2)
        moved[:-1] = np.maximum(moved[:-1], 0)
        if np.abs(moved - weights).max() < 1e-5:
            break
        weights = moved
    return weights[:-1], float(weights[-1])


def _raw(model: ClassModel, features: Floats) -> Floats:
    total = np.full(len(features), model.intercept)
    for column, name in enumerate(FEATURES):
        line = model.features[name]
        total += np.interp(features[:, column], line.at, line.weight)
    return total


def _bounded(weights: Floats, features: Floats) -> Floats:
    most = np.maximum(MOST_PER_PART * features[:, -1], 1e-9)
    return np.where(weights > 0, most * np.tanh(weights / most), weights)


def _calibration(weights: Floats, same: NDArray[np.bool_]) -> Calibration:
    """A rising line from stated to true weights, through the means of bins, pooled to rise."""
    order = np.argsort(weights, kind="stable")
    share = same.mean()
    pools: list[tuple[float, float, float]] = []
    for rows in np.array_split(order, min(_BINS, max(1, len(order) // 40))):
        pools.append((float(len(rows)), float(weights[rows].mean()), float(same[rows].mean())))
        while len(pools) > 1 and pools[-1][2] <= pools[-2][2]:
            (count, at, true), (more, here, other) = pools.pop(), pools.pop()
            whole = count + more
            mean = (count * at + more * here) / whole
            pools.append((whole, mean, (count * true + more * other) / whole))
    points: list[float] = []
    weight: list[float] = []
    for count, stated, true in pools:
        least = 0.5 / count
        held = min(max(true, least), 1 - least)
        points.append(round(stated, 4))
        weight.append(round(float(np.log(held / (1 - held)) - np.log(share / (1 - share))), 4))
    return Calibration(points, weight)
