"""PFIF notes that stand outside their persons, held until the person comes."""

import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from rfl.errors import MalformedFile
from rfl.interchange.notes import read_note
from rfl.interchange.pfifstream import CHUNK, Fields, Record
from rfl.interchange.rows import Refusal

# Characters of all notes that are held, with an allowance for each note.
HELD_LIMIT = 20_000_000
_ALLOWANCE = 500

_AFTER_PERSON = re.compile(rb"person>\s*(?:<!--[^-]*-->\s*)?<(?:[\w.-]+:)?note[\s>]")
# More than the distance between a person's end and the next tag in any ordinary file.
_OVERLAP = 1_000
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def has_notes_after_persons(stream: BinaryIO) -> bool:
    """Tell, from the bytes alone, whether a note seems to follow a person; reads to the end.

    May be wrong in odd files: a note that was missed so is refused when it comes, never lost.
    """
    rest = b""
    while chunk := stream.read(CHUNK):
        if not rest and chunk.startswith(_UTF16_MARKS):
            return True
        if _AFTER_PERSON.search(rest + chunk):
            return True
        rest = chunk[-_OVERLAP:]
    return False


class LooseNotes:
    """The notes of a file by the person that they name. Each is given out once."""

    def __init__(self) -> None:
        self._by_person: dict[str, list[tuple[int, Fields]]] = {}
        self._refused: list[Refusal] = []
        self._held = 0
        self._complete = False

    def add_all(self, records: Iterable[Record]) -> None:
        """Hold the notes of the whole file; those that come again are not added again."""
        for record in records:
            if record.kind == "note":
                self.add(record)
        self._complete = True

    def add(self, note: Record) -> None:
        """Hold a note, or raise MalformedFile if there are more than can be held."""
        if self._complete:
            return
        self._held += _ALLOWANCE + sum(map(len, note.fields.values()))
        if self._held > HELD_LIMIT:
            raise MalformedFile("The file has too many notes that stand outside their persons.")
        if note.flaw:
            field, rule = note.flaw
            self._refused.append(Refusal(note.number, f"note.{field}", rule))
        else:
            fields = read_note(note.fields)
            person = fields.get("person_record_id", "")
            self._by_person.setdefault(person, []).append((note.number, fields))

    def taken_for(self, person: str) -> list[Fields]:
        """Return the notes that name this person and hold them no longer."""
        if person not in self._by_person:
            return []
        return [fields for _, fields in self._by_person.pop(person)]

    def refusals(self) -> Iterator[Refusal]:
        """Yield the notes that broke a limit, then those whose person did not come."""
        yield from self._refused
        rule = "must name a person of this file, whose note this is"
        for notes in self._by_person.values():
            for number, _ in notes:
                yield Refusal(number, "note.person_record_id", rule)
