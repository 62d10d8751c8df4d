"""Small lists of made-up people, and the terms on which they are read."""

import io
from collections.abc import Mapping
from datetime import date
from typing import Any

import openpyxl

from rfl.domain.person import Person
from rfl.domain.purpose import LegalBasis
from rfl.domain.registration import Registration, Reliability, Sharing, SourceKind
from rfl.interchange.csvlist import read_csv
from rfl.interchange.pfif import read_pfif
from rfl.interchange.rows import ListTerms, Refusal, Row
from rfl.interchange.xlsxlist import read_xlsx

TODAY = date(2024, 6, 1)
Rows = list[Row | Refusal]


def make_terms(**changes: Any) -> ListTerms:
    values: dict[str, Any] = {
        "owner": "Harbour reception centre",
        "kind": SourceKind.PARTNER_LIST,
        "reliability": Reliability.STATED,
        "sharing": Sharing.HERE_ONLY,
        "legal_basis": LegalBasis.VITAL_INTEREST,
    }
    return ListTerms(**values | changes)


def make_elements(prefix: str = "p", **fields: str) -> str:
    return "".join(f"<{prefix}:{name}>{text}</{prefix}:{name}>" for name, text in fields.items())


def make_note(**fields: str) -> str:
    return f"<p:note>{make_elements(**fields)}</p:note>\n"


def make_person(inside: str = "", **fields: str) -> str:
    values = {"person_record_id": "lists.example/1", "full_name": "Amina Rahimi"}
    return f"<p:person>{make_elements(**values | fields)}{inside}</p:person>\n"


def make_pfif(*records: str, version: str = "1.4", head: str = "") -> bytes:
    opening = f'<p:pfif xmlns:p="http://zesty.ca/pfif/{version}">\n'
    return f'<?xml version="1.0"?>\n{head}{opening}{"".join(records)}</p:pfif>'.encode()


def make_workbook(*rows: list[Any], title: str = "People") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def rows_of_pfif(content: bytes, **terms: Any) -> Rows:
    return list(read_pfif(io.BytesIO(content), make_terms(**terms), TODAY))


def rows_of_csv(
    content: str | bytes, columns: Mapping[str, str] | None = None, **terms: Any
) -> Rows:
    raw = content.encode() if isinstance(content, str) else content
    return list(read_csv(io.BytesIO(raw), make_terms(**terms), columns, TODAY))


def rows_of_xlsx(
    content: bytes,
    columns: Mapping[str, str] | None = None,
    sheet: str | None = None,
    **terms: Any,
) -> Rows:
    return list(read_xlsx(io.BytesIO(content), make_terms(**terms), columns, TODAY, sheet))


def taken(row: Row | Refusal) -> Registration:
    assert isinstance(row, Row), row
    assert row.registration is not None
    return row.registration


def person_in(row: Row | Refusal) -> Person:
    return taken(row).person


def names_in(row: Row | Refusal) -> list[str]:
    return [name.text for name in person_in(row).names]
