"""What two full names have in common, as numbers that a monotone model can weigh.

Parts are assigned to each other so that the sum of their likeness is greatest; order counts
little, because families and lists put names in any order.
"""

from collections.abc import Sequence
from typing import NamedTuple

from rapidfuzz.distance import Indel

from rfl.matching.assignment import assign_one
from rfl.matching.names import PreparedName, with_joined
from rfl.matching.scripts import UNSPACED
from rfl.matching.similarity import similarity

STRONG = 0.85
JOINED = 0.7


class NameFeatures(NamedTuple):
    """Each from 0 to 1, and each higher for names that are more alike.

    `cover_short` and `cover_long`: likeness over the weight of the paired parts, and of the heavier
    name. `weakest`: the worst of the assigned pairs. `strong`: the weight of the parts that agree
    well, in thirds. `joined`: the names as one word. `ordered`: whether agreeing parts keep their
    order. `evidence` has no upper bound: the weight of all parts, as far as they agree.
    """

    cover_short: float
    cover_long: float
    weakest: float
    strong: float
    joined: float
    ordered: float
    evidence: float


Pairing = tuple[int, int, float]
"""Which part of the left name goes with which of the right, and how alike they are."""


def compare_names(left: PreparedName, right: PreparedName) -> NameFeatures | None:
    """The features of two names, the same both ways; None if either has no part to compare."""
    if not left.tokens or not right.tokens:
        return None
    left, right = in_turn(left, right)
    found = _compared(left, right)
    if len(left.tokens) < len(right.tokens) and may_be_joined(left, found):
        others = [_compared(*pair) for pair in with_parts_joined(left, right)]
        least = STRONG if found.weakest >= STRONG else 0.0
        return max([found, *(one for one in others if one.weakest >= least)], key=_sum_of_covers)
    return found


def in_turn(left: PreparedName, right: PreparedName) -> tuple[PreparedName, PreparedName]:
    """The name with fewer parts first, so that a comparison is the same both ways."""
    one, other = len(left.tokens), len(right.tokens)
    if one > other or (one == other and left.joined > right.joined):
        return right, left
    return left, right


def with_parts_joined(
    left: PreparedName, right: PreparedName
) -> list[tuple[PreparedName, PreparedName]]:
    """The pairs to compare in which two neighbours of the longer name are one part."""
    return [(left, with_joined(right, index)) for index in range(len(right.tokens) - 1)]


def may_be_joined(shorter: PreparedName, found: NameFeatures) -> bool:
    """Whether the names are more alike as one word than part by part.

    An own name of two Chinese characters or Hangul syllables is two words in many spellings, and
    which of its readings is meant is not known before.
    """
    if has_unspaced(shorter):
        return found.weakest < STRONG or found.cover_long < STRONG
    return found.weakest < STRONG and found.joined > JOINED


def has_unspaced(name: PreparedName) -> bool:
    """Whether a part of the name is of a script that puts no space between names."""
    return not UNSPACED.isdisjoint(name.scripts)


def _sum_of_covers(found: NameFeatures) -> float:
    return found.cover_short + found.cover_long


def _compared(left: PreparedName, right: PreparedName) -> NameFeatures:
    table = [[similarity(a, b) for b in right.tokens] for a in left.tokens]
    pairs = [(i, j, table[i][j]) for i, j in enumerate(assign_one(table))]
    return _features(left, right, pairs)


def _features(left: PreparedName, right: PreparedName, pairs: list[Pairing]) -> NameFeatures:
    shared = paired = 0.0
    strong = 0.0
    for i, j, likeness in pairs:
        weight = min(left.tokens[i].weight, right.tokens[j].weight)
        shared += weight * likeness
        paired += weight
        if likeness >= STRONG:
            strong += weight
    cover_long = min(1.0, shared / max(left.weight, right.weight))
    return NameFeatures(
        cover_short=min(1.0, shared / paired),
        cover_long=cover_long,
        weakest=min([likeness for _, _, likeness in pairs]),
        strong=min(1.0, strong / 3),
        joined=max(cover_long, _joined(left, right, pairs)),
        ordered=float(_in_order(pairs)),
        evidence=shared,
    )


def _in_order(pairs: Sequence[Pairing]) -> bool:
    agreeing = [j for _, j, likeness in pairs if likeness >= STRONG]
    return agreeing == sorted(agreeing)


def _joined(left: PreparedName, right: PreparedName, pairs: Sequence[Pairing]) -> float:
    """Likeness of the names as one word, the right one in the order of its partners."""
    plain = Indel.normalized_similarity(left.joined, right.joined)
    order = [j for _, j, _ in pairs]
    if order == sorted(order):
        return plain
    rest = [j for j in range(len(right.tokens)) if j not in order]
    turned = "".join([right.tokens[j].forms[0].fold for j in order + rest])
    return max(plain, Indel.normalized_similarity(left.joined, turned))
