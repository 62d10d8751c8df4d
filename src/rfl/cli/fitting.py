"""`rfl fit`: the name model, made anew from labelled pairs of names."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from rfl.cli import show
from rfl.errors import MalformedFile
from rfl.matching.fitting import fit as fitted
from rfl.matching.scoring import MODEL_VERSION


def fit(
    folder: Annotated[
        Path, typer.Argument(exists=True, file_okay=False, help="Files *.tsv of labelled pairs.")
    ],
    *,
    out: Annotated[
        Path, typer.Option(dir_okay=False, help="Where the model goes, as JSON.")
    ] = Path("name_model.json"),
    as_json: show.Json = False,
) -> None:
    """Fit the name model on pairs of names, and report on people whom it has not seen.

    Each file has columns label (1: the same person), name1 and name2, and may have country. One
    person (or country) in five is kept apart; pairs that cross the split are dropped. No node is
    needed. The node reads the model that it was built with: docs/matching.md says how to change it.
    """
    files = sorted(folder.glob("*.tsv"))
    if not files:
        raise MalformedFile("The folder has no file *.tsv.", field=folder.name)
    found = fitted((row for path in files for row in _rows(path)), MODEL_VERSION)
    out.write_bytes(msgspec.json.format(msgspec.json.encode(found.model), indent=1) + b"\n")
    if as_json:
        show.as_json(found.report)
        return
    show.as_facts(found.report["fitted"])
    unseen = {kind: row for kind, row in found.report["unseen"].items() if row}
    columns = ["unseen people", *next(iter(unseen.values()), {})]
    show.as_table("By class of scripts", columns, [[k, *row.values()] for k, row in unseen.items()])


def _rows(path: Path) -> Iterator[Mapping[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            if not {"label", "name1", "name2"} <= set(rows.fieldnames or ()):
                rule = "The header must name label, name1 and name2."
                raise MalformedFile(rule, field=path.name)
            yield from rows
    except (csv.Error, UnicodeDecodeError) as cause:
        raise MalformedFile("The file is not a table in UTF-8.", field=path.name) from cause
