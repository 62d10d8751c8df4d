"""`rfl evaluate`: how well the matcher finds, on labelled data of one's own."""

import csv
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from rfl.cli import show
from rfl.errors import MalformedFile
from rfl.matching.evaluation import evaluate_names, evaluate_search
from rfl.matching.linking import evaluate_link

app = typer.Typer(no_args_is_help=True, help="Measure the matcher on labelled data.")


@app.command(epilog=show.examples("rfl evaluate search --people P.jsonl --queries Q.jsonl --json"))
def search(
    *,
    people: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="JSON lines: id, names, birth, sex.")
    ],
    queries: Annotated[
        Path, typer.Option(exists=True, dir_okay=False, help="The same, and answers (ids), group.")
    ],
    as_json: show.Json = False,
) -> None:
    """Search each query among the people: how often the right one comes within 1, 10, 50, 200.

    By the groups of the file, by sex where rows state it, and by Chinese, Japanese and Korean. A
    query whose answers are empty is for somebody who is not among the people; if there is none,
    the bands count each search a second time without its answers, since half of those sought are
    elsewhere. "Bands" says of each band how many candidates its probabilities promise and how many
    were right. No node is needed and nothing is stored.
    """
    report = evaluate_search(
        _json_lines(people, {"id", "names"}), _json_lines(queries, {"names", "answers"})
    ).as_json()
    if as_json:
        show.as_json(report)
        return
    _show_search(report)


def _show_search(report: dict[str, Any]) -> None:
    groups = {"all": report, **report.pop("group")}
    bands = {**report.pop("bands"), "shown": report["shown"]}
    heads = {name: name.replace("found_at_", "top ") for name in report if "found_at" in name}
    _show_rows("Found", "group", groups, {**heads, "queries": "queries"})
    counts = ("pairs", "expected", "right", "stated_share", "right_share")
    _show_rows("Bands", "band", bands, {name: name for name in counts})
    shown = {name: group["shown"] for name, group in groups.items()}
    columns = ("pairs", "expected", "right", "calibration_error")
    _show_rows("Shown to officers", "group", shown, {name: name for name in columns})
    show.as_facts({name: report[name] for name in report if name not in {*heads, "shown"}})


@app.command(epilog=show.examples("rfl evaluate names pairs.tsv --json"))
def names(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, help="Tab-separated: label (1: same), name1, name2."
        ),
    ],
    *,
    as_json: show.Json = False,
) -> None:
    """Score labelled pairs of names by the names alone: in all, by scripts and classes of them.

    Where the file has a column sex (female, male), also by sex.
    """
    report = evaluate_names(_tab_separated(file)).as_json()
    if as_json:
        show.as_json(report)
        return
    tables = {name: report.pop(name) for name in ("scripts", "classes", "sex")}
    show.as_facts(report)
    for name, rows in tables.items():
        if rows:
            _show_rows(f"By {name}", name, rows, {key: key for key in next(iter(rows.values()))})


def _show_rows(
    title: str, first: str, rows: Mapping[str, Mapping[str, Any]], heads: Mapping[str, str]
) -> None:
    found = [[name, *(row[column] for column in heads)] for name, row in rows.items()]
    show.as_table(title, [first, *heads.values()], found)


@app.command(epilog=show.examples("rfl evaluate link A.jsonl B.jsonl --truth T.tsv --json"))
def link(
    left: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="JSON lines: id, names, birth, ...")
    ],
    right: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The same.")],
    *,
    truth: Annotated[
        Path,
        typer.Option(exists=True, dir_okay=False, help="Tab-separated: an id of each on a line."),
    ],
    as_json: show.Json = False,
) -> None:
    """Link two lists of people: precision, recall and F1 at the shipped threshold.

    Rows may also have sex, town, state or province, and country. Candidates and scores are those
    of a node; each pair is judged by itself. No node is needed and nothing is stored.
    """
    ones, others = (list(_json_lines(path, {"id"})) for path in (left, right))
    known = {str(row["id"]) for row in ones}
    report = evaluate_link(ones, others, _links(truth, known)).as_json()
    if as_json:
        show.as_json(report)
        return
    show.as_facts(report)


def _links(path: Path, known: set[str]) -> Iterator[tuple[str, str]]:
    """True links, the left list's id first; a header or another order of columns is no error."""
    for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
        ids = line.split("\t")
        if len(ids) < 2:
            raise MalformedFile(f"Line {number} must have two ids.", field=path.name)
        if ids[0] in known:
            yield ids[0], ids[1]
        elif ids[1] in known:
            yield ids[1], ids[0]
        elif number > 1:
            raise MalformedFile(f"Line {number} has no id of the left list.", field=path.name)


def _json_lines(path: Path, needed: set[str]) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
            except ValueError as cause:
                raise MalformedFile(f"Line {number} is not JSON.", field=path.name) from cause
            if not isinstance(row, dict) or not needed <= row.keys():
                rule = f"Line {number} must have {', '.join(sorted(needed))}."
                raise MalformedFile(rule, field=path.name)
            yield row


def _tab_separated(path: Path) -> Iterator[Mapping[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if not {"label", "name1", "name2"} <= set(rows.fieldnames or ()):
                rule = "The header must name label, name1 and name2."
                raise MalformedFile(rule, field=path.name)
            yield from rows
    except (csv.Error, UnicodeDecodeError) as cause:
        raise MalformedFile("The file is not a table in UTF-8.", field=path.name) from cause
