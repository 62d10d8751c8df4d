"""How likely two descriptions are of one person: a sum of log-odds, each with its reason.

Evidence is never hidden in the sum: every contribution has a stable code, conflicts are as loud
as agreements, and what is unknown is listed with weight 0. The model proposes; people decide.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Final

import numpy as np

from rfl.domain.person import Sex
from rfl.matching.bands import SHOW_THRESHOLD, Band, band
from rfl.matching.dates import compare_birth
from rfl.matching.evidence import Contribution, contribution, fixed
from rfl.matching.features import STRONG, NameFeatures
from rfl.matching.kin import compare_kin
from rfl.matching.many_names import Rarity, compare_many
from rfl.matching.name_model import ScriptClass, script_class, weights_among_many
from rfl.matching.names import PreparedName
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
]

MODEL_VERSION: Final = 4
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
    names = _names(pairs, among.rarity)
    before = fixed("prior.candidate", among.prior())
    return [
        _scored(before, left, right, found, count)
        for (left, right), found, count in zip(pairs, names, shared, strict=False)
    ]


def _scored(
    before: Contribution, left: Prepared, right: Prepared, names: Contribution, identifiers: int
) -> Score:
    places = compare_places(left.places, right.places)
    findings = [
        before,
        names,
        compare_birth(left.birth, right.birth),
        _sex(left.sex, right.sex),
        places,
        *compare_kin(left.kin, right.kin, left.names, right.names),
        _nationalities(left.nationalities, right.nationalities, same_place=places.weight > 0),
    ]
    if identifiers > 0:
        weight = min(IDENTIFIERS_CAP, IDENTIFIER * identifiers)
        findings.append(fixed("identifiers.shared", weight, identifiers))
    return _summed(findings)


def _summed(findings: list[Contribution]) -> Score:
    total = math.fsum([finding.weight for finding in findings])
    return Score(1 / (1 + math.exp(-total)), total, tuple(findings))


def _names(pairs: Sequence[tuple[Prepared, Prepared]], rarity: Rarity) -> list[Contribution]:
    """For each pair the best of its names: people have several, and one that agrees is enough."""
    compared: list[tuple[PreparedName, PreparedName]] = []
    ends: list[int] = []
    for left, right in pairs:
        for one in left.names[:MAX_NAMES]:
            compared += [(one, other) for other in right.names[:MAX_NAMES]]
        ends.append(len(compared))
    kinds = [script_class(one.scripts, other.scripts) for one, other in compared]
    found = compare_many(compared, rarity)
    weighed = weights_among_many(kinds, found)
    weights = np.nan_to_num(weighed, nan=-math.inf).tolist()
    features = found.tolist()
    best: list[Contribution] = []
    start = 0
    for end in ends:
        row = start
        if end - start > 1:
            row = max(range(start, end), key=weights.__getitem__)
        if end == start or weights[row] == -math.inf:
            best.append(fixed("names.unknown"))
        else:
            code = _name_code(kinds[row], NameFeatures._make(features[row]))
            best.append(contribution(code, weights[row]))
        start = end
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


def _sex(left: Sex, right: Sex) -> Contribution:
    known = (Sex.FEMALE, Sex.MALE)
    if left not in known or right not in known:
        return fixed("sex.unknown")
    if left is right:
        return fixed("sex.agrees", SEX_AGREES)
    return fixed("sex.conflict", SEX_CONFLICT)


def _nationalities(
    left: frozenset[str], right: frozenset[str], *, same_place: bool
) -> Contribution:
    """Whoever was born in one town is mostly of one nationality: then it says little more."""
    if not left or not right:
        return fixed("nationalities.unknown")
    if left & right:
        weight = NATIONALITY_AS_PLACE if same_place else NATIONALITY_AGREES
        return fixed("nationalities.agree", weight)
    return fixed("nationalities.differ", NATIONALITY_DIFFERS)
