"""What a search looks for: groups of terms, of which each counts once."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from rfl.domain.masked import Masked
from rfl.domain.person import Sex
from rfl.matching.layout import NO_YEAR
from rfl.matching.names import PreparedName
from rfl.matching.prepared import sex_code
from rfl.matching.terms import (
    GRAM_STRENGTH,
    PAIR_STRENGTH,
    Prepared,
    gram_terms,
    kin_terms,
    pair_terms,
    syllable_terms,
    weighted_terms,
)

KIN_WEIGHT: Final = 0.4
MAX_QUERY_NAMES = 4

Group = tuple[tuple[int, float], ...]
"""The forms of one name part, each with its strength: only the strongest that is met counts."""


@dataclass(frozen=True, slots=True, repr=False)
class Query(Masked):
    """One person's search: for each of its names the groups, and what kin and birth add."""

    names: tuple[tuple[Group, ...], ...]
    kin: tuple[Group, ...]
    sex: int
    first_year: int
    last_year: int
    exact_birth: bool
    terms: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        groups = [group for name in self.names for group in name] + list(self.kin)
        distinct = dict.fromkeys(term for group in groups for term, _ in group)
        object.__setattr__(self, "terms", tuple(distinct))


def query_of(prepared: Prepared) -> Query:
    """The search that finds people like this one."""
    birth = prepared.birth
    known = prepared.sex in (Sex.FEMALE, Sex.MALE)
    return Query(
        names=tuple(_name_groups(name) for name in prepared.names[:MAX_QUERY_NAMES]),
        kin=tuple(_scaled(group, KIN_WEIGHT) for group in kin_terms(prepared.kin.tokens)),
        sex=sex_code(prepared.sex) if known else 0,
        first_year=birth.first_year if birth else NO_YEAR,
        last_year=birth.last_year if birth else NO_YEAR,
        exact_birth=birth is not None and birth.exact,
    )


def _name_groups(name: PreparedName) -> tuple[Group, ...]:
    groups = [_scaled(weighted_terms(part), part.weight) for part in name.tokens]
    for part in name.tokens:
        groups += [_scaled(terms, part.weight) for terms in syllable_terms(part)]
    groups += [((term, PAIR_STRENGTH),) for term in dict.fromkeys(pair_terms(name))]
    groups += [((term, GRAM_STRENGTH),) for term in dict.fromkeys(gram_terms(name))]
    return tuple(groups)


def _scaled(terms: Iterable[tuple[int, float]], weight: float) -> Group:
    strongest: dict[int, float] = {}
    for term, strength in terms:
        strongest[term] = max(strongest.get(term, 0.0), strength * weight)
    return tuple(strongest.items())
