"""The two lists of the demonstration, made on the spot: PFIF as shelters send it, XLSX as camps."""

import io
from xml.sax.saxutils import escape

from openpyxl import Workbook

from rfl.client.shapes import Terms
from rfl.interchange.detect import ListFormat, detect_format

MEDIA_TYPES = {
    ListFormat.PFIF: "application/xml",
    ListFormat.CSV: "text/csv",
    ListFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_PFIF_PEOPLE = (
    ("p1", "Abdulqader Haydari", "male", "1968", "believed_alive"),
    ("p2", "Noor Jamal Sabbagh", "female", "2004-02-08", "information_sought"),
    ("p3", "Hamid Rostami", "male", "1979", "believed_dead"),
)
_XLSX_PEOPLE = (
    ("C-01", "Khaled Said Rifai", "m", "1989-04-17", "Daraa"),
    ("C-02", "Амина Хамиди", "f", "1991", "Herat"),
    ("C-03", "Rania Khoury", "f", "2010-02-31", "Damascus"),
    ("C-04", "حسین‌علی رضایی", "m", "1977", "Bamyan"),
)
XLSX_ROWS, XLSX_REFUSED = len(_XLSX_PEOPLE), 1


def pfif_list() -> bytes:
    """Return a PFIF 1.4 file of three people; no death in it is more than reported."""
    people = "".join(_pfif_person(*one) for one in _PFIF_PEOPLE)
    namespace = "http://zesty.ca/pfif/1.4"
    text = f'<?xml version="1.0" encoding="UTF-8"?><pfif xmlns="{namespace}">{people}</pfif>'
    return text.encode("utf-8")


def xlsx_list() -> bytes:
    """Return a workbook of four rows, one of them with a day that does not exist."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("People")
    sheet.append(["Registration number", "Full name", "Sex", "Date of birth", "Place of birth"])
    for row in _XLSX_PEOPLE:
        sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def media_type(content: bytes) -> str:
    """Return the media type of a list's file, or raise MalformedFile."""
    return MEDIA_TYPES[detect_format(content[:4096])]


def terms(owner: str, kind: str) -> Terms:
    """Return the terms of a list whose owner allows no more than to look."""
    return {
        "owner": owner,
        "kind": kind,
        "reliability": "stated",
        "sharing": "here_only",
        "legal_basis": "vital_interest",
    }


def _pfif_person(key: str, name: str, sex: str, born: str, status: str) -> str:
    moment = "2016-02-21T10:00:00Z"
    person = f"shelters.example/{key}"
    return (
        f"<person><person_record_id>{person}</person_record_id>"
        f"<entry_date>{moment}</entry_date><source_date>{moment}</source_date>"
        f"<full_name>{escape(name)}</full_name><sex>{sex}</sex>"
        f"<date_of_birth>{born}</date_of_birth>"
        f"<note><note_record_id>shelters.example/n-{key}</note_record_id>"
        f"<person_record_id>{person}</person_record_id><entry_date>{moment}</entry_date>"
        f"<source_date>{moment}</source_date><author_name>Shelter desk</author_name>"
        f"<status>{status}</status><text>Seen at the shelter.</text></note></person>"
    )
