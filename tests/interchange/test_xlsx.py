import io
import re
import warnings
import zipfile
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.formula import ArrayFormula

from rfl.domain.dates import Calendar
from rfl.errors import InvalidInput, MalformedFile, RflError, TooLarge
from rfl.interchange import workbook
from rfl.interchange.rows import Refusal, Row
from rfl.interchange.xlsxlist import read_xlsx
from tests.interchange.making import (
    TODAY,
    make_terms,
    make_workbook,
    names_in,
    person_in,
    rows_of_csv,
    rows_of_xlsx,
    taken,
)

HEAD = ["ID", "Full name", "Date of birth", "Phone", "Remarks"]
SECRET = "Zarghuna"


def _changed(content: bytes, name: str, old: bytes, new: bytes) -> bytes:
    """The workbook with something replaced in one of its parts."""
    parts = _parts(content)
    assert old in parts[name]
    return _zipped(parts | {name: parts[name].replace(old, new)})


def _zipped(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return file.getvalue()


def test_a_row_becomes_a_registration() -> None:
    (row,) = rows_of_xlsx(
        make_workbook(HEAD, [1001, "Amina Rahimi", date(1979, 3, 21), 38970000001.0, "seen"])
    )
    birth = person_in(row).birth
    assert names_in(row) == ["Amina Rahimi"]
    assert birth is not None
    assert birth.edtf == "1979-03-21"
    assert person_in(row).identifiers[0].value == "38970000001"
    assert taken(row).remarks == "seen"
    assert isinstance(row, Row)
    assert (row.number, row.source_record) == (2, "1001")


def test_a_date_cell_is_gregorian_and_text_is_in_the_calendar_of_the_list() -> None:
    content = make_workbook(HEAD, [1, "Amina", date(1979, 3, 21)], [2, "Yusuf", "1358-01-01"])
    births = [person_in(row).birth for row in rows_of_xlsx(content, calendar=Calendar.SOLAR_HIJRI)]
    assert [birth.earliest for birth in births if birth] == [date(1979, 3, 21), date(1979, 3, 21)]


CELLS: list[tuple[Any, str | None]] = [
    (True, "True"),
    (12, "12"),
    (-12.5, "-12.5"),
    (datetime.fromisoformat("2024-01-02T03:04"), "2024-01-02 03:04:00"),
    (time(3, 4), "03:04:00"),
    (None, None),
    ("  text ", "text"),
]


@pytest.mark.parametrize(("cell", "text"), CELLS)
def test_cells_are_read_as_they_show(cell: object, text: str | None) -> None:
    (row,) = rows_of_xlsx(make_workbook(HEAD, [1, "Amina", None, None, cell]))
    assert taken(row).remarks == text


FORMULAS = ["=1+1", "=HYPERLINK(A1)", "@SUM(A1)", "-cmd|' /C calc'!A0"]


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_is_refused_by_field_and_row_and_the_rest_goes_in(formula: str) -> None:
    content = make_workbook(HEAD, [1, formula, None], [2, "Amina", None])
    refusal, row = rows_of_xlsx(content)
    rule = "must not be a formula: text must not start with = + - or @"
    assert refusal == Refusal(2, "Full name", rule)
    assert isinstance(row, Row)


def test_an_array_formula_is_refused() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Full name"])
    sheet["A2"] = ArrayFormula("A2", "=SUM(B1:B2)")
    file = io.BytesIO()
    book.save(file)
    (refusal,) = rows_of_xlsx(file.getvalue())
    assert isinstance(refusal, Refusal)


def test_merged_titles_and_blank_rows_are_skipped_and_rows_keep_their_number() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "List of arrivals"
    sheet.merge_cells("A1:C1")
    sheet["A3"], sheet["B3"] = "Full name", "Sex"
    sheet["A6"], sheet["B6"] = "Amina", "F"
    file = io.BytesIO()
    book.save(file)
    (row,) = rows_of_xlsx(file.getvalue())
    assert row.number == 6


def test_the_first_sheet_is_read_or_the_one_named() -> None:
    book = openpyxl.Workbook()
    for title, name in (("First", "Amina"), ("Second", "Yusuf")):
        sheet = book.create_sheet(title)
        sheet.append(["Full name"])
        sheet.append([name])
    book.remove(book["Sheet"])
    file = io.BytesIO()
    book.save(file)
    assert names_in(rows_of_xlsx(file.getvalue())[0]) == ["Amina"]
    assert names_in(rows_of_xlsx(file.getvalue(), sheet="Second")[0]) == ["Yusuf"]
    with pytest.raises(InvalidInput, match="no sheet of the workbook"):
        rows_of_xlsx(file.getvalue(), sheet="Third")


def test_the_same_table_reads_the_same_from_xlsx_and_csv() -> None:
    rows = [["full name", "sex", "town"], ["Амина Рахими", "ж", "Тетово"], ["", "F", ""]]
    text = "\n".join(",".join(row) for row in rows)
    for one, other in zip(rows_of_xlsx(make_workbook(*rows)), rows_of_csv(text), strict=True):
        assert type(one) is type(other)
        assert one.number == other.number


def test_columns_that_nobody_reads_are_named() -> None:
    content = make_workbook(["Full name", "Shoe size"], ["Amina", 38])
    listing = read_xlsx(io.BytesIO(content), make_terms(), None, TODAY)
    assert (listing.mapped, listing.unmapped) == ({"full_name": "Full name"}, ("Shoe size",))


def test_a_date_that_no_calendar_has_is_not_quoted_in_a_warning() -> None:
    content = make_workbook(HEAD, [1, SECRET, date(1979, 3, 21)])
    sheet = "xl/worksheets/sheet1.xml"
    broken = _changed(content, sheet, b"<v>28935</v>", b"<v>99999999999</v>")
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        (refusal,) = rows_of_xlsx(broken)
    assert isinstance(refusal, Refusal)
    assert refusal.field == "Date of birth"
    assert heard == []


def test_too_many_columns_in_a_row_are_refused() -> None:
    content = make_workbook(["Full name"], ["Amina"] + [None] * 300 + ["x"], ["Yusuf"])
    refusal, row = rows_of_xlsx(content)
    assert refusal == Refusal(2, "row", "must have at most 200 columns")
    assert names_in(row) == ["Yusuf"]


def test_a_row_beyond_the_end_of_every_sheet_ends_the_list() -> None:
    content = make_workbook(HEAD, [1, "Amina"])
    far = _changed(content, "xl/worksheets/sheet1.xml", b'<row r="2"', b'<row r="99999999999"')
    assert rows_of_xlsx(far) == []


SHEET = "xl/worksheets/sheet1.xml"
STRINGS = "xl/sharedStrings.xml"
MAIN = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRINGS_TYPE = (
    b'<Override PartName="/xl/sharedStrings.xml" ContentType="application/vnd.openxmlformats-'
    b'officedocument.spreadsheetml.sharedStrings+xml"/></Types>'
)


def _parts(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return {name: package.read(name) for name in package.namelist()}


def _with_shared_strings(content: bytes) -> dict[str, bytes]:
    """The parts of a workbook with its text where spreadsheet programs put it."""
    parts = _parts(content)
    texts: list[bytes] = []

    def shared(cell: re.Match[bytes]) -> bytes:
        texts.append(b"<si>" + cell[1] + b"</si>")
        return b't="s"><v>%d</v></c>' % (len(texts) - 1)

    inline = rb't="inlineStr"><is>(.*?)</is></c>'
    strings = b'<sst xmlns="' + MAIN + b'">%s</sst>'
    types = parts["[Content_Types].xml"].replace(b"</Types>", STRINGS_TYPE)
    sheet = re.sub(inline, shared, parts[SHEET])
    return parts | {
        SHEET: sheet,
        STRINGS: strings % b"".join(texts),
        "[Content_Types].xml": types,
    }


PARTS = _with_shared_strings(make_workbook(HEAD, [1, SECRET]))
GOOD = _zipped(PARTS)


def test_text_in_shared_strings_is_read() -> None:
    assert names_in(rows_of_xlsx(GOOD)[0]) == [SECRET]


ENTITY = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'

HARMFUL = [
    (b"", "not an XLSX"),
    (b"PK\x03\x04" + b"\0" * 100, "not an XLSX"),
    (GOOD[:-30], "not an XLSX"),
    (_zipped({"a.txt": b"x"}), "not an XLSX"),
    (_zipped(PARTS | {SHEET: b"\0" * 30_000_000}), "at most 200 times"),
    (_zipped(PARTS | {"xl/styles.xml": bytes(range(256)) * 40_000}), "at most 200 times"),
    (_zipped(PARTS | {"xl/vbaProject.bin": b"x"}), "macros"),
    (_zipped(PARTS | {"xl/externalLinks/externalLink1.xml": b"x"}), "external links"),
    (_zipped(PARTS | {"xl/embeddings/oleObject1.bin": b"x"}), "embedded"),
    (_zipped(PARTS | {"../evil": b"x"}), "do not have"),
    (_zipped(PARTS | {"xl/../../evil": b"x"}), "do not have"),
    (_zipped(PARTS | {"run.exe": b"x"}), "do not have"),
    (_zipped(PARTS | {f"xl/media/{n}": b"" for n in range(1_001)}), "1000 parts"),
    (_zipped({name: part for name, part in PARTS.items() if name != SHEET}), "no sheet"),
    (_zipped(PARTS | {SHEET: PARTS[SHEET][:-40]}), "broken"),
    (_zipped(PARTS | {SHEET: ENTITY + PARTS[SHEET]}), "broken"),
    (_zipped(PARTS | {STRINGS: ENTITY + PARTS[STRINGS]}), "broken"),
    (_zipped(PARTS | {STRINGS: b"<x/>"}), "broken"),
    (_zipped(PARTS | {"[Content_Types].xml": b"<x/>"}), "broken"),
]


@pytest.mark.parametrize(("content", "rule"), HARMFUL)
def test_a_harmful_or_broken_workbook_is_refused_and_nothing_of_it_is_echoed(
    content: bytes, rule: str
) -> None:
    with pytest.raises((MalformedFile, TooLarge)) as caught:
        rows_of_xlsx(content)
    assert rule in caught.value.rule
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


LIMITS = [("TOTAL_LIMIT", "unpack to at most"), ("SHARED_STRINGS_LIMIT", "larger than its limit")]


@pytest.mark.parametrize(("name", "rule"), LIMITS)
def test_a_workbook_over_a_limit_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, rule: str
) -> None:
    monkeypatch.setattr(workbook, name, 100)
    with pytest.raises(TooLarge, match=rule):
        rows_of_xlsx(GOOD)


def test_an_encrypted_part_is_refused() -> None:
    changed = bytearray(GOOD)
    start = changed.rindex(b"PK\x01\x02")
    changed[start + 8] |= 1
    with pytest.raises(MalformedFile, match="encrypted"):
        rows_of_xlsx(bytes(changed))


def test_a_workbook_without_sheets_is_refused() -> None:
    name = "xl/workbook.xml"
    without = re.sub(rb"<sheets>.*</sheets>", b"<sheets></sheets>", PARTS[name])
    with pytest.raises(MalformedFile, match="no sheet"):
        rows_of_xlsx(_zipped(PARTS | {name: without}))


def test_an_empty_sheet_has_no_header() -> None:
    with pytest.raises(MalformedFile, match="no header row"):
        rows_of_xlsx(make_workbook())


def test_a_header_alone_is_a_list_of_nobody() -> None:
    assert rows_of_xlsx(make_workbook(HEAD)) == []


def test_a_duplicate_header_is_refused() -> None:
    with pytest.raises(InvalidInput, match="twice"):
        rows_of_xlsx(make_workbook(["Full name", "Sex", "sex"]))


def test_a_workbook_cut_anywhere_is_refused() -> None:
    for length in range(0, len(GOOD) - 1, 97):
        with pytest.raises(RflError):
            rows_of_xlsx(GOOD[:length])
