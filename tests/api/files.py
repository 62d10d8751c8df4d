"""Lists as files, good and bad."""

import io
import zipfile
from collections.abc import Sequence

import openpyxl

CSV, XML = "text/csv", "application/pfif+xml"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEADERS = ("record_id", "full_name", "sex", "birth")


def make_csv(*rows: Sequence[str], headers: Sequence[str] = HEADERS) -> bytes:
    """A table with a header."""
    lines = [",".join(cells) for cells in (headers, *rows)]
    return "\r\n".join(lines).encode() + b"\r\n"


def make_xlsx(*rows: Sequence[object], headers: Sequence[str] = HEADERS) -> bytes:
    """A workbook of one sheet with a header."""
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    assert sheet is not None
    for cells in (headers, *rows):
        sheet.append(list(cells))
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def make_pfif(*persons: tuple[str, str], prolog: str = "", tail: str = "</pfif:pfif>") -> bytes:
    """A PFIF 1.4 file of persons: (record id, full name)."""
    made = "".join(
        f"<pfif:person><pfif:person_record_id>{record}</pfif:person_record_id>"
        "<pfif:source_date>2026-02-01T00:00:00Z</pfif:source_date>"
        f"<pfif:full_name>{name}</pfif:full_name></pfif:person>"
        for record, name in persons
    )
    start = f'<?xml version="1.0" encoding="UTF-8"?>{prolog}'
    return f'{start}<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4">{made}{tail}'.encode()


def make_xml_bomb() -> bytes:
    """A billion laughs."""
    pairs = zip("bcdefghij", "abcdefghi", strict=True)
    entities = "".join(f'<!ENTITY {one} "{f"&{below};" * 10}">' for one, below in pairs)
    entities = f'<!ENTITY a "ha">{entities}'
    return make_pfif(("vinojug.example/1", "&j;"), prolog=f"<!DOCTYPE pfif [{entities}]>")


def make_external_entity() -> bytes:
    """A file that asks for another file."""
    prolog = '<!DOCTYPE pfif [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    return make_pfif(("vinojug.example/1", "&x;"), prolog=prolog)


def make_zip_bomb() -> bytes:
    """A workbook with a sheet that unpacks to a thousand times its size."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(make_xlsx(("1", "Ali", "male", "1990")))) as whole:
        parts = {entry.filename: whole.read(entry) for entry in whole.infolist()}
    parts["xl/worksheets/sheet1.xml"] += b" " * 50_000_000
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as bomb:
        for name, content in parts.items():
            bomb.writestr(name, content)
    return stream.getvalue()
