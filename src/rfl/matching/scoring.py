"""How likely two descriptions are of one person: a sum of log-odds, each with its reason.

Evidence is never hidden in the sum: every contribution has a stable code, conflicts are as loud
as agreements, and what is unknown is listed with weight 0. The model proposes; people decide.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product, repeat
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rfl.domain.person import Sex
from rfl.matching.bands import SHOW_THRESHOLD, Band, band
from rfl.matching.dates import compare_birth
from rfl.matching.evidence import Contribution, contribution, fixed
from rfl.matching.features import STRONG, NameFeatures
from rfl.matching.kin import compare_kin
from rfl.matching.many_names import Rarity, compare_many
from rfl.matching.name_model import ScriptClass, script_class, weights_among_many
from rfl.matching.places import compare_places
from rfl.matching.rarity import usual_rarity
from rfl.matching.terms import Prepared

__all__ = [
    "ANYWHERE",
    "MODEL_VERSION",
    "SHOW_THRESHOLD",
    "Among",
    "Band",
    "Contribution",
    "Score",
    "band",
    "score",
    "score_many",
    "score_pairs",
    "weigh_many",
]

MODEL_VERSION: Final = 5
"""Raised whenever the same two descriptions would get another score."""

IN_POOL: Final = 0.5
"""How often the person sought is among those who are compared at all."""

USUAL_POOL: Final = 10_000
"""How many are compared where nobody says it."""

LEAST_POOL: Final = 500
"""A shorter list counts as so many: it holds half of those who are sought the more seldom."""

MAX_NAMES: Final = 6
IDENTIFIER: Final = 6.0
IDENTIFIERS_CAP: Final = 9.0
SEX_AGREES: Final = 0.35
SEX_CONFLICT: Final = -2.5
NATIONALITY_AGREES: Final = 0.5
NATIONALITY_AS_PLACE: Final = 0.15
NATIONALITY_DIFFERS: Final = -0.5
_FULL: Final = 0.9
_PART: Final = 0.55


@dataclass(frozen=True, slots=True)
class Score:
    """The probability that two descriptions are of one person, and what made it."""

    probability: float
    total: float
    contributions: tuple[Contribution, ...]
    model_version: int = MODEL_VERSION

    @property
    def band(self) -> Band:
        """The probability in words."""
        return band(self.probability)


@dataclass(frozen=True, slots=True)
class Among:
    """Who is compared: how many, and how rare name parts are among them."""

    people: int = USUAL_POOL
    rarity: Rarity = usual_rarity

    def prior(self) -> float:
        """Log-odds that one of so many people is the person sought, before any evidence."""
        return math.log(IN_POOL / max(LEAST_POOL, self.people))


ANYWHERE: Final = Among()
"""For two descriptions of which nobody says where they were found."""


def score(
    left: Prepared, right: Prepared, *, shared_identifiers: int = 0, among: Among = ANYWHERE
) -> Score:
    """Score two descriptions, the same both ways, one of them standing among others.

    Identifiers are compared elsewhere, by hash.
    """
    found = score_pairs([(left, right)], shared_identifiers=[shared_identifiers], among=among)
    return found[0]


def score_many(
    query: Prepared,
    candidates: Sequence[Prepared],
    *,
    shared_identifiers: Sequence[int] = (),
    among: Among = ANYWHERE,
) -> list[Score]:
    """Score each candidate in the order given; `shared_identifiers` runs along if given.

    The names of all are compared at once.
    """
    pairs = [(query, candidate) for candidate in candidates]
    return score_pairs(pairs, shared_identifiers=shared_identifiers, among=among)


def score_pairs(
    pairs: Sequence[tuple[Prepared, Prepared]],
    *,
    shared_identifiers: Sequence[int] = (),
    among: Among = ANYWHERE,
) -> list[Score]:
    """Score pairs that need have nothing to do with each other, their names all at once."""
    shared = chain(shared_identifiers, repeat(0))
    names = _Names.of(pairs, among.rarity)
    before = fixed("prior.candidate", among.prior())
    return [
        _scored(before, names.reason(row), left, right, count)
        for row, (left, right), count in zip(range(len(pairs)), pairs, shared, strict=False)
    ]


def weigh_many(
    query: Prepared, candidates: Sequence[Prepared], among: Among = ANYWHERE
) -> list[float]:
    """The totals of `score_many` without their reasons: a search ranks hundreds and shows few."""
    pairs = [(query, candidate) for candidate in candidates]
    names = _Names.of(pairs, among.rarity).weights + among.prior()
    return [
        weight + math.fsum([one.weight for one in _beside_names(*pair)])
        for weight, pair in zip(names.tolist(), pairs, strict=True)
    ]


def _scored(
    before: Contribution, names: Contribution, left: Prepared, right: Prepared, identifiers: int
) -> Score:
    findings = [before, names, *_beside_names(left, right)]
    if identifiers > 0:
        weight = min(IDENTIFIERS_CAP, IDENTIFIER * identifiers)
        findings.append(fixed("identifiers.shared", weight, identifiers))
    return _summed(findings)


def _beside_names(left: Prepared, right: Prepared) -> list[Contribution]:
    places = compare_places(left.places, right.places)
    return [
        compare_birth(left.birth, right.birth),
        _SEX[left.sex, right.sex],
        places,
        *compare_kin(left.kin, right.kin, left.names, right.names),
        _nationalities(left.nationalities, right.nationalities, same_place=places.weight > 0),
    ]


def _summed(findings: list[Contribution]) -> Score:
    total = math.fsum([finding.weight for finding in findings])
    return Score(1 / (1 + math.exp(-total)), total, tuple(findings))


@dataclass(frozen=True, slots=True)
class _Names:
    """What the names of each pair weigh, by the best two of them: people have several names.

    `best` is the row of these two in `features` and `kinds`, -1 where there was nothing to compare.
    """

    weights: NDArray[np.float64]
    best: NDArray[np.intp]
    features: NDArray[np.float64]
    kinds: Sequence[ScriptClass]

    @classmethod
    def of(cls, pairs: Sequence[tuple[Prepared, Prepared]], rarity: Rarity) -> "_Names":
        named = [(left.names[:MAX_NAMES], right.names[:MAX_NAMES]) for left, right in pairs]
        compared = [pair for ones, others in named for pair in product(ones, others)]
        counts = [len(ones) * len(others) for ones, others in named]
        kinds = [script_class(one.scripts, other.scripts) for one, other in compared]
        features = compare_many(compared, rarity)
        weights = weights_among_many(kinds, features)
        weights[np.isnan(weights)] = -math.inf
        best = _best_of_each(weights, np.array(counts, dtype=np.intp))
        known = best >= 0
        chosen = np.zeros(len(pairs))
        chosen[known] = weights[best[known]]
        return cls(chosen, best, features, kinds)

    def reason(self, pair: int) -> Contribution:
        """Why they weigh so."""
        row = int(self.best[pair])
        if row < 0:
            return fixed("names.unknown")
        found = NameFeatures._make(self.features[row].tolist())
        return contribution(_name_code(self.kinds[row], found), float(self.weights[pair]))


def _best_of_each(weights: NDArray[np.float64], counts: NDArray[np.intp]) -> NDArray[np.intp]:
    """For each pair, which has so many rows, the first of the rows that weigh most; else -1."""
    owners = np.repeat(np.arange(len(counts)), counts)
    rows = np.lexsort((-np.arange(len(weights)), weights, owners))
    best = np.full(len(counts), -1, dtype=np.intp)
    best[owners[rows]] = rows  # The last row of an owner is the one that weighs most.
    best[counts > 0] = np.where(np.isneginf(weights[best[counts > 0]]), -1, best[counts > 0])
    return best


def _name_code(kind: ScriptClass, found: NameFeatures) -> str:
    likeness = min(found.cover_short, found.weakest + 0.15)
    if likeness >= _FULL:
        if found.cover_long < STRONG * found.cover_short:
            return "names.part_left_out"
        if kind != "same":
            return "names.same_other_script"
        return "names.order_swapped" if not found.ordered else "names.same"
    if found.cover_short >= _FULL - 0.15:
        return "names.spelled_differently"
    if found.strong > 0 and found.cover_short >= _PART - 0.2:
        return "names.part_agrees"
    return "names.somewhat_alike" if found.cover_short >= _PART else "names.differ"


def _nationalities(
    left: frozenset[str], right: frozenset[str], *, same_place: bool
) -> Contribution:
    """Whoever was born in one town is mostly of one nationality: then it says little more."""
    if not left or not right:
        return _NATIONALITIES_UNKNOWN
    if left.isdisjoint(right):
        return _NATIONALITIES_DIFFER
    return _NATIONALITIES_AND_PLACE_AGREE if same_place else _NATIONALITIES_AGREE


def _sex(left: Sex, right: Sex) -> Contribution:
    known = (Sex.FEMALE, Sex.MALE)
    if left not in known or right not in known:
        return fixed("sex.unknown")
    if left is right:
        return fixed("sex.agrees", SEX_AGREES)
    return fixed("sex.conflict", SEX_CONFLICT)


_NATIONALITIES_UNKNOWN: Final = fixed("nationalities.unknown")
_NATIONALITIES_AGREE: Final = fixed("nationalities.agree", NATIONALITY_AGREES)
_NATIONALITIES_AND_PLACE_AGREE: Final = fixed("nationalities.agree", NATIONALITY_AS_PLACE)
_NATIONALITIES_DIFFER: Final = fixed("nationalities.differ", NATIONALITY_DIFFERS)
_SEX: Final = {(left, right): _sex(left, right) for left, right in product(Sex, Sex)}
