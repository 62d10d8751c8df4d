"""Lists in PFIF 1.1 to 1.4 (People Finder Interchange Format, http://zesty.ca/pfif/1.4).

Earlier names of fields are read as the later ones: first_name, last_name, found, and `other` with
its `description:`. Notes may stand inside their person or anywhere in the file.
"""

import re
from collections.abc import Iterator
from datetime import date
from itertools import chain
from typing import BinaryIO

from rfl.interchange import notes
from rfl.interchange.loosenotes import LooseNotes, has_notes_after_persons
from rfl.interchange.pfifstream import Fields, Record, in_every_version, read_records, renamed
from rfl.interchange.registrations import RegistrationMaker
from rfl.interchange.rows import Listing, ListTerms, Refusal, RowText

_NAMES = {
    "person_record_id": "record_id",
    "source_date": "stated_on",
    "expiry_date": "expires_on",
    "full_name": "full_name",
    "given_name": "given_name",
    "first_name": "given_name",
    "family_name": "family_name",
    "last_name": "family_name",
    "alternate_names": "other_names",
    "description": "description",
    "sex": "sex",
    "date_of_birth": "birth_iso",
    "age": "age",
    "home_street": "street",
    "home_neighborhood": "neighborhood",
    "home_city": "town",
    "home_state": "province",
    "home_postal_code": "postal_code",
    "home_zip": "postal_code",
    "home_country": "country",
    "photo_url": "photo",
    "author_name": "author_name",
    "author_phone": "author_phone",
    "author_email": "author_email",
    "other": "other",
}
_FIELDS = in_every_version(_NAMES)
_OF_FOUND_PERSON = {"phone": "phone_of_found_person", "email": "email_of_found_person"}
_LABELS = {
    **{field: name for name, field in _NAMES.items() if name not in {"first_name", "last_name"}},
    **_OF_FOUND_PERSON,
    "birth": "date_of_birth",
    "status": "note.status",
    "note_text": "note.text",
    "last_known_location": "note.last_known_location",
}
_RECORD_ID = re.compile(r"([A-Za-z0-9][A-Za-z0-9.-]{0,252})/\S{1,140}")
_DESCRIPTION = "description:"


def read_pfif(stream: BinaryIO, terms: ListTerms, today: date) -> Listing:
    """Return the persons of a PFIF file; the stream must be able to seek.

    A file with notes after their persons is read twice, since the latest note decides. Raises
    MalformedFile here if the file does not begin as PFIF.
    """
    start = stream.tell()
    loose = LooseNotes()
    if has_notes_after_persons(stream):
        stream.seek(start)
        loose.add_all(read_records(stream))
    stream.seek(start)
    records = read_records(stream)
    first = next(records, None)
    every = chain([first], records) if first else records
    maker = RegistrationMaker(terms, today, _LABELS)
    return Listing(_texts(every, terms.domain, maker, loose), maker.row)


def _texts(
    records: Iterator[Record], domain: str | None, maker: RegistrationMaker, loose: LooseNotes
) -> Iterator[RowText | Refusal]:
    for record in records:
        if record.kind == "note":
            loose.add(record)
            continue
        values = renamed(record.fields, _FIELDS)
        record_id = values.get("record_id", "")
        told = notes.in_order([*map(notes.read_note, record.notes), *loose.taken_for(record_id)])
        rule = _broken_rule(record_id, domain)
        if record.flaw:
            yield Refusal(record.number, *record.flaw)
        elif rule:
            yield maker.refusal(record.number, "record_id", rule)
        else:
            yield RowText(record.number, _with_notes(values, told), notes.sightings(told))
    yield from loose.refusals()


def _broken_rule(record_id: str, domain: str | None) -> str | None:
    if not record_id:
        return "must be present"
    parts = _RECORD_ID.fullmatch(record_id)
    if parts is None:
        return "must be of the form domain/local"
    if domain is not None and parts[1].casefold() != domain.casefold():
        return "must be of the domain that the list comes from"
    return None


def _with_notes(values: Fields, told: list[Fields]) -> Fields:
    """Return the person's values with what the notes tell and what 1.2 calls `other`."""
    other = values.pop("other", "")
    if other.startswith(_DESCRIPTION) and "description" not in values:
        values["description"] = other.removeprefix(_DESCRIPTION).strip()
    return values | notes.values(told, values.get("photo")) if told else values
