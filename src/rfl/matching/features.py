"""What two full names have in common, as numbers that a monotone model can weigh.

Parts are assigned to each other so that the sum of their likeness is greatest; order counts
little, because families and lists put names in any order.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

from rapidfuzz.distance import Indel

from rfl.matching.names import PreparedName, with_joined
from rfl.matching.scripts import UNSPACED
from rfl.matching.similarity import similarity
from rfl.matching.tokens import Token

STRONG = 0.85
JOINED = 0.7
_TRIED = 3
_WAYS = {
    (n, m): tuple(permutations(range(m), n)) for m in range(1, _TRIED + 1) for n in range(1, m + 1)
}


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
    if (len(left.tokens), left.joined) > (len(right.tokens), right.joined):
        left, right = right, left
    found = _compared(left, right)
    if len(left.tokens) < len(right.tokens) and _may_be_joined(left, found):
        return _with_parts_joined(left, right, found)
    return found


def _may_be_joined(shorter: PreparedName, found: NameFeatures) -> bool:
    """Whether the names are more alike as one word than part by part.

    An own name of two Chinese characters or Hangul syllables is two words in many spellings, and
    which of its readings is meant is not known before.
    """
    if found.weakest >= STRONG:
        return False
    return found.joined > JOINED or not UNSPACED.isdisjoint(shorter.scripts)


def _with_parts_joined(
    left: PreparedName, right: PreparedName, found: NameFeatures
) -> NameFeatures:
    """The best comparison in which two neighbours of the longer name are one part."""
    joined = [with_joined(right, index) for index in range(len(right.tokens) - 1)]
    return max([found, *(_compared(left, one) for one in joined)], key=_sum_of_covers)


def _sum_of_covers(found: NameFeatures) -> float:
    return found.cover_short + found.cover_long


def _compared(left: PreparedName, right: PreparedName) -> NameFeatures:
    if len(left.tokens) > len(right.tokens):
        left, right = right, left
    return _features(left, right, assign(left.tokens, right.tokens))


def assign(left: Sequence[Token], right: Sequence[Token]) -> list[Pairing]:
    """Pair each part of the shorter side with one of the longer.

    All ways are tried where there are few; else the most alike first, then exchanged.
    """
    table = [[similarity(a, b) for b in right] for a in left]
    if len(left) == 1:
        best = max(table[0])
        return [(0, table[0].index(best), best)]
    if len(left) <= _TRIED and len(right) <= _TRIED:
        chosen = _of_all_ways(table)
    else:
        chosen = _greedily(table)
    return [(i, j, table[i][j]) for i, j in enumerate(chosen)]


def _of_all_ways(table: Sequence[Sequence[float]]) -> Sequence[int]:
    best: Sequence[int] = ()
    sum_of_best = -1.0
    for way in _WAYS[len(table), len(table[0])]:
        total = 0.0
        for row, column in zip(table, way, strict=True):
            total += row[column]
        if total > sum_of_best:
            best, sum_of_best = way, total
    return best


def _greedily(table: Sequence[Sequence[float]]) -> Sequence[int]:
    ranked = sorted((-value, i, j) for i, row in enumerate(table) for j, value in enumerate(row))
    chosen: dict[int, int] = {}
    taken: set[int] = set()
    for _, i, j in ranked:
        if i not in chosen and j not in taken:
            chosen[i] = j
            taken.add(j)
    _exchange(table, chosen)
    return [chosen[i] for i in range(len(table))]


def _exchange(table: Sequence[Sequence[float]], chosen: dict[int, int]) -> None:
    """Swap the partners of two parts wherever that makes the sum greater; one pass."""
    rows = sorted(chosen)
    for position, i in enumerate(rows):
        for k in rows[position + 1 :]:
            j, m = chosen[i], chosen[k]
            if table[i][m] + table[k][j] > table[i][j] + table[k][m]:
                chosen[i], chosen[k] = m, j


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
