"""Compares many pairs of names at once: what `features.compare_names` says of each, with numpy.

Each two different parts are compared once, in C, whoever bears them; pairs of names with as many
parts are assigned together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import Indel
from rapidfuzz.process import cpdist

from rfl.matching.assignment import Choice, assign_many
from rfl.matching.features import (
    JOINED,
    STRONG,
    NameFeatures,
    has_unspaced,
    in_turn,
    with_parts_joined,
)
from rfl.matching.many_tokens import Tokens
from rfl.matching.names import PreparedName
from rfl.matching.tokens import Token

Pair = tuple[PreparedName, PreparedName]
Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

Rarity = Callable[[Sequence[Token]], Floats]
"""How much it tells that two people share a part: minus the logarithm of how many have it."""

FIELDS: Final = NameFeatures._fields
_COVER_SHORT, _COVER_LONG, _WEAKEST, _STRONG, _JOINED, _ORDERED, _EVIDENCE = range(len(FIELDS))


def compare_many(pairs: Sequence[Pair], rarity: Rarity | None = None) -> Floats:
    """A row of features for each pair; a row of nan if a name has no part to compare.

    With `rarity` the evidence is how rare the agreeing parts are, else how much they weigh.
    """
    found = np.full((len(pairs), len(FIELDS)), np.nan)
    known = [n for n, (left, right) in enumerate(pairs) if left.tokens and right.tokens]
    turned = [in_turn(*pairs[n]) for n in known]
    found[known] = _compared(turned, rarity)
    _join_parts(found, known, turned, rarity)
    return found


def _join_parts(
    found: Floats, known: Sequence[int], turned: Sequence[Pair], rarity: Rarity | None
) -> None:
    """Where names may be more alike as one word, try to read two neighbours as one part."""
    unspaced = np.array([has_unspaced(left) for left, _right in turned], dtype=np.bool_)
    alike = (found[known, _JOINED] > JOINED) | unspaced
    may = np.flatnonzero((found[known, _WEAKEST] < STRONG) & alike)
    tried: list[Pair] = []
    owners: list[int] = []
    for n in may.tolist():
        left, right = turned[n]
        if len(left.tokens) < len(right.tokens):
            ways = with_parts_joined(left, right)
            tried += ways
            owners += [known[n]] * len(ways)
    for owner, row in zip(owners, _compared(tried, rarity), strict=True):
        if row[:_WEAKEST].sum() > found[owner, :_WEAKEST].sum():
            found[owner] = row


def _compared(pairs: Sequence[Pair], rarity: Rarity | None) -> Floats:
    found = np.empty((len(pairs), len(FIELDS)))
    if not pairs:
        return found
    tokens = Tokens.of(pairs)
    worth = tokens.weights if rarity is None else rarity(tokens.tokens)
    shapes: dict[tuple[int, int], list[int]] = {}
    for n, (left, right) in enumerate(pairs):
        shapes.setdefault((len(left.tokens), len(right.tokens)), []).append(n)
    groups = [_Group.of(rows, pairs, tokens) for rows in shapes.values()]
    codes = [group.codes(len(tokens)) for group in groups]
    distinct, places = np.unique(
        np.concatenate([one.ravel() for one in codes]), return_inverse=True
    )
    likeness = tokens.likeness(distinct // len(tokens), distinct % len(tokens))[places]
    start = 0
    for group, code in zip(groups, codes, strict=True):
        table = likeness[start : start + code.size].reshape(code.shape)
        start += code.size
        found[group.rows] = group.features(table, pairs, tokens.weights, worth)
    return found


@dataclass(frozen=True, slots=True)
class _Group:
    """Pairs whose names have as many parts as each other's: row numbers, parts by number."""

    rows: Numbers
    left: Numbers
    right: Numbers

    @classmethod
    def of(cls, rows: Sequence[int], pairs: Sequence[Pair], tokens: Tokens) -> "_Group":
        number = tokens.number
        left = [[number[part] for part in pairs[n][0].tokens] for n in rows]
        right = [[number[part] for part in pairs[n][1].tokens] for n in rows]
        return cls(np.array(rows), np.array(left), np.array(right))

    def codes(self, count: int) -> Numbers:
        """A number for each two parts that meet."""
        return self.left[:, :, np.newaxis] * count + self.right[:, np.newaxis, :]

    def features(
        self, table: Floats, pairs: Sequence[Pair], weights: Floats, worth: Floats
    ) -> Floats:
        """The features of these pairs, by how alike their parts are."""
        chosen = assign_many(table)
        own, others = weights[self.left], weights[self.right]
        met = np.minimum(own, np.take_along_axis(others, chosen, axis=1))
        likeness = np.take_along_axis(table, chosen[:, :, np.newaxis], axis=2)[:, :, 0]
        strong = likeness >= STRONG
        shared = (met * likeness).sum(axis=1)
        heavier = np.maximum(own.sum(axis=1), others.sum(axis=1))
        found = np.empty((len(self.rows), len(FIELDS)))
        found[:, _COVER_SHORT] = np.minimum(1, shared / met.sum(axis=1))
        found[:, _COVER_LONG] = np.minimum(1, shared / heavier)
        found[:, _WEAKEST] = likeness.min(axis=1)
        found[:, _STRONG] = np.minimum(1, (met * strong).sum(axis=1) / 3)
        found[:, _JOINED] = np.maximum(found[:, _COVER_LONG], self._joined(pairs, chosen))
        found[:, _ORDERED] = _in_order(chosen, strong)
        rarest = np.minimum(worth[self.left], np.take_along_axis(worth[self.right], chosen, axis=1))
        found[:, _EVIDENCE] = (rarest * likeness).sum(axis=1)
        return found

    def _joined(self, pairs: Sequence[Pair], chosen: Choice) -> Floats:
        """Likeness of the names as one word, also with the right one in its partners' order."""
        mine = [pairs[n] for n in self.rows.tolist()]
        whole = _each([left.joined for left, _ in mine], [right.joined for _, right in mine])
        crossed = np.flatnonzero((np.diff(chosen, axis=1) < 0).any(axis=1)).tolist()
        if crossed:
            turned = [_turned(mine[n][1], chosen[n].tolist()) for n in crossed]
            again = _each([mine[n][0].joined for n in crossed], turned)
            whole[crossed] = np.maximum(whole[crossed], again)
        return whole


def _each(left: Sequence[str], right: Sequence[str]) -> Floats:
    scorer: Callable[..., Any] = Indel.normalized_similarity
    found: Floats = cpdist(left, right, scorer=scorer, dtype=np.float64)
    return found


def _turned(name: PreparedName, order: Sequence[int]) -> str:
    rest = [j for j in range(len(name.tokens)) if j not in order]
    return "".join([name.tokens[j].forms[0].fold for j in (*order, *rest)])


def _in_order(chosen: Choice, strong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the parts that agree keep their order."""
    kept = np.ones(len(chosen), dtype=np.bool_)
    last = np.full(len(chosen), -1)
    for place, agrees in zip(chosen.T, strong.T, strict=True):
        kept &= ~(agrees & (place < last))
        last = np.where(agrees, place, last)
    return kept
