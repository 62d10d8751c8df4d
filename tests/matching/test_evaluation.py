"""The matcher's own measures, on made-up people."""

import pytest

from rfl.matching.evaluation import evaluate_names, evaluate_search
from rfl.matching.figures import pair_figures

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
    assert report["us_per_pair"] > 0


def test_figures_treat_ties_as_half_right() -> None:
    figures = pair_figures([True, False], [1.0, 1.0])
    assert figures is not None
    assert figures.auc == 0.5
    assert figures.recall_at_1_fpr == 0


def test_figures_need_both_labels() -> None:
    assert pair_figures([True, True], [1.0, 2.0]) is None
    assert pair_figures([], []) is None
