"""Relatives: agreement weighs, conflict weighs less, the unknown weighs nothing."""

import pytest

from rfl.domain.person import Kin, Name, NamePart, PartKind, Person, Relation
from rfl.matching.evidence import Contribution
from rfl.matching.kin import CAP, compare_kin
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
    assert codes(kin(chain, named)) == {"kin.line_in_chain"}
    one = make_person("Hodan", kin=(make_kin(Relation.FATHER, "Warsame Farah"),))
    assert codes(kin(chain, one)) == {"kin.father_in_chain"}


@pytest.mark.parametrize("called", ["Umm Ahmad", "أم أحمد", "Umm Ahmad Khadija Saleh"])
def test_a_kunya_speaks_of_the_child(called: str) -> None:
    mother = make_person("Khadija Saleh", kin=(make_kin(Relation.SON, "Ahmad"),))
    (found,) = kin(make_person(called), mother)
    assert found.code == "kin.children_agree"
    assert found.weight > 1
    other = make_person("Khadija Saleh", kin=(make_kin(Relation.SON, "Tekle"),))
    assert codes(kin(make_person(called), other)) == {"kin.unknown"}


def test_two_kunyas_are_compared_as_names_alone() -> None:
    assert codes(kin(make_person("Umm Ahmad"), make_person("أم أحمد"))) == {"kin.unknown"}


def test_a_child_that_stands_in_the_name_too_says_little_by_the_kunya() -> None:
    mother = make_person("Khadija Ahmad", kin=(make_kin(Relation.SON, "Ahmad"),))
    (little,) = kin(make_person("Umm Ahmad"), mother)
    (much,) = kin(make_person("Umm Ahmad"), make_person("Khadija", kin=mother.kin))
    assert 0 < little.weight < much.weight / 2


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


def test_a_name_that_the_own_name_holds_already_weighs_less() -> None:
    def weight(father: str) -> float:
        person = make_person("Hodan Warsame", kin=(make_kin(Relation.FATHER, father),))
        (found,) = kin(person, person)
        return found.weight

    assert 0 < weight("Warsame") < weight("Guled") < weight("Guled Farah")


def test_each_relative_agrees_with_one_of_the_other_family() -> None:
    sisters = with_kin(*(make_kin(Relation.SISTER, "Zahra") for _ in range(3)))
    one = with_kin(make_kin(Relation.SISTER, "زهرا"))
    (found,) = kin(sisters, one)
    assert (found.code, found.number) == ("kin.siblings_agree", 1)


def test_a_relative_of_open_relation_may_be_anybodys_but_counts_less() -> None:
    brother = with_kin(make_kin(Relation.BROTHER, "Goran"))
    someone = with_kin(make_kin(Relation.OTHER_RELATIVE, "Горан"))
    (loose,), (exact,) = kin(brother, someone), kin(brother, brother)
    assert loose.code == "kin.relatives_agree"
    assert 0 < loose.weight < exact.weight


def test_a_son_is_not_compared_with_a_father_of_his_name() -> None:
    left = with_kin(make_kin(Relation.SON, "Goran"))
    right = with_kin(make_kin(Relation.FATHER, "Goran"))
    assert codes(kin(left, right)) == {"kin.unknown"}


def test_nobody_named_weighs_nothing() -> None:
    assert [one.weight for one in kin(with_kin(), with_kin())] == [0]
