"""`rfl evaluate` measures the matcher on files, without a node."""

import json
from pathlib import Path

import pytest

from tests.cli.support import Cli

PEOPLE = [
    {"id": "a", "names": ["Zahra Hosseini"], "birth": "1994", "sex": "female"},
    {"id": "b", "names": ["Omar Haddad"], "birth": "1990-02-11"},
]
FIGURES = ("auc", "best_f1", "recall_at_99_precision", "recall_at_1_fpr", "calibration_error")
QUERIES = [
    {"id": "q1", "names": ["زهرا حسینی"], "answers": ["a"], "group": "abjad"},
    {"id": "q2", "names": ["Omar Hadad"], "answers": ["b"], "group": "alphabetic"},
]


def test_a_search_is_measured_in_all_and_by_group(cli: Cli, tmp_path: Path) -> None:
    people, queries = _lines(tmp_path / "p", PEOPLE), _lines(tmp_path / "q", QUERIES)
    given = ("evaluate", "search", "--people", people, "--queries", queries)
    report = cli(*given, "--json").document
    for shares in (report, *report["group"].values()):
        assert [shares[f"found_at_{depth}"] for depth in (1, 10, 50, 200)] == [1.0] * 4
    assert set(report["group"]) == {"abjad", "alphabetic", "female", "abjad female"}
    assert report["group"]["female"]["queries"] == 1
    assert report["bands"]["nine_in_ten"]["right"] <= report["shown"]["right"] == 2
    assert report["people"] == 2
    assert report["bytes_per_person"] > 0
    assert 0 < report["p50_ms"] <= report["p95_ms"]
    shown = cli(*given)
    assert shown.code == 0
    assert all(word in shown.out for word in ("top 200", "abjad female", "right_share"))


def test_name_pairs_are_measured_in_all_and_by_scripts(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "pairs.tsv"
    head = "label\tname1\tname2\tscript1\tscript2\tsex\n"
    rows = "1\tOmar\tعمر\tLATIN\tARABIC\tmale\n0\tOmar\tحسن\tLATIN\tARABIC\tmale\n"
    path.write_text(head + rows, encoding="utf-8")
    report = cli("evaluate", "names", path, "--json").document
    assert set(report["scripts"]) == {"ARABIC/LATIN"}
    for figures in (report, report["scripts"]["ARABIC/LATIN"]):
        assert all(0 <= figures[name] <= 1 for name in FIGURES)
    assert report["us_per_pair"] > 0
    assert set(report["classes"]) == {"abjad"}
    assert report["sex"]["male"]["pairs"] == 2
    assert "By sex" in cli("evaluate", "names", path).out


@pytest.mark.parametrize("content", ["{", "[]", '{"id": "a"}', "\udcff"])
def test_a_line_that_cannot_be_read_is_named_by_its_number(
    cli: Cli, tmp_path: Path, content: str
) -> None:
    people, queries = tmp_path / "p", _lines(tmp_path / "q", QUERIES)
    people.write_text(json.dumps(PEOPLE[0]) + "\n" + content, errors="surrogateescape")
    refused = cli("evaluate", "search", "--people", people, "--queries", queries)
    assert refused.code == 2
    assert refused.err.startswith("rfl: malformed-file: p: Line 2 ")


@pytest.mark.parametrize("content", [b"name1\tname2\n", b"label\tname1\tname2\n1\t\xff\tb\n"])
def test_a_table_without_labels_is_refused(cli: Cli, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pairs.tsv"
    path.write_bytes(content)
    refused = cli("evaluate", "names", path)
    assert refused.code == 2
    assert refused.err.startswith("rfl: malformed-file: pairs.tsv: ")


def _lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path
