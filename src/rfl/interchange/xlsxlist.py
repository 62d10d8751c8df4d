"""Lists as XLSX, read row by row by openpyxl, whose XML parser is defusedxml's."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.workbook.workbook import Workbook

from rfl.errors import InvalidInput, MalformedFile
from rfl.interchange import table
from rfl.interchange.rows import Listing, ListTerms
from rfl.interchange.workbook import check_package

# The last row that a sheet can have.
MAX_ROWS = 1_048_576
_BATCH = 200

# What openpyxl raises on a file that is not as it should be: it has no error of its own.
# NotImplementedError comes from zipfile below it, at a way of packing that it does not know.
_BROKEN = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RecursionError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
_RULE_BROKEN = "The workbook is broken."
_MIDNIGHT = time()


def read_xlsx(
    stream: BinaryIO,
    terms: ListTerms,
    columns: Mapping[str, str] | None,
    today: date,
    sheet: str | None = None,
) -> Listing:
    """Read the header of the first sheet, or of the one named, now and its rows as asked for.

    The stream must be able to seek. Formulas are seen as formulas, and refused with their row.
    """
    table.check_mapping(columns)
    check_package(stream)
    stream.seek(0)
    return table.listing(_rows(_cells(stream, sheet)), terms, columns, today)


def _rows(batches: Iterator[list[Sequence[object]]]) -> Iterator[table.NumberedRow]:
    number = 0
    for batch in batches:
        for cells in batch:
            number += 1
            if len(cells) > table.MAX_COLUMNS and any(cells[table.MAX_COLUMNS :]):
                yield number, InvalidInput("row", table.RULE_COLUMNS)
            else:
                yield number, [_text(cell) for cell in cells[: table.MAX_COLUMNS]]


def _cells(stream: BinaryIO, sheet: str | None) -> Iterator[list[Sequence[object]]]:
    """Yield the rows' values in batches, each read with openpyxl's warnings off: they quote."""
    try:
        with warnings.catch_warnings(action="ignore"):
            book = openpyxl.load_workbook(stream, read_only=True, keep_links=False)
            rows = _values(book, sheet)
    except _BROKEN:
        raise MalformedFile(_RULE_BROKEN) from None
    while batch := _batch(rows):
        yield batch
    book.close()


def _batch(rows: Iterator[Sequence[object]]) -> list[Sequence[object]]:
    try:
        with warnings.catch_warnings(action="ignore"):
            return list(islice(rows, _BATCH))
    except _BROKEN:
        raise MalformedFile(_RULE_BROKEN) from None


def _values(book: Workbook, sheet: str | None) -> Iterator[Sequence[object]]:
    """Return the rows of the first worksheet, or of the one of this name.

    What the sheet says of its own size is not trusted.
    """
    for found in book.worksheets:
        if sheet in {None, found.title}:
            found.reset_dimensions()
            return found.iter_rows(max_row=MAX_ROWS, values_only=True)
    if book.worksheets:
        raise InvalidInput("sheet", "names no sheet of the workbook")
    raise MalformedFile("The workbook has no sheet.")


def _text(cell: object) -> str:
    """Return what a cell shows, numbers without `.0`; a formula starts with `=`."""
    if isinstance(cell, str):
        return cell
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, int | float):
        return str(cell)
    if isinstance(cell, datetime) and cell.time() != _MIDNIGHT:
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, date):
        return table.DayCell(cell.isoformat()[:10])
    return str(cell) if isinstance(cell, time | timedelta) else "="
