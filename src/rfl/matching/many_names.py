"""Compares many pairs of names at once: what `features.compare_names` says of each, with numpy.

Each two different parts are compared once, in C, whoever bears them; pairs of names with as many
parts are assigned together.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.matching.assigned import (
    COVER_LONG,
    COVER_SHORT,
    EVIDENCE,
    JOINED_UP,
    WEAKEST,
    Assigned,
    side_by_side,
)
from rfl.matching.assignment import assign_many
from rfl.matching.features import (
    JOINED,
    STRONG,
    NameFeatures,
    has_unspaced,
    in_turn,
    with_parts_joined,
)
from rfl.matching.many_tokens import NO_PART, Tokens
from rfl.matching.names import MAX_TOKENS, PreparedName
from rfl.matching.tokens import Token

Pair = tuple[PreparedName, PreparedName]
Floats = NDArray[np.float64]
Numbers = NDArray[np.intp]

Rarity = Callable[[Sequence[Token]], Floats]
"""How much it tells that two people share a part: minus the logarithm of how many have it."""

FIELDS: Final = NameFeatures._fields
_MOST_TOKENS: Final = MAX_TOKENS + 1


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
    strong = found[known, WEAKEST] >= STRONG
    alike = (found[known, JOINED_UP] > JOINED) & ~strong
    tried: list[Pair] = []
    owners: list[int] = []
    for n in np.flatnonzero(~strong | (found[known, COVER_LONG] < STRONG)).tolist():
        left, right = turned[n]
        if len(left.tokens) < len(right.tokens) and (alike[n] or has_unspaced(left)):
            ways = with_parts_joined(left, right)
            tried += ways
            owners += [known[n]] * len(ways)
    beaten = _covers(found[owners])
    for owner, row in zip(owners, _compared(tried, rarity, beaten), strict=True):
        kept = found[owner, WEAKEST] < STRONG or row[WEAKEST] >= STRONG
        if kept and _covers(row) > _covers(found[owner]):
            found[owner] = row


def _covers(found: Floats) -> Floats:
    """By which a row of features is better than another of the same two names."""
    both: Floats = found[..., COVER_SHORT] + found[..., COVER_LONG]
    return both


def _compared(pairs: Sequence[Pair], rarity: Rarity | None, beaten: Floats | None = None) -> Floats:
    """A row for each pair; rarity is not asked for rows whose covers are not above `beaten`."""
    found = np.empty((len(pairs), len(FIELDS)))
    if not pairs:
        return found
    tokens = Tokens.of(pairs)
    groups = side_by_side(_assigned(tokens))
    for group in groups:
        found[group.rows] = group.features(tokens)
    if rarity is not None:
        better = None if beaten is None else _covers(found) > beaten
        _judge_by_rarity(found, tokens, groups, rarity, better)
    return found


def _assigned(tokens: Tokens) -> list[Assigned]:
    """All pairs by the shape of their names; each two different parts are compared once."""
    groups = _groups(tokens)
    codes = [group.codes(len(tokens)) for group in groups]
    distinct, places = _numbered(np.concatenate([one.ravel() for one in codes]))
    likeness = tokens.likeness(*np.divmod(distinct, len(tokens)))[places]
    found, start = [], 0
    for group, code in zip(groups, codes, strict=True):
        end = start + code.size
        found.append(group.assigned(likeness[start:end].reshape(code.shape)))
        start = end
    return found


def _numbered(codes: Numbers) -> tuple[Numbers, Numbers]:
    """The different codes in order, and which of them each is: np.unique with less around it."""
    order = codes.argsort()
    sorted_ = codes[order]
    fresh = np.empty(len(codes), np.bool_)
    fresh[0] = True
    np.not_equal(sorted_[1:], sorted_[:-1], out=fresh[1:])
    places = np.empty(len(codes), np.intp)
    places[order] = fresh.cumsum() - 1
    return sorted_[fresh], places


def _judge_by_rarity(
    found: Floats,
    tokens: Tokens,
    groups: Sequence[Assigned],
    rarity: Rarity,
    better: NDArray[np.bool_] | None,
) -> None:
    """Put in place of the weight of the agreeing parts how rare they are."""
    asked = np.zeros(len(tokens) + 1, np.bool_)
    rows = np.ones(len(found), np.bool_) if better is None else better
    for group in groups:
        asked[group.agreeing(rows)] = True
    asked[NO_PART] = False
    worth = np.zeros(len(asked))
    if asked.any():
        worth[asked] = rarity([tokens.tokens[one] for one in np.flatnonzero(asked).tolist()])
    for group in groups:
        found[group.rows, EVIDENCE] = group.evidence(worth)


def _groups(tokens: Tokens) -> list["_Group"]:
    counts = tokens.counts[tokens.left] * _MOST_TOKENS + tokens.counts[tokens.right]
    return [
        _Group.of((counts == shape).nonzero()[0], divmod(shape, _MOST_TOKENS), tokens)
        for shape in sorted(set(counts.tolist()))
    ]


@dataclass(frozen=True, slots=True)
class _Group:
    """Pairs whose names have as many parts as each other's: row numbers, parts by number."""

    rows: Numbers
    left: Numbers
    right: Numbers

    @classmethod
    def of(cls, rows: Numbers, shape: tuple[int, int], tokens: Tokens) -> "_Group":
        left = tokens.parts(tokens.left[rows], shape[0])
        return cls(rows, left, tokens.parts(tokens.right[rows], shape[1]))

    def codes(self, count: int) -> Numbers:
        """A number for each two parts that meet."""
        return self.left[:, :, np.newaxis] * count + self.right[:, np.newaxis, :]

    def assigned(self, table: Floats) -> Assigned:
        """Each part with its partner, by how alike all of them are."""
        each = np.arange(len(table))[:, np.newaxis]
        chosen = assign_many(table)
        partners = self.right[each, chosen]
        likeness = table[each, np.arange(table.shape[1]), chosen]
        return Assigned(self.rows, self.left, self.right, chosen, partners, likeness)
