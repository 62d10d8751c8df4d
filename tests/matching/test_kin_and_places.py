"""Relatives and places: agreement weighs, conflict weighs less, the unknown weighs nothing."""

import pytest

from rfl.domain.person import Kin, Name, NamePart, PartKind, Person, Relation
from rfl.matching.evidence import Contribution
from rfl.matching.kin import CAP, compare_kin
from rfl.matching.places import compare_places
from rfl.matching.terms import prepare
from tests.matching.people import make_kin, make_person


def kin(left: Person, right: Person) -> list[Contribution]:
    one, other = prepare(left), prepare(right)
    found = compare_kin(one.kin, other.kin, one.names, other.names)
    assert found == compare_kin(other.kin, one.kin, other.names, one.names)
    return found


def codes(found: list[Contribution]) -> set[str]:
    return {one.code for one in found}


def with_kin(*relatives: Kin) -> Person:
    return make_person("Ahmad Noori", kin=relatives)


def test_a_father_in_another_script_agrees() -> None:
    left = with_kin(make_kin(Relation.FATHER, "Ghulam Rasul"))
    right = with_kin(make_kin(Relation.FATHER, "غلام رسول"))
    (found,) = kin(left, right)
    assert found.code == "kin.father_agrees"
    assert found.weight > 0


def test_another_mother_is_a_conflict() -> None:
    left = with_kin(make_kin(Relation.MOTHER, "Zorica"))
    right = with_kin(make_kin(Relation.MOTHER, "Selam"))
    (found,) = kin(left, right)
    assert found.code == "kin.mother_differs"
    assert found.weight < 0


def test_other_children_are_no_conflict() -> None:
    left = with_kin(make_kin(Relation.SON, "Goran"))
    right = with_kin(make_kin(Relation.DAUGHTER, "Selam"))
    assert codes(kin(left, right)) == {"kin.unknown"}


def test_the_father_may_stand_in_the_chain_of_names() -> None:
    chain = make_person("Hodan Warsame Guled")
    named = make_person("Hodan", kin=(make_kin(Relation.FATHER, "Warsame Guled"),))
    assert codes(kin(chain, named)) == {"kin.father_in_chain"}


def test_a_typed_fathers_part_counts_as_the_father() -> None:
    part = NamePart("Warsame", PartKind.FATHER)
    typed = Person(id=make_person().id, names=(Name("Hodan Warsame", parts=(part,)),))
    named = make_person("Hodan", kin=(make_kin(Relation.FATHER, "Warsame"),))
    assert codes(kin(typed, named)) == {"kin.father_agrees"}


def test_a_whole_family_that_agrees_is_capped() -> None:
    names = ["Goran", "Selam", "Bayram", "Hodan", "Zorica"]
    family = with_kin(
        make_kin(Relation.FATHER, "Trajko"),
        make_kin(Relation.MOTHER, "Blagica"),
        *(make_kin(Relation.SIBLING, name) for name in names),
    )
    assert sum(one.weight for one in kin(family, family)) == pytest.approx(CAP)


def test_nobody_named_weighs_nothing() -> None:
    assert [one.weight for one in kin(with_kin(), with_kin())] == [0]


PLACES = [
    ("Skopje", "Скопје", "places.town_agrees"),
    ("Kabul", "کابل", "places.town_agrees"),
    ("Skopje", "Asmara", "places.towns_differ"),
    ("Skopje", None, "places.unknown"),
]


@pytest.mark.parametrize(("left", "right", "code"), PLACES)
def test_towns_are_compared_across_scripts(left: str, right: str | None, code: str) -> None:
    one = prepare(make_person("Ana", town=left)).places
    other = prepare(make_person("Ana", town=right)).places
    assert compare_places(one, other).code == code
    assert compare_places(other, one) == compare_places(one, other)
