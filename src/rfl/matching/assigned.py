"""Names whose parts were assigned to each other, side by side: what each two have in common."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from rfl.matching.assignment import Choice
from rfl.matching.features import STRONG, NameFeatures
from rfl.matching.many_tokens import NO_PART, Texts, Tokens

Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

COVER_SHORT, COVER_LONG, WEAKEST, STRONG_PARTS, JOINED_UP, ORDERED, EVIDENCE = range(
    len(NameFeatures._fields)
)
"""The columns of a row of features."""

NARROW: Final = 7
"""So many parts are summed one after the other, so that parts of no weight after them change
nothing, not even the last bit. numpy sums more than these in another order."""

add: Final = np.add
_AFTER_ALL: Final = 1_000
"""A place behind every part of a name."""

_STRANGERS: Final = 0.5
"""That a part is rare tells something only of parts that are more alike than this."""


@dataclass(frozen=True, slots=True)
class Assigned:
    """Pairs of names: their `rows`, the parts of both sides by number, the partners of the left.

    `chosen` has the place of each left part's partner, `partners` its number, `likeness` how
    alike they are. Names that have fewer parts than others end with NO_PART, which agrees with
    itself and weighs nothing.
    """

    rows: Numbers
    left: Numbers
    right: Numbers
    chosen: Choice
    partners: Numbers
    likeness: Floats

    def features(self, tokens: Tokens) -> Floats:
        """The features of these pairs; the evidence is the weight of what agrees."""
        weights, likeness = tokens.weights, self.likeness
        own, others = weights[self.left], weights[self.right]
        met = np.minimum(own, weights[self.partners])
        strong = likeness >= STRONG
        shared = add.reduce(met * likeness, axis=1)
        heavier = np.maximum(add.reduce(own, axis=1), add.reduce(others, axis=1))
        found = np.empty((len(self.rows), len(NameFeatures._fields)))
        found[:, COVER_SHORT] = np.minimum(1, shared / add.reduce(met, axis=1))
        found[:, COVER_LONG] = np.minimum(1, shared / heavier)
        found[:, WEAKEST] = np.minimum.reduce(likeness, axis=1)
        found[:, STRONG_PARTS] = np.minimum(1, add.reduce(met * strong, axis=1) / 3)
        found[:, JOINED_UP] = np.maximum(found[:, COVER_LONG], self._joined(tokens))
        found[:, ORDERED] = _in_order(self.chosen, strong)
        found[:, EVIDENCE] = shared
        return found

    def agreeing(self, rows: NDArray[np.bool_]) -> Numbers:
        """The parts of these rows that are alike enough for their rarity to tell something."""
        alike = (self.likeness > _STRANGERS) & rows[self.rows, np.newaxis]
        return np.concatenate([self.left[alike], self.partners[alike]])

    def evidence(self, worth: Floats) -> Floats:
        """How rare the agreeing parts are, as far as they agree; of two the frequent one."""
        rarest = np.minimum(worth[self.left], worth[self.partners])
        agreed = np.maximum(0, (self.likeness - _STRANGERS) / (1 - _STRANGERS))
        found: Floats = add.reduce(rarest * agreed, axis=1)
        return found

    def _joined(self, tokens: Tokens) -> Floats:
        """Likeness of the names as one word, also with the right one in its partners' order."""
        rows = self.rows
        left, right = tokens.joined[tokens.left[rows]], tokens.joined[tokens.right[rows]]
        turned_back = self.chosen[:, 1:] < self.chosen[:, :-1]
        (crossed,) = np.logical_or.reduce(turned_back, axis=1).nonzero()
        if not len(crossed):
            return _each(left, right)
        order = _partners_first(self.chosen[crossed], self.right.shape[1])
        turned = tokens.folds[self.right[crossed[:, np.newaxis], order]]
        both = _each(
            np.concatenate([left, left[crossed]]),
            np.concatenate([right, add.reduce(turned, axis=1)]),
        )
        whole, again = both[: len(left)], both[len(left) :]
        whole[crossed] = np.maximum(whole[crossed], again)
        return whole


def side_by_side(groups: Sequence[Assigned]) -> list[Assigned]:
    """The same pairs in fewer groups: all narrow ones together, with NO_PART where parts lack."""
    narrow = [one for one in groups if max(one.left.shape[1], one.right.shape[1]) <= NARROW]
    if len(narrow) < 2:
        return list(groups)
    wide = [one for one in groups if max(one.left.shape[1], one.right.shape[1]) > NARROW]
    together = Assigned(
        rows=np.concatenate([one.rows for one in narrow]),
        left=_stacked([one.left for one in narrow], NO_PART),
        right=_stacked([one.right for one in narrow], NO_PART),
        chosen=_stacked([one.chosen for one in narrow], _AFTER_ALL),
        partners=_stacked([one.partners for one in narrow], NO_PART),
        likeness=_stacked([one.likeness for one in narrow], 1),
    )
    return [together, *wide]


def _stacked(tables: Sequence[NDArray[Any]], filling: int) -> NDArray[Any]:
    """Tables under each other, each filled up to the width of the widest."""
    height, width = sum(map(len, tables)), max(table.shape[1] for table in tables)
    found = np.full((height, width), filling, tables[0].dtype)
    start = 0
    for table in tables:
        found[start : start + len(table), : table.shape[1]] = table
        start += len(table)
    return found


def _each(left: Texts, right: Texts) -> Floats:
    scorer: Callable[..., Any] = Indel.normalized_similarity
    found: Floats = cpdist(left.tolist(), right.tolist(), scorer=scorer, dtype=np.float64)
    return found


def _partners_first(chosen: Choice, columns: int) -> Choice:
    """The columns in the order of the rows that chose them, then the others as they stand."""
    place = np.empty((len(chosen), columns), np.intp)
    place[:] = np.arange(columns, 2 * columns)
    pair, row = (chosen < columns).nonzero()
    place[pair, chosen[pair, row]] = row
    return place.argsort(axis=1)


def _in_order(chosen: Choice, strong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the parts that agree keep their order."""
    kept = np.ones(len(chosen), dtype=np.bool_)
    last = np.full(len(chosen), -1)
    for place, agrees in zip(chosen.T, strong.T, strict=True):
        kept &= ~(agrees & (place < last))
        last = np.where(agrees, place, last)
    return kept
