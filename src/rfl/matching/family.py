"""A tracing request is a family: what its persons are to each other follows from the relations.

Who looks for her mother and her brother says of each sought person who two of the relatives are.
So a mother on a list who names her daughter meets the request by the daughter's name as well.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from rfl.domain.person import MAX_ITEMS, Kin, Person, Relation, Sex
from rfl.domain.request import Sought

_R = Relation
_CHILD: Final = {Sex.FEMALE: _R.DAUGHTER, Sex.MALE: _R.SON}
_SIBLING: Final = {Sex.FEMALE: _R.SISTER, Sex.MALE: _R.BROTHER}
_PARENT: Final = {Sex.FEMALE: _R.MOTHER, Sex.MALE: _R.FATHER}

PARENTS: Final = frozenset({_R.MOTHER, _R.FATHER})
CHILDREN: Final = frozenset({_R.DAUGHTER, _R.SON, _R.CHILD})
SIBLINGS: Final = frozenset({_R.SISTER, _R.BROTHER, _R.SIBLING})
SPOUSES: Final = frozenset({_R.WIFE, _R.HUSBAND, _R.SPOUSE})
GRANDPARENTS: Final = frozenset({_R.GRANDMOTHER, _R.GRANDFATHER})

# What the enquirer is to a person whom the enquirer calls so, and what to say if the sex is open.
_MIRRORED: Final[Sequence[tuple[frozenset[Relation], Mapping[Sex, Relation], Relation]]] = (
    (PARENTS, _CHILD, _R.CHILD),
    (CHILDREN, _PARENT, _R.OTHER_RELATIVE),
    (SIBLINGS, _SIBLING, _R.SIBLING),
    (SPOUSES, {Sex.FEMALE: _R.WIFE, Sex.MALE: _R.HUSBAND}, _R.SPOUSE),
    (GRANDPARENTS, {}, _R.GRANDCHILD),
    (
        frozenset({_R.GRANDCHILD}),
        {Sex.FEMALE: _R.GRANDMOTHER, Sex.MALE: _R.GRANDFATHER},
        _R.OTHER_RELATIVE,
    ),
)

# Two whom one enquirer looks for: if the first is of the one kind and the second of the other,
# what the second is to the first.
_BETWEEN: Final[
    Sequence[tuple[frozenset[Relation], frozenset[Relation], Mapping[Sex, Relation], Relation]]
] = (
    (PARENTS, PARENTS, {}, _R.SPOUSE),
    (PARENTS, SIBLINGS, _CHILD, _R.CHILD),
    (SIBLINGS, PARENTS, _PARENT, _R.OTHER_RELATIVE),
    (SIBLINGS, SIBLINGS, _SIBLING, _R.SIBLING),
    (CHILDREN, CHILDREN, _SIBLING, _R.SIBLING),
    (SPOUSES, CHILDREN, _CHILD, _R.CHILD),
)


def with_family(enquirer: Person, sought: Sequence[Sought]) -> tuple[Person, list[Person]]:
    """The enquirer and the sought persons, each with the others among their relatives."""
    named = [Kin(one.relation, one.person.names) for one in sought if one.person.names]
    completed = [
        _with_kin(one.person, [*_enquirer_of(enquirer, one), *_others_of(one, sought)])
        for one in sought
    ]
    return _with_kin(enquirer, named), completed


def _enquirer_of(enquirer: Person, one: Sought) -> list[Kin]:
    if not enquirer.names:
        return []
    for kind, by_sex, otherwise in _MIRRORED:
        if one.relation in kind:
            return [Kin(by_sex.get(enquirer.sex, otherwise), enquirer.names)]
    return [Kin(_R.OTHER_RELATIVE, enquirer.names)]


def _others_of(one: Sought, sought: Sequence[Sought]) -> list[Kin]:
    return [
        Kin(_between(one.relation, other), other.person.names)
        for other in sought
        if other is not one and other.person.names
    ]


def _between(first: Relation, second: Sought) -> Relation:
    for one, other, by_sex, otherwise in _BETWEEN:
        if first in one and second.relation in other:
            return by_sex.get(second.person.sex, otherwise)
    return _R.OTHER_RELATIVE


def _with_kin(person: Person, more: list[Kin]) -> Person:
    """The relatives named come first: there is a limit to how many are compared."""
    return replace(person, kin=(*person.kin, *more)[:MAX_ITEMS])
