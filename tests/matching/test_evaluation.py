"""The matcher's own measures, on made-up people."""

import pytest

from rfl.matching.evaluation import evaluate_names, evaluate_search
from rfl.matching.figures import pair_figures
from rfl.matching.groups import language_of, search_groups
from rfl.matching.shown import Tally

PEOPLE = [
    {"id": "a", "names": ["Мирослав Трајковски"], "birth": "1984-03-12", "sex": "male"},
    {"id": "b", "names": ["احمد ضیا کریمی"], "birth": "1990"},
    {"id": "c", "names": ["Selam Tesfaye"], "birth": "not a date"},
    {"id": "d", "names": ["Miroslav Tasevski"]},
]
QUERIES = [
    {"id": "1", "names": ["Miroslav Trajkovski"], "answers": ["a"], "group": "cyrillic"},
    {"id": "2", "names": ["Ahmad Zia Karimi"], "answers": ["b"], "group": "arabic"},
    {"id": "3", "names": ["Nobody Known"], "answers": ["c"], "group": "arabic"},
]


def test_a_search_report_counts_who_was_found_where() -> None:
    report = evaluate_search(PEOPLE, QUERIES).as_json()
    assert report["found_at_1"] == pytest.approx(2 / 3, abs=1e-4)
    assert report["group"]["cyrillic"]["found_at_1"] == 1
    assert report["group"]["arabic"]["found_at_200"] == 0.5
    assert report["people"] == 4
    assert report["queries"] == 3
    assert report["p50_ms"] <= report["p95_ms"]
    assert report["bytes_per_person"] > 0


def test_a_report_without_queries_is_empty() -> None:
    assert evaluate_search(PEOPLE, []).as_json()["queries"] == 0


def test_searches_are_counted_by_the_sex_that_either_side_states() -> None:
    by_answer = {"names": ["Miroslav Trajkovski"], "answers": ["a"], "group": "cyrillic"}
    by_query = {"names": ["Nobody Known"], "answers": ["d"], "sex": "female"}
    groups = evaluate_search(PEOPLE, [by_answer, by_query]).as_json()["group"]
    assert set(groups) == {"cyrillic", "male", "cyrillic male", "female"}
    assert groups["male"] == groups["cyrillic male"]
    assert groups["male"]["queries"] == 1
    assert (groups["male"]["found_at_1"], groups["female"]["found_at_1"]) == (1, 0)


HERE = {"names": ["Miroslav Trajkovski"], "answers": ["a"]}
THERE = {"names": ["Miroslav Trajkovski"], "answers": []}


def test_who_is_not_among_the_people_has_no_place_and_every_candidate_is_wrong() -> None:
    report = evaluate_search(PEOPLE, [HERE, THERE]).as_json()
    assert (report["queries"], report["absent"], report["found_at_1"]) == (1, 1, 1.0)
    assert report["shown"]["right"] == 1
    assert report["shown"]["pairs"] >= 2


def test_if_all_are_among_the_people_the_bands_count_each_search_without_its_answers_too() -> None:
    without = [row for row in PEOPLE if row["id"] != "a"]
    wrong = evaluate_search(without, [THERE]).as_json()["bands"]
    found = evaluate_search(PEOPLE, [HERE]).as_json()["bands"]
    assert sum(one["right"] for one in found.values()) == 1
    assert _pairs(found) == 1 + 2 * _pairs(wrong)


def _pairs(bands: dict[str, dict[str, int]]) -> int:
    return sum(one["pairs"] for one in bands.values())


LANGUAGES = [
    (["김정은", "Kim Jong-un"], "korean"),
    (["金正恩", "김정은"], "korean"),
    (["陳大文", "Chan Tai Man"], "chinese"),
    (["埃迪·拉马", "Edi Rama"], "chinese"),
    (["佐藤 花子", "Sato Hanako"], "japanese"),
    (["佐藤花子", "Сато Ханако"], "japanese"),
    (["エディ・ラマ", "Edi Rama"], "japanese"),
    (["エディ・ラマ", "埃迪·拉马"], "japanese"),
    (["Edi Rama", "Еди Рама"], ""),
]


@pytest.mark.parametrize(("texts", "language"), LANGUAGES)
def test_japanese_is_told_from_chinese_and_korean(texts: list[str], language: str) -> None:
    assert language_of(texts) == language


def test_a_file_that_says_the_language_is_believed() -> None:
    row = {"names": ["林和子"], "group": "chinese", "sex": "female"}
    assert search_groups(row, []) == ["chinese", "female", "chinese female"]


def test_a_band_says_how_many_it_promises_and_how_many_were_right() -> None:
    tally = Tally()
    tally.add([(0.95, True), (0.95, False), (0.5, True), (0.06, False), (0.03, False)])
    bands, shown = tally.bands(), tally.shown()
    assert bands["nine_in_ten"] == {
        "pairs": 2,
        "expected": 1.9,
        "right": 1,
        "stated_share": 0.95,
        "right_share": 0.5,
    }
    assert list(bands) == ["nine_in_ten", "one_in_two", "one_in_fifty"]
    assert bands["one_in_fifty"]["pairs"] == 2
    assert (shown["pairs"], shown["right"]) == (4, 2)
    assert shown["calibration_error"] == pytest.approx((0.9 + 0.5 + 0.06) / 4, abs=1e-4)


NAME_PAIRS = [
    ("1", "Miroslav Trajkovski", "Мирослав Трајковски", "CYRILLIC"),
    ("1", "Zorica Ristova", "Зорица Ристова", "CYRILLIC"),
    ("0", "Miroslav Trajkovski", "Зорица Ристова", "CYRILLIC"),
    ("0", "Zorica Ristova", "Selam Tesfaye", "LATIN"),
    ("1", "Selam Tesfaye", "Selam Tesfay", "LATIN"),
]


def test_name_pairs_are_reported_in_all_and_by_scripts() -> None:
    rows = [
        {"label": label, "name1": one, "name2": other, "script1": "LATIN", "script2": script}
        for label, one, other, script in NAME_PAIRS
    ]
    report = evaluate_names(rows).as_json()
    assert report["auc"] == 1
    assert report["best_f1"] == 1
    assert set(report["scripts"]) == {"CYRILLIC/LATIN", "LATIN/LATIN"}
    assert set(report["classes"]) == {"alphabets", "same"}
    assert report["sex"] == {}
    assert report["us_per_pair"] > 0


def test_name_pairs_are_reported_by_sex_and_by_the_languages_of_east_asia() -> None:
    pairs = [
        ("1", "Kim Jong-un", "김정은", "male"),
        ("0", "Kim Jong-un", "박보검", "male"),
        ("1", "Sato Hanako", "佐藤花子", "female"),
        ("0", "Sato Hanako", "鈴木一郎", "female"),
    ]
    keys = ("label", "name1", "name2", "sex")
    report = evaluate_names([dict(zip(keys, pair, strict=True)) for pair in pairs]).as_json()
    assert set(report["classes"]) == {"east", "korean", "japanese"}
    assert {name: one["pairs"] for name, one in report["sex"].items()} == {"male": 2, "female": 2}


def test_figures_treat_ties_as_half_right() -> None:
    figures = pair_figures([True, False], [1.0, 1.0])
    assert figures is not None
    assert figures.auc == 0.5
    assert figures.recall_at_1_fpr == 0


def test_figures_need_both_labels() -> None:
    assert pair_figures([True, True], [1.0, 2.0]) is None
    assert pair_figures([], []) is None
