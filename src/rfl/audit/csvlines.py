"""Entries as CSV (RFC 4180), a row each, that no spreadsheet takes for a formula."""

import csv
import io
from datetime import datetime

from rfl.audit.records import Record
from rfl.domain.entry import Entry

COLUMNS = tuple(name for name in Entry.__struct_fields__ if name not in ("v", "salt"))
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def head() -> bytes:
    """Return the line with the names of the columns."""
    return _line(["leaf", *COLUMNS])


def line(record: Record) -> bytes:
    """Return one entry as a line; several values in one cell are parted by spaces."""
    return _line([str(record.leaf), *(_cell(record.entry, name) for name in COLUMNS)])


def _cell(entry: Entry, name: str) -> str:
    value = getattr(entry, name)
    if isinstance(value, tuple | list):
        value = " ".join(value)
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: list[str]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def milliseconds(written: str) -> int:
    """Return an entry's time as milliseconds since 1970."""
    return int(datetime.fromisoformat(written).timestamp() * 1000)
