"""A score is a sum of reasons, the same both ways, and never more sure than its evidence."""

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfl.domain.person import Person, Relation, Sex
from rfl.matching.bands import Band, band
from rfl.matching.evidence import Contribution
from rfl.matching.explain import sentence
from rfl.matching.scoring import MODEL_VERSION, SHOW_THRESHOLD, Score, score, score_many
from rfl.matching.sentences.english import REASONS
from rfl.matching.terms import prepare
from tests.matching.people import make_kin, make_person


def scored(left: Person, right: Person, shared: int = 0) -> Score:
    one, other = prepare(left), prepare(right)
    found = score(one, other, shared_identifiers=shared)
    turned = score(other, one, shared_identifiers=shared)
    assert (found.total, found.probability) == (turned.total, turned.probability)
    assert sorted(found.contributions) == sorted(turned.contributions)
    assert math.isclose(found.total, math.fsum(one.weight for one in found.contributions))
    return found


SOUGHT = make_person(
    "Ahmad Zia Karimi",
    sex=Sex.MALE,
    birth="1984-03-12",
    town="Herat",
    kin=(make_kin(Relation.FATHER, "Ghulam Karimi"),),
    nationalities=("AF",),
)
REGISTERED = make_person(
    "احمد ضیا کریمی",
    sex=Sex.MALE,
    birth="1984",
    town="هرات",
    kin=(make_kin(Relation.FATHER, "غلام کریمی"),),
    nationalities=("AF",),
)
STRANGER = make_person("Zorica Kostovska", sex=Sex.FEMALE, birth="1951-07-30", town="Skopje")


def test_one_person_on_two_lists_is_very_likely() -> None:
    assert scored(SOUGHT, REGISTERED).band is Band.NINE_IN_TEN


def test_a_stranger_is_not_shown() -> None:
    found = scored(SOUGHT, STRANGER)
    assert found.probability < SHOW_THRESHOLD
    assert found.band is Band.LESS


def test_each_reason_has_its_code() -> None:
    codes = [one.code for one in scored(SOUGHT, REGISTERED).contributions]
    assert codes == [
        "prior.candidate",
        "names.same_other_script",
        "birth.year_agrees",
        "sex.agrees",
        "places.town_agrees",
        "kin.father_agrees",
        "nationalities.agree",
    ]


def test_what_is_unknown_is_listed_with_weight_0() -> None:
    found = scored(make_person("Ahmad Karimi"), make_person("Ahmad Karimi"))
    unknown = [one for one in found.contributions if one.code.endswith(".unknown")]
    assert {one.field for one in unknown} == {"birth", "sex", "places", "kin", "nationalities"}
    assert {one.weight for one in unknown} == {0.0}


def test_a_frequent_name_alone_is_not_sure() -> None:
    found = scored(make_person("Mohammed Ali"), make_person("محمد علی"))
    assert found.probability < 0.4


def test_another_sex_is_a_loud_conflict() -> None:
    as_woman = make_person("Ahmad Zia Karimi", sex=Sex.FEMALE, birth="1984-03-12")
    conflict = next(c for c in scored(SOUGHT, as_woman).contributions if c.field == "sex")
    assert conflict == Contribution("sex", "sex.conflict", conflict.weight)
    assert conflict.weight < -2


def test_shared_identifiers_count_and_are_capped() -> None:
    totals = [scored(SOUGHT, STRANGER, shared).total for shared in (0, 1, 2, 3, 50)]
    assert totals[0] < totals[1] < totals[2] == totals[3] == totals[4]


GROWING = [
    make_person("Ahmad Zia Karimi"),
    make_person("Ahmad Zia Karimi", sex=Sex.MALE),
    make_person("Ahmad Zia Karimi", sex=Sex.MALE, birth="1984"),
    make_person("Ahmad Zia Karimi", sex=Sex.MALE, birth="1984-03-12"),
    make_person("Ahmad Zia Karimi", sex=Sex.MALE, birth="1984-03-12", town="Herat"),
    SOUGHT,
]


def test_more_agreeing_evidence_never_lowers() -> None:
    totals = [scored(SOUGHT, person).total for person in GROWING]
    assert totals == sorted(totals)


NOT_EVIDENCE = [
    {"ethnicity": "Hazara"},
    {"religion": "Shia"},
    {"languages": ("fa",)},
    {"health": "diabetes"},
    {"detention": "seen in a prison"},
    {"occupation": "tailor"},
]


@pytest.mark.parametrize("fields", NOT_EVIDENCE)
def test_ethnicity_religion_and_what_else_is_sensitive_are_never_scored(
    fields: dict[str, Any],
) -> None:
    other = dict.fromkeys(fields, ("am",) if "languages" in fields else "other")
    plain = scored(SOUGHT, REGISTERED)
    assert scored(replace(SOUGHT, **fields), replace(REGISTERED, **fields)) == plain
    assert scored(replace(SOUGHT, **fields), replace(REGISTERED, **other)) == plain


def test_nationality_counts_less_where_the_place_says_the_same() -> None:
    def weight(**fields: Any) -> float:
        person = make_person("Ahmad Karimi", nationalities=("AF",), **fields)
        found = {one.field: one.weight for one in scored(person, person).contributions}
        return found["nationalities"]

    assert 0 < weight(town="Herat") < weight()


def test_the_best_of_several_names_counts() -> None:
    two = make_person("Zorica Kostovska", "احمد ضیا کریمی")
    alone = make_person("احمد ضیا کریمی")
    assert scored(SOUGHT, two).total == scored(SOUGHT, alone).total


def test_many_candidates_score_as_each_alone() -> None:
    query = prepare(SOUGHT)
    candidates = [prepare(REGISTERED), prepare(STRANGER)]
    expected = [score(query, candidates[0], shared_identifiers=1), score(query, candidates[1])]
    assert score_many(query, candidates, shared_identifiers=[1, 0]) == expected


def test_people_without_a_name_can_be_compared() -> None:
    codes = {one.code for one in scored(make_person(), make_person()).contributions}
    assert "names.unknown" in codes


def test_a_score_carries_its_model() -> None:
    assert scored(SOUGHT, STRANGER).model_version == MODEL_VERSION


# A letter in front makes any text without control characters a name.
TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40).map("x{}".format)
BANDS = [
    (0.95, Band.NINE_IN_TEN),
    (0.7, Band.TWO_IN_THREE),
    (0.5, Band.ONE_IN_TWO),
    (0.2, Band.ONE_IN_FIVE),
    (0.1, Band.ONE_IN_TEN),
    (0.02, Band.ONE_IN_FIFTY),
    (0.001, Band.LESS),
    (0.0, Band.LESS),
    (1.0, Band.NINE_IN_TEN),
]


@pytest.mark.parametrize(("probability", "words"), BANDS)
def test_a_probability_has_its_band(probability: float, words: Band) -> None:
    assert band(probability) is words


def test_every_reason_that_a_score_gives_has_a_sentence() -> None:
    for right in (REGISTERED, STRANGER, make_person("Karimi"), make_person()):
        for one in scored(SOUGHT, right).contributions:
            assert one.code in REASONS
            assert sentence(one) != sentence(Contribution("other", "other.reason", 0.0))


def test_an_unknown_code_still_has_a_sentence() -> None:
    assert sentence(Contribution("names", "names.by_a_later_version", 1.0))


@settings(max_examples=60, deadline=None)
@given(TEXTS, TEXTS)
def test_any_two_texts_score_as_a_number(left: str, right: str) -> None:
    found = scored(make_person(left), make_person(right))
    assert 0 <= found.probability <= 1
    assert math.isfinite(found.total)
