"""Lists as CSV: UTF-8, or UTF-16 with its mark; comma, semicolon, tab or bar between the cells.

What cannot be read costs its own row and no other: bytes that are no text, a field too long, a
quote that is never closed.
"""

import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import BinaryIO

from rfl.errors import InvalidInput, MalformedFile
from rfl.interchange import table
from rfl.interchange.rows import FIELD_LIMIT, RULE_FIELD_TOO_LONG, Listing, ListTerms

DELIMITERS = ",;\t|"
LINE_LIMIT = 16_000_000
LINES_IN_A_ROW = 100

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
# What stands for bytes that are no text: lone surrogates of `surrogateescape` for UTF-8, and the
# replacement character for UTF-16, whose codec knows no escape.
_UNDECODABLE = {
    "utf-8-sig": ("surrogateescape", re.compile("[\udc80-\udcff]")),
    "utf-16": ("replace", re.compile("\ufffd")),
}
_RUN = re.compile(rf"[^{re.escape(DELIMITERS)}\"\r\n]{{{FIELD_LIMIT + 2},}}")
_RULE_QUOTE = "must close each quote that it opens"


def read_csv(
    stream: BinaryIO, terms: ListTerms, columns: Mapping[str, str] | None, today: date
) -> Listing:
    """Read the header now and the rows as they are asked for; the stream must be able to seek.

    `columns` maps fields to headers; without it, known headers are used (`interchange.headers`).
    """
    table.check_mapping(columns)
    encoding = _encoding(stream)
    errors, undecodable = _UNDECODABLE[encoding]
    lines = _Lines(_Borrowed(stream, encoding, errors, newline=""))
    delimiter = _delimiter(lines.ahead(table.HEADER_WITHIN), columns)
    return table.listing(_Rows(lines, delimiter), terms, columns, today, undecodable)


def _encoding(stream: BinaryIO) -> str:
    start = stream.tell()
    mark = stream.read(2)
    stream.seek(start)
    if not mark:
        raise MalformedFile("The file is empty.")
    return "utf-16" if mark in _UTF16_MARKS else "utf-8-sig"


def _delimiter(lines: Sequence[str], columns: Mapping[str, str] | None) -> str:
    """Return the delimiter that best turns one of the first lines into a header."""

    def score(delimiter: str) -> tuple[bool, int, int]:
        rows = [next(csv.reader([line[:FIELD_LIMIT]], delimiter=delimiter), []) for line in lines]
        scores = [(*table.header_score(cells, columns), len(cells)) for cells in rows]
        return max(scores, default=(False, 0, 0))

    return max(DELIMITERS, key=score)


class _Borrowed(io.TextIOWrapper):
    """Text over a stream that its owner will close."""

    def close(self) -> None:
        """Leave the stream open, also when this wrapper is no longer needed."""


class _OpenQuote(Exception):
    """A row goes on for longer than rows do, or beyond the end of the file."""


class _Lines:
    """The file's lines, which can be given back when a row turns out not to be one."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str] = deque()
        self._row: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if self._row and (not line or len(self._row) == LINES_IN_A_ROW):
            self._again.appendleft(line)
            raise _OpenQuote
        if not line:
            raise StopIteration
        self._row.append(line)
        return line

    def ahead(self, count: int) -> list[str]:
        """Return the next lines and keep them to be read again."""
        lines = [line for _ in range(count) if (line := self._read())]
        self._again.extend(lines)
        return lines

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self._row.clear()

    def give_back(self) -> int:
        """Give back every line of the row but its first; return how many lines it had."""
        count = len(self._row)
        self._again.extendleft(reversed(self._row[1:]))
        return count

    def _read(self) -> str:
        line = self._text.readline(LINE_LIMIT)
        if len(line) == LINE_LIMIT:
            raise MalformedFile(f"A line of the file has more than {LINE_LIMIT} characters.")
        return line if len(line) <= FIELD_LIMIT else _RUN.sub(_cut, line)


class _Rows:
    """The file's rows by number, counted as a spreadsheet counts them, or the rule they break."""

    def __init__(self, lines: _Lines, delimiter: str) -> None:
        self._lines = lines
        self._reader = csv.reader(lines, delimiter=delimiter)
        self._number = 0

    def __iter__(self) -> Iterator[table.NumberedRow]:
        return self

    def __next__(self) -> table.NumberedRow:
        self._lines.begin_row()
        try:
            cells: list[str] | InvalidInput = next(self._reader)
        except _OpenQuote:
            self._lines.give_back()
            cells = InvalidInput("row", _RULE_QUOTE)
        except csv.Error:
            several = self._lines.give_back() > 1
            cells = InvalidInput("row", _RULE_QUOTE if several else RULE_FIELD_TOO_LONG)
        self._number += 1
        return self._number, cells


def _cut(run: re.Match[str]) -> str:
    """Return the start of a run without delimiters, still long enough to be refused as a field."""
    return run[0][: FIELD_LIMIT + 1]
