"""Names that are one name meet; names that only sound alike to a machine do not."""

import numpy as np
import pytest

from rfl.matching.features import compare_names
from rfl.matching.name_model import name_weights, script_class
from rfl.matching.names import prepare_name


def weight(left: str, right: str) -> float:
    one, other = prepare_name(left), prepare_name(right)
    found = compare_names(one, other)
    assert found is not None
    kinds = [script_class(one.scripts, other.scripts)]
    return float(name_weights(kinds, np.array([found]))[0])


def likeness(left: str, right: str) -> float:
    found = compare_names(prepare_name(left), prepare_name(right))
    assert found is not None
    return found.cover_short


ONE_NAME = [
    ("Yusuf", "Joseph"),
    ("Abdulrahman", "Abd al-Rahman"),
    ("Abdulrahman", "Abderrahmane"),
    ("عبد الرحمن", "Abderrahmane"),
    ("Usman", "Othman"),
    ("Fatima", "Fatoumata"),
    ("Mohammed", "Mehmet"),
    ("Jallow", "Diallo"),
    ("محمد", "Mohammed"),
    ("ትግስት", "Tigist"),
    ("يوسف", "Јосиф"),
    ("Ќосев", "Kosev"),
    ("Ќосев", "Ćosev"),
    ("Шабан", "Şaban"),
    ("Ristova", "Ристов"),
    ("Kostovska", "Костовски"),
    ("Ataýew", "Атаев"),
    ("Hüseyin", "حسین"),
    ("Jovan", "Јован"),
    ("Jovan", "Йован"),
    ("Γιώργος", "Giorgos"),
    ("김정은", "Kim Jong Un"),
    ("Ziaullah Khairkhah", "Zia Ullah Khair Khah"),
    ("እንዳ ይላሉ", "Endaylallu"),
    ("Zia", "ضیا"),
    ("Ramadan", "رمضان"),
    ("Ramazan", "رمضان"),
]


@pytest.mark.parametrize(("left", "right"), ONE_NAME)
def test_spellings_of_one_name_meet(left: str, right: str) -> None:
    assert likeness(left, right) >= 0.8


OTHER_NAMES = [
    ("Hassan", "Hussein"),
    ("حسن", "حسین"),
    ("حسن", "Hussein"),
    ("Samir", "Samira"),
    ("سمير", "Samira"),
    ("Omar", "Amir"),
    ("عمر", "Amir"),
]


@pytest.mark.parametrize(("left", "right"), OTHER_NAMES)
def test_other_names_with_the_same_consonants_are_kept_apart(left: str, right: str) -> None:
    assert likeness(left, right) < 0.8


SAME_PERSON = [
    ("Ahmad Zia Karimi", "احمد ضیا کریمی"),
    ("Мирослав Трајковски", "Miroslav Trajkovski"),
    ("Karimi, Ahmad Zia", "احمد ضیا کریمی"),
    ("Зорица Костовска", "Zorica Kostovski"),
    ("Abdul Rahman Noori", "عبدالرحمن نوری"),
    ("Bayram Atayev", "Байрам Атаев"),
]


@pytest.mark.parametrize(("left", "right"), SAME_PERSON)
def test_one_person_in_two_scripts_weighs_for_a_match(left: str, right: str) -> None:
    assert weight(left, right) > 3


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Ahmad Zia Karimi", "Мирослав Трајковски"),
        ("Zorica Kostovska", "احمد ضیا کریمی"),
        ("Bayram Atayev", "Selam Tesfaye"),
    ],
)
def test_strangers_weigh_against_a_match(left: str, right: str) -> None:
    assert weight(left, right) < -1


NAME = "Ahmad Zia Karimi"
NOISE = [
    "Karimi Ahmad Zia",
    "KARIMI, Ahmad Zia",
    "Dr. Ahmad Zia Karimi",
    "Ahmad\u200b Zia\u200f Karimi\u202c",
    "Ahmad-Zia  Karimi",
    "ahmad zia karimi",
]


@pytest.mark.parametrize("noisy", NOISE)
def test_order_titles_case_and_noise_change_little(noisy: str) -> None:
    assert weight(NAME, noisy) > weight(NAME, NAME) - 1


def test_an_initial_agrees_with_its_name_but_says_less() -> None:
    assert weight("A. Karimi", NAME) > weight("B. Karimi", NAME)
    assert weight("A. Karimi", NAME) < weight("Ahmad Karimi", NAME)


@pytest.mark.parametrize(("left", "right"), ONE_NAME + OTHER_NAMES + SAME_PERSON)
def test_names_compare_the_same_both_ways(left: str, right: str) -> None:
    assert weight(left, right) == weight(right, left)


GROWING = [
    (["Ahmad", "Zia", "Karimi"], ["احمد", "ضیا", "کریمی"]),
    (["Miroslav", "Goran", "Trajkovski"], ["Мирослав", "Горан", "Трајковски"]),
    (["Selam", "Tesfaye", "Haile"], ["ሰላም", "ተስፋዬ", "ኃይሌ"]),
    (["Hodan", "Warsame", "Guled"], ["Hodan", "Warsame", "Guled"]),
]


@pytest.mark.parametrize(("left", "right"), GROWING)
def test_another_agreeing_part_never_lowers(left: list[str], right: list[str]) -> None:
    weights = [weight(" ".join(left[:n]), " ".join(right[:n])) for n in (1, 2, 3)]
    assert weights == sorted(weights)


def test_one_frequent_name_alone_says_little() -> None:
    assert weight("Ahmad", "احمد") < weight("Trajkovski", "Трајковски") < 6


def test_an_initial_agrees_with_a_name_in_any_of_its_readings() -> None:
    assert weight("H. Warsame", "Xodan Warsame") > weight("B. Warsame", "Xodan Warsame")


def test_names_without_a_letter_are_not_compared() -> None:
    assert compare_names(prepare_name("🙂"), prepare_name("Ahmad")) is None
