"""What the names of relatives say together: father with father, mother with mother, the rest.

A chain of own, father's and grandfather's name holds the father's name too, so a father named on
one side is also looked for in the chain of the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from rfl.domain.masked import Masked
from rfl.domain.person import Kin, PartKind, Person, Relation
from rfl.matching.evidence import Contribution, contribution, fixed
from rfl.matching.features import compare_names
from rfl.matching.names import PreparedName, prepare_name
from rfl.matching.similarity import similarity
from rfl.matching.tokens import Token

MAX_KIN = 6
MAX_KIN_TOKENS = 24
CAP: Final = 5.0
SAME_PARENT: Final = 2.8
SAME_OTHER: Final = 2.0
OTHER_PARENT: Final = -1.6
IN_CHAIN: Final = 1.2
_ALIKE: Final = 0.85
_UNLIKE: Final = 0.6


@dataclass(frozen=True, slots=True, repr=False)
class PreparedKin(Masked):
    """Names of father, mother and others; `tokens` are all their parts, for searching."""

    fathers: tuple[PreparedName, ...] = ()
    mothers: tuple[PreparedName, ...] = ()
    others: tuple[PreparedName, ...] = ()
    tokens: tuple[Token, ...] = ()


def prepare_kin(person: Person) -> PreparedKin:
    """The named relatives of a description, and fathers named as a part of its own name."""
    if not person.kin and not any(name.parts for name in person.names):
        return _NOBODY
    fathers = _of(person.kin, Relation.FATHER) + _father_parts(person)
    mothers = _of(person.kin, Relation.MOTHER)
    others = _names_of(
        kin for kin in person.kin if kin.relation not in (Relation.FATHER, Relation.MOTHER)
    )
    if not (fathers or mothers or others):
        return _NOBODY
    tokens = [part for name in fathers + mothers + others for part in name.tokens]
    return PreparedKin(fathers, mothers, others, tuple(dict.fromkeys(tokens))[:MAX_KIN_TOKENS])


def compare_kin(
    left: PreparedKin,
    right: PreparedKin,
    left_names: Sequence[PreparedName],
    right_names: Sequence[PreparedName],
) -> list[Contribution]:
    """One reason for each kind of relative that both sides name; capped in sum."""
    if left is _NOBODY and right is _NOBODY:
        return [fixed("kin.unknown")]
    findings = [
        _parents("father", left.fathers, right.fathers),
        _parents("mother", left.mothers, right.mothers),
        _others(left.others, right.others),
    ]
    if findings[0].weight == 0:
        findings[0] = _chain(left, right, left_names, right_names)
    known = [finding for finding in findings if finding.weight]
    return _capped(known) or [fixed("kin.unknown")]


def likeness(left: PreparedName, right: PreparedName) -> float:
    """How alike the names of two relatives are; a lone first name may be all that is known."""
    found = compare_names(left, right)
    return 0.0 if found is None else 0.8 * found.cover_short + 0.2 * found.cover_long


def _parents(who: str, left: Sequence[PreparedName], right: Sequence[PreparedName]) -> Contribution:
    if not left or not right:
        return fixed("kin.unknown")
    best = max(likeness(one, other) for one in left for other in right)
    if best >= _ALIKE:
        return contribution(f"kin.{who}_agrees", SAME_PARENT * best)
    if best >= _UNLIKE:
        return fixed(f"kin.{who}_unclear")
    return fixed(f"kin.{who}_differs", OTHER_PARENT)


def _others(left: Sequence[PreparedName], right: Sequence[PreparedName]) -> Contribution:
    """Sisters, children and spouses: naming different ones is no conflict."""
    agreeing = sum(any(likeness(one, other) >= _ALIKE for other in right) for one in left)
    mirrored = sum(any(likeness(one, other) >= _ALIKE for other in left) for one in right)
    count = min(agreeing, mirrored)
    return contribution("kin.relatives_agree", SAME_OTHER * count) if count else fixed("kin.none")


def _chain(
    left: PreparedKin,
    right: PreparedKin,
    left_names: Sequence[PreparedName],
    right_names: Sequence[PreparedName],
) -> Contribution:
    """A father named on one side alone, found among the later parts of the other's name."""
    if left.fathers and not right.fathers and _in_chain(left.fathers, right_names):
        return fixed("kin.father_in_chain", IN_CHAIN)
    if right.fathers and not left.fathers and _in_chain(right.fathers, left_names):
        return fixed("kin.father_in_chain", IN_CHAIN)
    return fixed("kin.unknown")


def _in_chain(fathers: Sequence[PreparedName], names: Sequence[PreparedName]) -> bool:
    own = [father.tokens[0] for father in fathers if father.tokens]
    later = [part for name in names for part in name.tokens[1:]]
    return any(similarity(father, part) >= _ALIKE for father in own for part in later)


def _capped(findings: list[Contribution]) -> list[Contribution]:
    total = sum(finding.weight for finding in findings)
    if total <= CAP:
        return findings
    return [contribution(finding.code, finding.weight * CAP / total) for finding in findings]


def _father_parts(person: Person) -> tuple[PreparedName, ...]:
    parts = [part for name in person.names for part in name.parts]
    wanted = (PartKind.FATHER, PartKind.PATRONYMIC)
    return tuple(prepare_name(part.text) for part in parts if part.kind in wanted)[:MAX_KIN]


def _of(kin: Iterable[Kin], relation: Relation) -> tuple[PreparedName, ...]:
    return _names_of(one for one in kin if one.relation is relation)


def _names_of(kin: Iterable[Kin]) -> tuple[PreparedName, ...]:
    return tuple(prepare_name(name.text) for one in kin for name in one.names)[:MAX_KIN]


_NOBODY = PreparedKin()
