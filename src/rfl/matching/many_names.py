"""Compares many pairs of names at once: what `features.compare_names` says of each, with numpy.

Each two different parts are compared once, in C, whoever bears them; pairs of names with as many
parts are assigned together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
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
from rfl.matching.many_tokens import Texts, Tokens
from rfl.matching.names import MAX_TOKENS, PreparedName
from rfl.matching.tokens import Token

Pair = tuple[PreparedName, PreparedName]
Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

Rarity = Callable[[Sequence[Token]], Floats]
"""How much it tells that two people share a part: minus the logarithm of how many have it."""

FIELDS: Final = NameFeatures._fields
_MOST_TOKENS: Final = MAX_TOKENS + 1
_STRANGERS: Final = 0.5
"""That a part is rare tells something only of parts that are more alike than this."""

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
    strong = found[known, _WEAKEST] >= STRONG
    alike = (found[known, _JOINED] > JOINED) & ~strong
    tried: list[Pair] = []
    owners: list[int] = []
    for n in np.flatnonzero(~strong | (found[known, _COVER_LONG] < STRONG)).tolist():
        left, right = turned[n]
        if len(left.tokens) < len(right.tokens) and (alike[n] or has_unspaced(left)):
            ways = with_parts_joined(left, right)
            tried += ways
            owners += [known[n]] * len(ways)
    beaten = _covers(found[owners])
    for owner, row in zip(owners, _compared(tried, rarity, beaten), strict=True):
        kept = found[owner, _WEAKEST] < STRONG or row[_WEAKEST] >= STRONG
        if kept and _covers(row) > _covers(found[owner]):
            found[owner] = row


def _covers(found: Floats) -> Floats:
    """By which a row of features is better than another of the same two names."""
    both: Floats = found[..., _COVER_SHORT] + found[..., _COVER_LONG]
    return both


def _compared(pairs: Sequence[Pair], rarity: Rarity | None, beaten: Floats | None = None) -> Floats:
    """A row for each pair; rarity is not asked for rows whose covers are not above `beaten`."""
    found = np.empty((len(pairs), len(FIELDS)))
    if not pairs:
        return found
    tokens = Tokens.of(pairs)
    groups = _groups(tokens)
    codes = [group.codes(len(tokens)) for group in groups]
    distinct, places = np.unique(
        np.concatenate([one.ravel() for one in codes]), return_inverse=True
    )
    left, right = np.divmod(distinct, len(tokens))
    likeness = tokens.likeness(left, right)[places]
    start = 0
    for group, code in zip(groups, codes, strict=True):
        table = likeness[start : start + code.size].reshape(code.shape)
        start += code.size
        group.assign(table)
        found[group.rows] = group.features(tokens)
    if rarity is not None:
        _judge_by_rarity(found, tokens, groups, rarity, beaten)
    return found


def _judge_by_rarity(
    found: Floats,
    tokens: Tokens,
    groups: Sequence["_Group"],
    rarity: Rarity,
    beaten: Floats | None,
) -> None:
    """Put in place of the weight of the agreeing parts how rare they are."""
    better = np.ones(len(found), np.bool_) if beaten is None else _covers(found) > beaten
    asked = np.unique(np.concatenate([group.agreeing(better) for group in groups]))
    worth = np.zeros(len(tokens))
    if len(asked):
        worth[asked] = rarity([tokens.tokens[one] for one in asked.tolist()])
    for group in groups:
        found[group.rows, _EVIDENCE] = group.evidence(worth)


def _groups(tokens: Tokens) -> list["_Group"]:
    counts = tokens.counts[tokens.left] * _MOST_TOKENS + tokens.counts[tokens.right]
    shapes, shape_of = np.unique(counts, return_inverse=True)
    return [
        _Group.of(np.flatnonzero(shape_of == n), divmod(shape, _MOST_TOKENS), tokens)
        for n, shape in enumerate(shapes.tolist())
    ]


@dataclass(slots=True)
class _Group:
    """Pairs whose names have as many parts as each other's: row numbers, parts by number.

    Once they are assigned, `chosen` has the place of each left part's partner, `partners` its
    number, `likeness` how alike they are.
    """

    rows: Numbers
    left: Numbers
    right: Numbers
    chosen: Choice = field(init=False)
    partners: Numbers = field(init=False)
    likeness: Floats = field(init=False)

    @classmethod
    def of(cls, rows: Numbers, shape: tuple[int, int], tokens: Tokens) -> "_Group":
        left = tokens.parts(tokens.left[rows], shape[0])
        return cls(rows, left, tokens.parts(tokens.right[rows], shape[1]))

    def codes(self, count: int) -> Numbers:
        """A number for each two parts that meet."""
        return self.left[:, :, np.newaxis] * count + self.right[:, np.newaxis, :]

    def assign(self, table: Floats) -> None:
        """Find each part's partner, by how alike all of them are."""
        each = np.arange(len(table))[:, np.newaxis]
        self.chosen = assign_many(table)
        self.partners = self.right[each, self.chosen]
        self.likeness = table[each, np.arange(table.shape[1]), self.chosen]

    def features(self, tokens: Tokens) -> Floats:
        """The features of these pairs; the evidence is the weight of what agrees."""
        weights, likeness = tokens.weights, self.likeness
        own, others = weights[self.left], weights[self.right]
        met = np.minimum(own, weights[self.partners])
        strong = likeness >= STRONG
        shared = (met * likeness).sum(axis=1)
        heavier = np.maximum(own.sum(axis=1), others.sum(axis=1))
        found = np.empty((len(self.rows), len(FIELDS)))
        found[:, _COVER_SHORT] = np.minimum(1, shared / met.sum(axis=1))
        found[:, _COVER_LONG] = np.minimum(1, shared / heavier)
        found[:, _WEAKEST] = likeness.min(axis=1)
        found[:, _STRONG] = np.minimum(1, (met * strong).sum(axis=1) / 3)
        found[:, _JOINED] = np.maximum(found[:, _COVER_LONG], self._joined(tokens))
        found[:, _ORDERED] = _in_order(self.chosen, strong)
        found[:, _EVIDENCE] = shared
        return found

    def agreeing(self, rows: NDArray[np.bool_]) -> Numbers:
        """The parts of these rows that are alike enough for their rarity to tell something."""
        alike = (self.likeness > _STRANGERS) & rows[self.rows, np.newaxis]
        return np.concatenate([self.left[alike], self.partners[alike]])

    def evidence(self, worth: Floats) -> Floats:
        """How rare the agreeing parts are, as far as they agree; of two the frequent one."""
        rarest = np.minimum(worth[self.left], worth[self.partners])
        agreed = np.maximum(0, (self.likeness - _STRANGERS) / (1 - _STRANGERS))
        found: Floats = (rarest * agreed).sum(axis=1)
        return found

    def _joined(self, tokens: Tokens) -> Floats:
        """Likeness of the names as one word, also with the right one in its partners' order."""
        chosen = self.chosen
        left, right = tokens.joined[tokens.left[self.rows]], tokens.joined[tokens.right[self.rows]]
        whole = _each(left, right)
        crossed = np.flatnonzero((chosen[:, 1:] < chosen[:, :-1]).any(axis=1))
        if len(crossed):
            order = _partners_first(chosen[crossed], self.right.shape[1])
            parts = tokens.folds[np.take_along_axis(self.right[crossed], order, axis=1)]
            again = _each(left[crossed], np.add.reduce(parts, axis=1))
            whole[crossed] = np.maximum(whole[crossed], again)
        return whole


def _each(left: Texts, right: Texts) -> Floats:
    scorer: Callable[..., Any] = Indel.normalized_similarity
    found: Floats = cpdist(left.tolist(), right.tolist(), scorer=scorer, dtype=np.float64)
    return found


def _partners_first(chosen: Choice, columns: int) -> Choice:
    """The columns in the order of the rows that chose them, then the others as they stand."""
    place = np.broadcast_to(np.arange(columns) + columns, (len(chosen), columns)).copy()
    np.put_along_axis(place, chosen, np.arange(chosen.shape[1])[np.newaxis], axis=1)
    return np.argsort(place, axis=1)


def _in_order(chosen: Choice, strong: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the parts that agree keep their order."""
    kept = np.ones(len(chosen), dtype=np.bool_)
    last = np.full(len(chosen), -1)
    for place, agrees in zip(chosen.T, strong.T, strict=True):
        kept &= ~(agrees & (place < last))
        last = np.where(agrees, place, last)
    return kept
