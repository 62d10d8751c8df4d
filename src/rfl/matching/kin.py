"""What the names of relatives say together: the best assignment between two families.

A father is compared with fathers, a child with children. Relatives whose relation is open may be
anybody's. A chain of own, father's and grandfather's name holds the father's name too, so a
father named on one side is also looked for in the chain of the other. A kunya, "Umm X", speaks
of the child X, who is compared with the children that the other side names.

What is in a person's own name has been counted there: of a relative's name only what it adds to
the own name weighs in full.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rfl.domain.masked import Masked
from rfl.domain.person import Kin, PartKind, Person, Relation
from rfl.matching.evidence import Contribution, contribution, fixed
from rfl.matching.family import CHILDREN, GRANDPARENTS, SIBLINGS, SPOUSES
from rfl.matching.features import compare_names
from rfl.matching.names import PreparedName, named, prepare_name
from rfl.matching.similarity import similarity
from rfl.matching.tokens import Token

MAX_KIN = 8
MAX_KIN_TOKENS = 24
MOST_TOLD: Final = 2 * MAX_KIN
CAP: Final = 5.0
OTHER_PARENT: Final = -1.6
IN_CHAIN: Final = 1.2
GRANDFATHER_IN_CHAIN: Final = 0.8

_ALIKE: Final = 0.85
_UNLIKE: Final = 0.6
_LEAST: Final = 0.4
_BY_WEIGHT: Final = 1.3
_MOST_WEIGHT: Final = 2.0
_LOOSE: Final = 0.7

_KINDS: Final = (
    ("father", frozenset({Relation.FATHER})),
    ("mother", frozenset({Relation.MOTHER})),
    ("spouse", SPOUSES),
    ("child", CHILDREN),
    ("sibling", SIBLINGS),
    ("grandparent", GRANDPARENTS),
)
_OTHER: Final = "other"
_IN_OWN_NAME: Final = -1
_IN_KUNYA: Final = -2

Told = tuple[int, str, str]
"""One name of a relative as given: the relative's number, the kind, the name."""


@dataclass(frozen=True, slots=True, repr=False)
class Relative(Masked):
    """One name of a relative; `adds` are its parts that are not in the person's own names."""

    number: int
    kind: str
    name: PreparedName
    adds: float


@dataclass(frozen=True, slots=True, repr=False)
class PreparedKin(Masked):
    """The named relatives; `tokens` are all parts of their names, for searching."""

    relatives: tuple[Relative, ...] = ()
    tokens: tuple[Token, ...] = ()


def told_of(person: Person) -> tuple[Told, ...]:
    """The named relatives of a description, and fathers named as a part of its own name."""
    if not person.kin and not any(name.parts for name in person.names):
        return ()
    return tuple([*_fathers_in_names(person), *_named(person.kin)][:MOST_TOLD])


def prepare_kin(told: Sequence[Told], own: Sequence[PreparedName]) -> PreparedKin:
    """The relatives ready to be compared; `own` are the names of the person they belong to."""
    called = [name for name in own if name.child]
    if not told and not called:
        return _NOBODY
    known = [part for name in own for part in name.tokens]
    relatives = [_relative(number, kind, prepare_name(text), known) for number, kind, text in told]
    relatives += [_in_kunya(name) for name in called]
    tokens = [part for one in relatives for part in one.name.tokens]
    return PreparedKin(tuple(relatives), tuple(dict.fromkeys(tokens))[:MAX_KIN_TOKENS])


def compare_kin(
    left: PreparedKin,
    right: PreparedKin,
    left_names: Sequence[PreparedName],
    right_names: Sequence[PreparedName],
) -> list[Contribution]:
    """One reason for each kind of relative that both sides name; capped in sum."""
    if left is _NOBODY and right is _NOBODY:
        return [_UNKNOWN]
    findings = [*_families(left.relatives, right.relatives)]
    if not any("father" in one.code for one in findings):
        findings.append(_chains(left, right, left_names, right_names))
    known = [finding for finding in findings if finding.weight or finding.code in _SAID]
    return _capped(known) or [fixed("kin.unknown")]


def likeness(left: PreparedName, right: PreparedName) -> float:
    """How alike the names of two relatives are; a lone first name may be all that is known."""
    found = compare_names(left, right)
    return 0.0 if found is None else 0.8 * found.cover_short + 0.2 * found.cover_long


def _families(left: Sequence[Relative], right: Sequence[Relative]) -> list[Contribution]:
    """Each relative agrees with at most one of the other family: the likeliest pairs first."""
    table = [
        (likeness(one.name, other.name), one, other)
        for one in left
        for other in right
        if _may_be_one(one, other)
    ]
    agreeing = sorted((row for row in table if row[0] >= _ALIKE), key=_order)
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    weights: dict[str, list[float]] = {}
    for found in agreeing:
        _alike, one, other = found
        if one.number in taken_left or other.number in taken_right:
            continue
        taken_left.add(one.number)
        taken_right.add(other.number)
        kind = one.kind if one.kind == other.kind else _OTHER
        weights.setdefault(kind, []).append(_value(found))
    return [_agreement(kind, found) for kind, found in sorted(weights.items())] + [
        one for who in ("father", "mother") if who not in weights for one in _parent(who, table)
    ]


def _may_be_one(left: Relative, right: Relative) -> bool:
    """Whether their relations agree; two kunyas were counted when the names were compared."""
    if left.number == right.number == _IN_KUNYA:
        return False
    return left.kind == right.kind or _OTHER in (left.kind, right.kind)


def _value(found: tuple[float, Relative, Relative]) -> float:
    """The weight of an agreement: rare names and names of several parts tell more."""
    alike, one, other = found
    adds = min(one.adds, other.adds, _MOST_WEIGHT)
    weight = alike * (_LEAST + _BY_WEIGHT * adds)
    return weight if one.kind == other.kind else _LOOSE * weight


def _order(found: tuple[float, Relative, Relative]) -> tuple[float, list[str]]:
    """The weightiest first; of equal ones the same, whichever family is asked first."""
    return -_value(found), sorted((found[1].name.joined, found[2].name.joined))


def _agreement(kind: str, weights: list[float]) -> Contribution:
    if kind in ("father", "mother"):
        return contribution(f"kin.{kind}_agrees", max(weights))
    return contribution(f"kin.{_PLURAL[kind]}_agree", math.fsum(weights), len(weights))


def _parent(who: str, table: list[tuple[float, Relative, Relative]]) -> list[Contribution]:
    """A parent that both sides name, under names that do not agree."""
    found = [alike for alike, one, other in table if one.kind == who and other.kind == who]
    if not found:
        return []
    if max(found) >= _UNLIKE:
        return [fixed(f"kin.{who}_unclear")]
    return [fixed(f"kin.{who}_differs", OTHER_PARENT)]


def _chains(
    left: PreparedKin,
    right: PreparedKin,
    left_names: Sequence[PreparedName],
    right_names: Sequence[PreparedName],
) -> Contribution:
    """A father named on one side alone, found among the later parts of the other's name."""
    here, there = _fathers(left), _fathers(right)
    if here and there:
        return fixed("kin.unknown")
    if here:
        return _in_chain(here, left_names, right_names)
    return _in_chain(there, right_names, left_names)


def _in_chain(
    fathers: Sequence[PreparedName], own: Sequence[PreparedName], names: Sequence[PreparedName]
) -> Contribution:
    """The father's first name after the own one, and the grandfather's after it.

    A father who stands in the own name too was counted when the names were compared.
    """
    counted = [part for name in own for part in name.tokens[1:]]
    for father in fathers:
        for name in names:
            places = _places_of(father.tokens[:2], name.tokens[1:])
            if not places or _is_in(father.tokens[0], counted):
                continue
            if len(places) == 2 and places[1] == places[0] + 1:
                return fixed("kin.line_in_chain", IN_CHAIN + GRANDFATHER_IN_CHAIN)
            return fixed("kin.father_in_chain", IN_CHAIN)
    return fixed("kin.unknown")


def _places_of(wanted: Sequence[Token], chain: Sequence[Token]) -> list[int]:
    """Where the wanted parts stand in the chain, as far as they do, the first of them first."""
    places: list[int] = []
    for part in wanted:
        found = [i for i, other in enumerate(chain) if similarity(part, other) >= _ALIKE]
        if not found:
            break
        places.append(found[0])
    return places


def _is_in(part: Token, parts: Iterable[Token]) -> bool:
    return any(similarity(part, other) >= _ALIKE for other in parts)


def _fathers(kin: PreparedKin) -> list[PreparedName]:
    return [one.name for one in kin.relatives if one.kind == "father"]


def _capped(findings: list[Contribution]) -> list[Contribution]:
    total = sum(finding.weight for finding in findings)
    if total <= CAP:
        return findings
    return [finding._replace(weight=finding.weight * CAP / total) for finding in findings]


def _fathers_in_names(person: Person) -> Iterable[Told]:
    parts = [part for name in person.names for part in name.parts]
    wanted = (PartKind.FATHER, PartKind.PATRONYMIC)
    for part in [one for one in parts if one.kind in wanted][:MAX_KIN]:
        yield _IN_OWN_NAME, "father", part.text


def _named(kin: Sequence[Kin]) -> Iterable[Told]:
    for number, one in enumerate(kin):
        kind = _kind(one.relation)
        for name in one.names[:MAX_KIN]:
            yield number, kind, name.text


def _relative(number: int, kind: str, name: PreparedName, own: Sequence[Token]) -> Relative:
    """A relative; one who was named as a part of the own name adds nothing to it."""
    counted = number == _IN_OWN_NAME
    adds = 0.0 if counted else sum(part.weight for part in name.tokens if not _is_in(part, own))
    return Relative(number, kind, name, adds)


def _in_kunya(name: PreparedName) -> Relative:
    """The child of whom "Umm X" speaks; a name that has it besides says nothing more by it."""
    others = [part for part in name.tokens if part not in name.child]
    return _relative(_IN_KUNYA, "child", named(name.child), others)


def _kind(relation: Relation) -> str:
    return next((kind for kind, relations in _KINDS if relation in relations), _OTHER)


_SAID: Final = frozenset({"kin.father_unclear", "kin.mother_unclear"})
_PLURAL: Final = {
    "spouse": "spouses",
    "child": "children",
    "sibling": "siblings",
    "grandparent": "grandparents",
    _OTHER: "relatives",
}
_NOBODY = PreparedKin()
_UNKNOWN: Final = fixed("kin.unknown")
