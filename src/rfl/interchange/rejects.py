"""The rejects file: which rows were left out, by which field and rule, and no value."""

import csv
from collections.abc import Iterable
from typing import TextIO

from rfl.interchange.rows import Refusal


def write_rejects(refusals: Iterable[Refusal], stream: TextIO) -> int:
    """Write a CSV table of row, field and rule; return how many refusals it holds."""
    table = csv.writer(stream, lineterminator="\n")
    table.writerow(["row", "field", "rule"])
    count = 0
    for refusal in refusals:
        table.writerow([refusal.number, _as_text(refusal.field), refusal.rule])
        count += 1
    return count


def _as_text(header: str) -> str:
    """Return a header of somebody's file so that no spreadsheet takes it for a formula."""
    return f"'{header}" if header[:1] in {"=", "+", "-", "@"} else header
