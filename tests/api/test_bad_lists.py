"""Bad input as files: refused before a row is stored, or row by row."""

import pytest

from rfl.flows.runtime import Runtime
from tests.api.files import (
    CSV,
    XLSX,
    XML,
    make_csv,
    make_external_entity,
    make_pfif,
    make_xlsx,
    make_xml_bomb,
    make_zip_bomb,
)
from tests.api.support import Desk, done, nothing_stored, open_desk, refused

SECRET = "Zulfiqar-Unmistakable"


def refuse(desk: Desk, content: bytes, media_type: str, *expected: object) -> None:
    """Assert that the file is refused with this status, field and rule, and nothing stored."""
    list_id = desk.officer.open_list()
    with nothing_stored(desk.rt):
        answer = desk.officer.send(list_id, content, media_type)
    status, field, rule = expected
    refused(answer, status, field, rule)  # type: ignore[arg-type]
    assert SECRET not in answer.text
    assert done(desk.officer.get(f"/v1/lists/{list_id}"))["state"] == "open"


def test_an_xml_bomb_is_refused(desk: Desk) -> None:
    refuse(desk, make_xml_bomb(), XML, 422, None, "")


def test_an_external_entity_is_refused(desk: Desk) -> None:
    refuse(desk, make_external_entity(), XML, 422, None, "")


def test_a_zip_bomb_in_xlsx_is_refused(desk: Desk) -> None:
    refuse(desk, make_zip_bomb(), XLSX, 413, None, "must unpack to at most")


@pytest.mark.parametrize("formula", ["=1+1", '=HYPERLINK("http://x","Zulfiqar-Unmistakable")'])
def test_a_formula_in_a_cell_is_refused_with_its_row(sqlite_desk: Desk, formula: str) -> None:
    content = make_xlsx(("V-1", formula, "male", "1990"), ("V-2", "Ali Reza", "male", "1990"))
    answer = sqlite_desk.officer.send(sqlite_desk.officer.open_list(), content, XLSX)
    taken = done(answer)
    assert (taken["added"], taken["refused"]) == (1, 1)
    [refusal] = taken["refusals"]
    assert (refusal["row"], refusal["field"]) == (2, "full_name")
    assert "formula" in refusal["rule"]
    assert SECRET not in answer.text


def test_a_formula_in_a_csv_cell_is_refused_with_its_row(sqlite_desk: Desk) -> None:
    content = make_csv(("V-1", "=cmd|' /C calc'!A0", "male", "1990"))
    taken = done(sqlite_desk.officer.send(sqlite_desk.officer.open_list(), content, CSV))
    assert taken["refusals"][0]["field"] == "full_name"


def test_a_file_that_breaks_off_is_refused_before_any_row_is_stored(desk: Desk) -> None:
    persons = [(f"vinojug.example/{number}", SECRET) for number in range(700)]
    refuse(desk, make_pfif(*persons, tail="<pfif:person>"), XML, 422, None, "")
    whole = make_xlsx(*((f"V-{number}", SECRET, "male", "1990") for number in range(50)))
    refuse(desk, whole[: len(whole) // 2], XLSX, 422, None, "not an XLSX workbook")


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (make_pfif(("vinojug.example/1", SECRET)), CSV),
        (make_csv(("V-1", SECRET, "male", "1990")), XML),
        (make_csv(("V-1", SECRET, "male", "1990")), XLSX),
        (make_xlsx(("V-1", SECRET, "male", "1990")), CSV),
    ],
    ids=["pfif-as-csv", "csv-as-pfif", "csv-as-xlsx", "xlsx-as-csv"],
)
def test_a_file_must_be_of_the_type_that_it_is_sent_as(
    sqlite_desk: Desk, content: bytes, media_type: str
) -> None:
    refuse(sqlite_desk, content, media_type, 415, "body", "not of the type that it is sent as")


@pytest.mark.parametrize("media_type", ["application/json", "application/zip", "text/html"])
def test_a_list_of_another_content_type_is_refused(sqlite_desk: Desk, media_type: str) -> None:
    content = make_csv(("V-1", SECRET, "male", "1990"))
    refuse(sqlite_desk, content, media_type, 415, "Content-Type", "must be sent as")


@pytest.mark.parametrize(
    "content", [b"", b"%PDF-1.7", b"\0\1\2", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"]
)
def test_a_file_of_no_known_format_is_refused(sqlite_desk: Desk, content: bytes) -> None:
    refuse(sqlite_desk, content, CSV, 422, None, "The")


def test_a_list_over_its_limit_is_refused(sqlite_rt: Runtime) -> None:
    with open_desk(sqlite_rt, list_max_bytes=2_000) as desk:
        content = make_csv(*((f"V-{one}", SECRET, "male", "1990") for one in range(100)))
        refuse(desk, content, CSV, 413, "body", "must be at most 2000 bytes")


def test_invalid_utf8_in_a_row_is_refused_with_its_row(sqlite_desk: Desk) -> None:
    content = make_csv(("V-1", SECRET, "male", "1990"), ("V-2", "Ali Reza", "male", "1990"))
    answer = sqlite_desk.officer.send(
        sqlite_desk.officer.open_list(), content.replace(b"Unmistak", b"\xff\xfe"), CSV
    )
    taken = done(answer)
    assert (taken["added"], taken["refused"]) == (1, 1)
    assert taken["refusals"][0]["field"] == "full_name"
    assert "Zulfiqar" not in answer.text


@pytest.mark.parametrize("name", ["\u202e\u202d", "\u200f", " ", "\x1b[31m"])
def test_a_name_that_shows_nothing_is_refused_with_its_row(sqlite_desk: Desk, name: str) -> None:
    content = make_csv(("V-1", name, "male", "1990"), ("V-2", "Ali Reza", "male", "1990"))
    taken = done(sqlite_desk.officer.send(sqlite_desk.officer.open_list(), content, CSV))
    assert (taken["added"], taken["refused"]) == (1, 1)
