"""Names built to do harm: nothing raises, the work is bounded, both ways are the same."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfl.domain.ids import new_id
from rfl.matching import features
from rfl.matching.features import compare_names
from rfl.matching.han import MOST_SPELLINGS
from rfl.matching.index import TermIndex
from rfl.matching.layout import HEADER
from rfl.matching.lines import SortedLines
from rfl.matching.many_names import compare_many
from rfl.matching.many_tokens import Floats, Numbers, Tokens
from rfl.matching.name_model import CEILING, FLOOR, name_weights, script_class
from rfl.matching.names import MAX_RAW_TOKENS, MAX_TOKENS, prepare_name
from rfl.matching.scoring import score, score_many
from rfl.matching.scripts import MAX_CHARS, MAX_CHUNK
from rfl.matching.similarity import similarity
from rfl.matching.terms import MAX_TERMS, prepare, terms_of
from rfl.matching.tokens import Token
from tests.matching.people import make_person

HOSTILE = {
    "one letter": "a",
    "200 parts": " ".join(f"part{number}" for number in range(200)),
    "200 letters apart": " ".join("abcdefghij" * 20),
    "one part of 10,000 letters": "a" * 10_000,
    "only titles": "Dr. Prof. Sheikh Haji",
    "only particles": "al bin de van ibn",
    "only servants": "abd abdul abdel",
    "only short words that are also families": "Ma Lo Le Il Um Eng Ha",
    "only initials spelled out": "اس. ام. دبلیو. बी के सी " * 9 + "....." * 40,
    "digits": "123 456 0",
    "emoji": "👨‍👩‍👧 🙂",
    "unassigned": "\u0378\U000e0fff\U0003fffd",
    "every script": "Anaанаחנהአናअना안나安娜アンナანაΆνναԱննաஅனාආනාอานาအနာអាណា",
    "right-to-left override": "\u202eahmad\u202c \u2066karimi\u2069",
    "ligatures": "ﷺ ﷲ ﬁ Ǆ ㎏",
    "marks without letters": "\u0301\u064b\u093e\u0e34",
    "a letter with 300 marks": "a" + "\u0301" * 300,
    "surrogate-like": "\ud7ff\ue000",
    "apostrophes": "''''' '’' ʼ",
    "hyphens": "-----",
    "nothing": "",
    "300 Chinese characters": "漢字" * 150,
    "Hangul taken apart": "\u1100\u1161\u11a8" * 30,
    "half a syllable": "\u1100\u1100\u1161",
    "vowels with no consonant": "เแโ ະ \u1031\u17b6 \u0dcf",
    "zero width": "\u200b\u200d\ufeff",
}


def compared(left: str, right: str) -> float | None:
    one, other = prepare_name(left), prepare_name(right)
    found = compare_names(one, other)
    assert found == compare_names(other, one)
    if found is None:
        return None
    kinds = [script_class(one.scripts, other.scripts)]
    return float(name_weights(kinds, np.array([found]))[0])


@pytest.mark.parametrize("left", HOSTILE.values(), ids=HOSTILE)
def test_hostile_names_compare_with_each_other_and_stay_in_bounds(left: str) -> None:
    for right in (*HOSTILE.values(), "Ahmad Karimi"):
        weight = compared(left, right)
        assert weight is None or FLOOR <= weight <= CEILING


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_name_has_a_bounded_number_of_parts(text: str) -> None:
    name = prepare_name(text * 3)
    assert len(name.tokens) <= MAX_TOKENS
    assert len(name.light) <= MAX_RAW_TOKENS
    assert all(len(part.roman) <= MAX_CHARS for part in name.tokens)


def test_two_names_of_200_parts_cost_a_bounded_number_of_comparisons(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = 0

    def counted(left: Token, right: Token) -> float:
        nonlocal calls
        calls += 1
        return similarity(left, right)

    monkeypatch.setattr(features, "similarity", counted)
    left = prepare_name(" ".join(f"first{number}" for number in range(200)))
    right = prepare_name(" ".join(f"last{number}" for number in range(199)))
    compare_names(left, right)
    assert calls <= MAX_TOKENS**3


def test_however_many_parts_names_have_a_search_compares_a_bounded_number_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    compared_at_once: list[int] = []
    likeness = Tokens.likeness

    def counted(parts: Tokens, left: Numbers, right: Numbers) -> Floats:
        compared_at_once.append(len(left))
        return likeness(parts, left, right)

    monkeypatch.setattr(Tokens, "likeness", counted)
    costs = []
    for count in (MAX_TOKENS + 1, 200, 1_000):
        compared_at_once.clear()
        short = prepare_name("박보검 " + " ".join(f"one{n}" for n in range(MAX_TOKENS - 3)))
        long = prepare_name(" ".join(f"other{n}" for n in range(count)))
        compare_many([(short, long)] * 3)
        costs.append(sum(compared_at_once))
    assert max(costs) == min(costs) <= MAX_TOKENS**3


def test_hostile_people_are_indexed_found_and_scored_like_others() -> None:
    nobody = prepare(make_person())
    people = {
        new_id("per"): replace(nobody, names=(prepare_name(text),)) for text in HOSTILE.values()
    }
    everybody, index = list(people.values()), TermIndex()
    sealed = [terms_of(one).to_bytes() for one in everybody]
    assert max(map(len, sealed)) <= HEADER.size + 4 * MAX_TERMS
    index.add_many(list(people), sealed)
    for person in everybody:
        assert all(math.isfinite(rank) for _key, rank in index.search(person, 10))
        for other, found in zip(everybody, score_many(person, everybody), strict=True):
            assert 0 <= found.probability <= 1
            assert found.total == score(other, person).total


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_any_unicode_compares_to_a_finite_weight(left: str, right: str) -> None:
    weight = compared(left, right)
    assert weight is None or math.isfinite(weight)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_name_is_most_like_itself(text: str) -> None:
    name = prepare_name(text)
    found = compare_names(name, name)
    if found is not None:
        assert found.cover_long == pytest.approx(1.0)


@pytest.mark.parametrize("letter", ["中", "한", "ア", "ส", "မ", "ந", "ខ", "x", "ش"])
def test_the_readings_of_a_part_are_few_and_short_however_long_it_is(letter: str) -> None:
    for part in prepare_name(letter * 5_000).tokens:
        assert len(part.forms) <= MOST_SPELLINGS
        assert all(len(form.fold) <= 2 * MAX_CHUNK for form in part.forms)


def test_a_long_name_of_many_readings_looks_up_a_bounded_number_of_lines(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked_up = 0
    fields = SortedLines.fields

    def counted(table: SortedLines, key: str) -> tuple[str, ...] | None:
        nonlocal looked_up
        looked_up += 1
        return fields(table, key)

    monkeypatch.setattr(SortedLines, "fields", counted)
    prepare_name("".join(chr(0x4E00 + number) for number in range(5_000)))
    assert looked_up <= 4 * MAX_CHUNK
