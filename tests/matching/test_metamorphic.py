"""What must not change a whole score, and what may change it one way only."""

import unicodedata
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfl.domain.person import Kin, Person, Relation, Sex
from rfl.matching.scoring import score
from rfl.matching.terms import prepare
from tests.matching.people import make_kin, make_person

quick = settings(max_examples=60, deadline=None)

PEOPLE = [
    ("Ahmad Zia Karimi", "احمد ضیا کریمی"),
    ("Miroslav Trajkovski", "Мирослав Трајковски"),
    ("Selam Tesfaye Haile", "ሰላም ተስፋዬ ኃይሌ"),
    ("Nguyễn Thị Định", "Nguyen Thi Dinh"),
    ("Zorica Ristova", "Зорица Ристова"),
    ("Sumana Perera", "සුමන පෙරේරා"),
    ("Hodan Warsame Guled", "Xodan Warsame Guleed"),
]
NOISE = {
    "a zero-width space": lambda text: text.replace(" ", " \u200b"),
    "a joiner between letters": lambda text: text[:2] + "\u2060" + text[2:],
    "bidi marks": lambda text: f"\u202b{text}\u202c\u200f",
    "bidi isolates": lambda text: f"\u2068{text}\u2069",
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "composed": lambda text: unicodedata.normalize("NFC", text),
    "wide spaces": lambda text: text.replace(" ", "\u00a0 \u3000"),
    "hyphens": lambda text: text.replace(" ", "-"),
    "another hyphen": lambda text: text.replace(" ", "\u2010"),
    "a title": lambda text: f"Dr. {text}",
    "a title of another language": lambda text: f"السيد {text}",
    "lower case": str.lower,
    "upper case": str.upper,
}


def total(left: Person, right: Person) -> float:
    found = score(prepare(left), prepare(right)).total
    assert found == score(prepare(right), prepare(left)).total
    return found


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE)
@pytest.mark.parametrize("names", PEOPLE, ids=[names[0] for names in PEOPLE])
def test_noise_in_a_name_leaves_the_score_as_it_is(names: tuple[str, str], noise: Any) -> None:
    left, right = names
    plain = total(make_person(left), make_person(right))
    assert total(make_person(left), make_person(noise(right))) == plain
    assert total(make_person(noise(left)), make_person(right)) == plain


@pytest.mark.parametrize("names", PEOPLE, ids=[names[0] for names in PEOPLE])
def test_another_order_of_the_parts_costs_little(names: tuple[str, str]) -> None:
    left, right = names
    given_order = total(make_person(left), make_person(right))
    for parts in permutations(right.split()):
        turned = total(make_person(left), make_person(" ".join(parts)))
        assert given_order - 1 <= turned <= given_order


@pytest.mark.parametrize("names", PEOPLE, ids=[names[0] for names in PEOPLE])
def test_an_initial_says_less_than_the_name_and_more_than_a_wrong_one(
    names: tuple[str, str],
) -> None:
    first, *rest = names[0].split()
    written = [f"{one} {' '.join(rest)}" for one in (f"{first[0]}.", "B.")]
    right, wrong = (total(make_person(names[1]), make_person(text)) for text in written)
    assert wrong < right <= total(make_person(names[1]), make_person(names[0]))


FIELDS: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "sex": ({"sex": Sex.FEMALE}, {"sex": Sex.MALE}),
    "birth": ({"birth": "1984-03-12"}, {"birth": "1951-07-30"}),
    "town": ({"town": "Herat"}, {"town": "Skopje"}),
    "nationality": ({"nationalities": ("AF",)}, {"nationalities": ("MK",)}),
    "mother": (
        {"kin": (make_kin(Relation.MOTHER, "Maryam Noori"),)},
        {"kin": (make_kin(Relation.MOTHER, "Vesna Petrova"),)},
    ),
    "father": (
        {"kin": (make_kin(Relation.FATHER, "Ghulam Karimi"),)},
        {"kin": (make_kin(Relation.FATHER, "Goran Petrov"),)},
    ),
}
findings = st.fixed_dictionaries(
    {name: st.sampled_from(["unknown", "agrees", "differs"]) for name in FIELDS}
)


@quick
@given(findings, st.sampled_from(sorted(FIELDS)))
def test_one_more_agreement_never_lowers_whatever_else_agrees_or_differs(
    state: dict[str, str], field: str
) -> None:
    unknown, agrees, differs = (
        total(*_pair(state | {field: finding})) for finding in ("unknown", "agrees", "differs")
    )
    assert differs <= unknown <= agrees


def _pair(state: dict[str, str]) -> tuple[Person, Person]:
    left: dict[str, Any] = {}
    right: dict[str, Any] = {}
    kin: list[tuple[Kin, ...]] = [(), ()]
    for name, (here, there) in FIELDS.items():
        if state[name] == "unknown":
            continue
        other = here if state[name] == "agrees" else there
        kin = [kin[0] + here.get("kin", ()), kin[1] + other.get("kin", ())]
        left, right = left | here, right | other
    pair = (make_person("Zahra Karimi", **left), make_person("زهرا کریمی", **right))
    return replace(pair[0], kin=kin[0]), replace(pair[1], kin=kin[1])


@quick
@given(st.integers(0, 2), st.permutations(PEOPLE))
def test_a_second_name_never_lowers(extra: int, people: list[tuple[str, str]]) -> None:
    left, right = people[0]
    alone = total(make_person(left), make_person(right))
    others = [text for names in people[1 : 1 + extra] for text in names]
    assert total(make_person(left), make_person(right, *others)) >= alone
