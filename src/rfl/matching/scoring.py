"""How likely two descriptions are of one person: a sum of log-odds, each with its reason.

Evidence is never hidden in the sum: every contribution has a stable code, conflicts are as loud
as agreements, and what is unknown is listed with weight 0. The model proposes; people decide.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rfl.domain.person import Sex
from rfl.matching.bands import SHOW_THRESHOLD, Band, band
from rfl.matching.dates import compare_birth
from rfl.matching.evidence import Contribution, contribution, fixed
from rfl.matching.features import STRONG, NameFeatures, compare_names
from rfl.matching.kin import compare_kin
from rfl.matching.name_model import ScriptClass, name_weight, script_class
from rfl.matching.names import PreparedName
from rfl.matching.places import compare_places
from rfl.matching.terms import Prepared

__all__ = [
    "MODEL_VERSION",
    "SHOW_THRESHOLD",
    "Band",
    "Contribution",
    "Score",
    "band",
    "score",
    "score_many",
]

MODEL_VERSION: Final = 2
"""Raised whenever the same two descriptions would get another score."""

PRIOR: Final = math.log(1 / 1000)
"""Log-odds before any evidence, for one candidate among those that share a form of a name."""

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


def score(left: Prepared, right: Prepared, *, shared_identifiers: int = 0) -> Score:
    """Score two descriptions, the same both ways; identifiers are compared elsewhere, by hash."""
    places = compare_places(left.places, right.places)
    findings = [
        fixed("prior.candidate", PRIOR),
        _names(left.names, right.names),
        compare_birth(left.birth, right.birth),
        _sex(left.sex, right.sex),
        places,
        *compare_kin(left.kin, right.kin, left.names, right.names),
        _nationalities(left.nationalities, right.nationalities, same_place=places.weight > 0),
    ]
    if shared_identifiers > 0:
        weight = min(IDENTIFIERS_CAP, IDENTIFIER * shared_identifiers)
        findings.append(fixed("identifiers.shared", weight, shared_identifiers))
    return _summed(findings)


def score_many(
    query: Prepared, candidates: Iterable[Prepared], *, shared_identifiers: Sequence[int] = ()
) -> list[Score]:
    """Score each candidate in the order given; `shared_identifiers` runs along if given."""
    counts = iter(shared_identifiers)
    return [score(query, candidate, shared_identifiers=next(counts, 0)) for candidate in candidates]


def _summed(findings: list[Contribution]) -> Score:
    total = math.fsum([finding.weight for finding in findings])
    return Score(1 / (1 + math.exp(-total)), total, tuple(findings))


def _names(left: Sequence[PreparedName], right: Sequence[PreparedName]) -> Contribution:
    """The best pair of names: people have several, and one that agrees is enough."""
    best: Contribution | None = None
    for one in left[:MAX_NAMES]:
        for other in right[:MAX_NAMES]:
            found = compare_names(one, other)
            if found is None:
                continue
            kind = script_class(one.scripts, other.scripts)
            weight = name_weight(kind, found)
            if best is None or weight > best.weight:
                best = contribution(_name_code(kind, found), weight)
    return best or fixed("names.unknown")


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
