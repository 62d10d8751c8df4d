"""What the notes on a PFIF person say together: the latest status, remarks, places, contacts."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache

from rfl.domain.text import STORY_LIMIT
from rfl.interchange.pfifstream import Fields, in_every_version, renamed
from rfl.interchange.rows import FIELD_LIMIT, Sighting

# Leaves room for the person's own description.
REMARKS_LIMIT = STORY_LIMIT - FIELD_LIMIT - 100
REPORTERS_KEPT = 20

_NAMES = (
    "person_record_id source_date entry_date status author_made_contact text last_known_location "
    "photo_url phone_of_found_person email_of_found_person author_name author_phone author_email"
)
_FIELDS = in_every_version(
    {name: name for name in _NAMES.split()} | {"found": "author_made_contact"}
)
_AUTHOR = ("author_name", "author_phone", "author_email")


def read_note(fields: Fields) -> Fields:
    """Return the fields of a note as the parser gave them under their names in PFIF 1.4."""
    return renamed(fields, _FIELDS)


def in_order(notes: Iterable[Fields]) -> list[Fields]:
    """Return the notes by the date of their source.

    Those without a date come first; notes of one moment keep their order in the file.
    """
    found = list(notes)
    return sorted(found, key=_moment) if len(found) > 1 else found


def values(notes: Sequence[Fields], photo: str | None) -> Fields:
    """Return what ordered notes add to the fields of their person, who may have a photo."""
    found = {
        "status": _latest_status(notes),
        "note_text": _remarks(notes),
        "phone": _collected(notes, "phone_of_found_person"),
        "email": _collected(notes, "email_of_found_person"),
        "note_authors": _authors(notes),
        "photo": "\n".join(filter(None, [photo, _collected(notes, "photo_url")])),
    }
    return {field: text for field, text in found.items() if text}


def sightings(notes: Sequence[Fields]) -> list[Sighting]:
    """Return the last known locations with the day of their note, the oldest first."""
    field = "last_known_location"
    return [(note[field], _day(note)) for note in notes if field in note]


def _latest_status(notes: Sequence[Fields]) -> str | None:
    """Return the status of the last note that has one.

    A note without status whose author made contact says that the person lives: PFIF 1.1 has no
    other way to say so.
    """
    for note in reversed(notes):
        if "status" in note:
            return note["status"]
        if note.get("author_made_contact", "").casefold() == "true":
            return "believed_alive"
    return None


def _remarks(notes: Sequence[Fields]) -> str:
    """Return the notes' texts with their days; the oldest are left out, and counted, if too long.

    A single text fits always, since a field may not be longer.
    """
    lines = [f"{_day(note)} {note['text']}".strip() for note in notes if "text" in note]
    kept: list[str] = []
    room = REMARKS_LIMIT
    for line in reversed(lines):
        room -= len(line) + 1
        if room < 0 and kept:
            kept.append(f"({len(lines) - len(kept)} older notes left out)")
            break
        kept.append(line)
    return "\n".join(reversed(kept))


def _collected(notes: Sequence[Fields], field: str) -> str:
    """Return the different values of a field in lines, the latest first."""
    said = [note[field] for note in reversed(notes) if field in note]
    return "\n".join(dict.fromkeys(said)) if said else ""


def _authors(notes: Sequence[Fields]) -> str:
    """Return who wrote the notes, the latest first: name, phone and e-mail in a line for each."""
    lines = [", ".join([note[part] for part in _AUTHOR if part in note]) for note in notes]
    different = dict.fromkeys(" ".join(line.split()) for line in reversed(lines) if line)
    return "\n".join(list(different)[:REPORTERS_KEPT])


def _moment(note: Fields) -> str:
    """Return the date of the source as text, which sorts as its time does: PFIF writes UTC."""
    moment = note.get("source_date") or note.get("entry_date") or ""
    return moment if _is_day(moment[:10]) else ""


def _day(note: Fields) -> str:
    return _moment(note)[:10]


@lru_cache(maxsize=4_096)
def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
