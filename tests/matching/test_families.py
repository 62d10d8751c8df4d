"""A request is a family: each of its persons has the others as relatives."""

import pytest

from rfl.domain.person import Kin, Person, Relation, Sex
from rfl.domain.request import Sought
from rfl.matching.family import with_family
from rfl.matching.scoring import Score, score
from rfl.matching.terms import prepare
from tests.matching.people import make_kin, make_person

R = Relation
ENQUIRER = make_person("Selam Tesfay", sex=Sex.FEMALE)


def relation_of(kin: tuple[Kin, ...], person: Person) -> Relation:
    return next(one.relation for one in kin if one.names == person.names)


MIRRORED = [
    (R.MOTHER, R.DAUGHTER),
    (R.FATHER, R.DAUGHTER),
    (R.SON, R.MOTHER),
    (R.CHILD, R.MOTHER),
    (R.BROTHER, R.SISTER),
    (R.HUSBAND, R.WIFE),
    (R.GRANDMOTHER, R.GRANDCHILD),
    (R.GRANDCHILD, R.GRANDMOTHER),
    (R.COUSIN, R.OTHER_RELATIVE),
    (R.GUARDIAN, R.OTHER_RELATIVE),
]


@pytest.mark.parametrize(("sought", "mirrored"), MIRRORED)
def test_the_enquirer_is_a_relative_of_the_sought_person(sought: R, mirrored: R) -> None:
    person = make_person("Tesfay Gebru")
    enquirer, [other] = with_family(ENQUIRER, [Sought(person, sought)])
    assert relation_of(other.kin, ENQUIRER) is mirrored
    assert relation_of(enquirer.kin, person) is sought


BETWEEN = [
    (R.MOTHER, R.FATHER, R.SPOUSE, R.SPOUSE),
    (R.MOTHER, R.BROTHER, R.SON, R.MOTHER),
    (R.BROTHER, R.SISTER, R.SISTER, R.BROTHER),
    (R.HUSBAND, R.DAUGHTER, R.DAUGHTER, R.OTHER_RELATIVE),
    (R.COUSIN, R.MOTHER, R.OTHER_RELATIVE, R.OTHER_RELATIVE),
]
SEXES = {R.MOTHER: Sex.FEMALE, R.SISTER: Sex.FEMALE, R.DAUGHTER: Sex.FEMALE}


@pytest.mark.parametrize(("first", "second", "second_to_first", "first_to_second"), BETWEEN)
def test_two_sought_persons_are_relatives_of_each_other(
    first: R, second: R, second_to_first: R, first_to_second: R
) -> None:
    one = make_person("Almaz Haile", sex=SEXES.get(first, Sex.MALE))
    other = make_person("Yonas Haile", sex=SEXES.get(second, Sex.MALE))
    _enquirer, [left, right] = with_family(ENQUIRER, [Sought(one, first), Sought(other, second)])
    assert relation_of(left.kin, other) is second_to_first
    assert relation_of(right.kin, one) is first_to_second


def scored(left: Person, right: Person) -> Score:
    return score(prepare(left), prepare(right))


def test_a_registered_mother_who_names_her_children_meets_the_whole_family() -> None:
    mother = make_person("Almaz Haile", sex=Sex.FEMALE)
    brother = Sought(make_person("Yonas Tesfay", sex=Sex.MALE), R.BROTHER)
    _enquirer, [sought, _brother] = with_family(ENQUIRER, [Sought(mother, R.MOTHER), brother])
    children = (make_kin(R.DAUGHTER, "ሰላም ተስፋይ"), make_kin(R.SON, "ዮናስ ተስፋይ"))
    registered = make_person("አልማዝ ሃይለ", sex=Sex.FEMALE, kin=children)
    alone, family = scored(mother, registered), scored(sought, registered)
    [kin] = [one for one in family.contributions if one.field == "kin"]
    assert (kin.code, kin.number) == ("kin.children_agree", 2)
    assert family.total > alone.total + 2


def test_the_relatives_of_a_description_are_kept_before_those_that_follow() -> None:
    own = tuple(make_kin(R.SIBLING, f"Name {number}") for number in range(50))
    person = make_person("Almaz", kin=own)
    _enquirer, [sought] = with_family(ENQUIRER, [Sought(person, R.MOTHER)])
    assert sought.kin == own
