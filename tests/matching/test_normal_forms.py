"""What must not change a name's normal form, whatever the name: noise, forms of Unicode, order."""

import unicodedata
from collections import Counter
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rfl.matching.features import compare_names
from rfl.matching.names import PreparedName, prepare_name
from rfl.matching.similarity import similarity
from rfl.matching.terms import token_terms

ROMAN = ["Ahmad", "Karimi", "Zorica", "Trajkovski", "Wanjiru", "Nguyễn", "José", "Maxamed"]
PARTS = [
    *ROMAN,
    *("Şahin", "Łukasz", "Ćiro", "احمد", "کریمی", "فاطمة", "گلچهره", "شێرکۆ", "שרה", "דוד"),
    *("Мирослав", "Ќосев", "Юлия", "Нұрсұлтан", "Єгор", "Παπανδρέου", "Հայկ", "გიორგი", "ትግስት"),
    *("ኃይሌ", "कुमार", "সুমন", "முருகன்", "කුමාර", "สมชาย", "သိန်း", "សុខា", "정은", "婉嫻", "せいこ"),
]
SILENT = ["\u200b", "\u200d", "\u200e", "\u200f", "\u202a", "\u202c", "\u2067", "\u2069", "\ufeff"]
TITLES = ["Dr.", "Mr", "Sheikh", "Prof.", "السيد", "г-н", "डॉ", "አቶ"]

names = st.lists(st.sampled_from(PARTS), min_size=1, max_size=4, unique=True)
quick = settings(max_examples=80, deadline=None)


def normal(name: PreparedName) -> Counter[tuple[str, bytes]]:
    """The parts of a name, whatever their order, with all terms that they have."""
    return Counter((part.roman, token_terms(part)) for part in name.tokens)


def of(*parts: str) -> Counter[tuple[str, bytes]]:
    return normal(prepare_name(" ".join(parts)))


@quick
@given(names, st.data())
def test_silent_signs_between_letters_change_nothing(parts: list[str], data: st.DataObject) -> None:
    noisy = []
    for part in parts:
        at = data.draw(st.integers(0, len(part)))
        noisy.append(part[:at] + data.draw(st.sampled_from(SILENT)) + part[at:])
    assert of(*noisy) == of(*parts)


@quick
@given(names)
def test_composed_and_decomposed_forms_are_one(parts: list[str]) -> None:
    forms = [of(*(unicodedata.normalize(form, part) for part in parts)) for form in ("NFC", "NFD")]
    assert forms[0] == forms[1]


@quick
@given(names, st.randoms(use_true_random=False))
def test_order_changes_no_part(parts: list[str], random: Random) -> None:
    turned = random.sample(parts, len(parts))
    assert of(*turned) == of(*parts)


@quick
@given(names, st.sampled_from(["  ", "\u00a0", "\u3000", "-", "\u2010", ", ", "\t"]))
def test_any_space_or_hyphen_parts_words(parts: list[str], between: str) -> None:
    assert normal(prepare_name(between.join(parts))) == of(*parts)


@quick
@given(names, st.sampled_from(TITLES))
def test_a_title_is_set_aside(parts: list[str], title: str) -> None:
    assert of(title, *parts) == of(*parts)


@quick
@given(names)
def test_case_changes_nothing(parts: list[str]) -> None:
    assert of(*(part.upper() for part in parts)) == of(*(part.lower() for part in parts))


@quick
@given(names, names)
def test_names_are_as_alike_one_way_as_the_other(left: list[str], right: list[str]) -> None:
    one, other = prepare_name(" ".join(left)), prepare_name(" ".join(right))
    assert compare_names(one, other) == compare_names(other, one)


@quick
@given(st.sampled_from(ROMAN), names)
def test_an_initial_agrees_with_its_part(part: str, others: list[str]) -> None:
    assume(part not in others)
    initial, *_ = prepare_name(f"{part[0]}. {' '.join(others)}").tokens
    (whole,) = prepare_name(part).tokens
    assert initial.role == "initial"
    assert similarity(initial, whole) > 0.5


APART = [("Hassan", "Hussein"), ("Samir", "Samira"), ("Omar", "Amir"), ("Karim", "Karima")]


@pytest.mark.parametrize(("left", "right"), APART)
def test_names_that_phonetic_codes_join_do_not_agree_strongly(left: str, right: str) -> None:
    found = compare_names(prepare_name(left), prepare_name(right))
    assert found is not None
    assert found.strong == 0
