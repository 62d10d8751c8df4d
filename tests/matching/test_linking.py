"""Two lists are linked by the candidates and scores of the product, each pair by itself."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rfl.cli.main import app
from rfl.domain.person import Sex
from rfl.errors import MalformedFile
from rfl.matching.linking import evaluate_link
from rfl.matching.rows import person_of

LEFT = [
    {"id": "a1", "names": ["Мирослав Трајковски"], "birth": "1984-03-12", "state": "Vardar"},
    {"id": "a2", "given_name": "Selam", "surname": "Tesfaye", "birth": "1990-01-17"},
    {"id": "a3", "names": []},
]
RIGHT = [
    {"id": "b1", "names": ["Trajkovski Miroslav"], "birth": "1984-03-12", "province": "Vardar"},
    {"id": "b2", "names": ["Goran Ristov"], "birth": "1951-08-30"},
    {"id": "b3", "names": ["Hodan Guled"], "birth": "no date", "sex": "female"},
]


def test_a_link_is_found_and_a_stranger_is_none() -> None:
    report = evaluate_link(LEFT, RIGHT, [("a1", "b1")]).as_json()
    assert (report["links"], report["precision"], report["recall"], report["f1"]) == (1, 1, 1, 1)
    assert report["best_f1"] == 1
    assert report["threshold"] == 0.5


def test_links_that_are_not_found_lower_the_recall_alone() -> None:
    report = evaluate_link(LEFT, RIGHT, [("a1", "b1"), ("a3", "b3")]).as_json()
    assert (report["precision"], report["recall"], report["candidates_recall"]) == (1, 0.5, 0.5)


def test_empty_lists_have_no_links() -> None:
    assert evaluate_link([], [], []).as_json()["f1"] == 0


def test_a_row_gives_what_it_names() -> None:
    person = person_of(RIGHT[2], 3)
    assert (person.sex, person.birth) == (Sex.FEMALE, None)
    place = person_of(
        {"id": "x", "names": ["Ana"], "state": "nsw", "country": "AU"}, 0
    ).last_address
    assert place is not None
    assert (place.country, place.province) == ("AU", "nsw")


def written(folder: Path, truth: str) -> list[str]:
    for name, rows in (("A", LEFT), ("B", RIGHT)):
        (folder / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows), "utf-8")
    (folder / "T.tsv").write_text(truth, "utf-8")
    files = [str(folder / name) for name in ("A.jsonl", "B.jsonl", "T.tsv")]
    return ["evaluate", "link", files[0], files[1], "--truth", files[2], "--json"]


@pytest.mark.parametrize("truth", ["left\tright\na1\tb1\n", "a1\tb1\n", "right\tleft\nb1\ta1\n"])
def test_the_command_reads_a_header_or_none_and_columns_in_any_order(
    tmp_path: Path, truth: str
) -> None:
    result = CliRunner().invoke(app, written(tmp_path, truth))
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert [report[name] for name in ("precision", "recall", "f1", "best_f1")] == [1, 1, 1, 1]
    assert report["seconds"] >= 0


@pytest.mark.parametrize("truth", ["a1 b1\n", "left\tright\nx\ty\n"])
def test_a_truth_without_ids_is_named_by_its_line(tmp_path: Path, truth: str) -> None:
    result = CliRunner().invoke(app, written(tmp_path, truth))
    assert isinstance(result.exception, MalformedFile) or result.exit_code != 0
