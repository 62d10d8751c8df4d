"""People as rows of a file of JSON lines: what evaluations read.

A row has `id` and `names` (full texts, or `given_name` and `surname`), and where known `birth`
(EDTF), `sex`, `town`, `province` or `state`, and `country` (two letters).
"""

from collections.abc import Mapping
from typing import Any

from rfl.domain.dates import PartialDate, parse_date
from rfl.domain.ids import PersonId
from rfl.domain.person import Name, Person, Place, Sex
from rfl.errors import InvalidInput

Row = Mapping[str, Any]


def person_of(row: Row, number: int) -> Person:
    """The person of a row, under an id made from its number."""
    return Person(
        id=PersonId("per_" + _numbered(number)),
        names=tuple(Name(text) for text in _names(row)),
        sex=Sex(row.get("sex") or "unknown"),
        birth=_birth(row.get("birth")),
        last_address=_place(row),
    )


def _names(row: Row) -> list[str]:
    if "names" in row:
        return [str(text) for text in row["names"] if str(text).strip()]
    parts = [str(row.get(part) or "").strip() for part in ("given_name", "surname")]
    whole = " ".join(part for part in parts if part)
    return [whole] if whole else []


def _birth(text: str | None) -> PartialDate | None:
    """A date that cannot be read is unknown, as in a list with a bad cell."""
    if not text:
        return None
    try:
        return parse_date(text)
    except InvalidInput:
        return None


def _place(row: Row) -> Place | None:
    province = row.get("province") or row.get("state")
    if not (row.get("country") or province or row.get("town")):
        return None
    return Place(country=row.get("country"), province=province, town=row.get("town"))


def _numbered(number: int) -> str:
    """A number as the 26 letters of an id, its last digits first so that ids spread."""
    return f"{number:012d}"[::-1].ljust(26, "0")
