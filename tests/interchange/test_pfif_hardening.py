import io
import tracemalloc
from collections.abc import Iterator
from itertools import islice

import pytest

from rfl.errors import MalformedFile
from rfl.interchange import loosenotes
from rfl.interchange.pfif import read_pfif
from rfl.interchange.pfifstream import MAX_DEPTH, MAX_FIELDS, MAX_NOTES, TOKEN_LIMIT
from rfl.interchange.rows import Refusal, Row
from tests.interchange.making import (
    TODAY,
    make_elements,
    make_note,
    make_person,
    make_pfif,
    make_terms,
    names_in,
    rows_of_pfif,
)

SECRET = "Zarghuna"
LAUGHS = '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>'
EXTERNAL = '<!DOCTYPE p [<!ENTITY file SYSTEM "file:///etc/hostname">]>'

HARMFUL = [
    (make_pfif(make_person(full_name="&c;"), head=LAUGHS), "DTD"),
    (make_pfif(make_person(full_name="&file;"), head=EXTERNAL), "DTD"),
    (make_pfif(make_person(), head='<!DOCTYPE p SYSTEM "http://lists.example/p.dtd">'), "DTD"),
    (make_pfif(make_person(full_name=f"&{SECRET};")), "broken at line 3"),
    (make_pfif(make_person(full_name=SECRET)).replace(b"</p:person>", b""), "broken at line"),
    (make_pfif(make_person(full_name=SECRET))[:-20], "broken at line"),
    (make_pfif(make_person(full_name=SECRET)).replace(b"hun", b"\xff\xfe"), "broken at line 3"),
    (b"<html><body>Zarghuna</body></html>", "not PFIF"),
    (make_pfif(make_person(), version="1.5"), "not PFIF"),
    (b'<?xml version="1.0" encoding="klingon"?><p/>', ""),
    (b"", "broken"),
    (make_pfif("<p:x>" * MAX_DEPTH), "deep"),
    (make_pfif(make_person(f"<p:x a='{'y' * (TOKEN_LIMIT + 200_000)}'/>")), "without end"),
    (make_pfif(f"<!--{'y' * (TOKEN_LIMIT + 200_000)}-->"), "without end"),
]


@pytest.mark.parametrize(("content", "rule"), HARMFUL)
def test_a_harmful_or_broken_file_is_malformed_and_nothing_of_it_is_echoed(
    content: bytes, rule: str
) -> None:
    with pytest.raises(MalformedFile) as caught:
        rows_of_pfif(content)
    assert rule in caught.value.rule
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_field_of_ten_megabytes_costs_its_own_record_only() -> None:
    content = make_pfif(make_person(full_name="x" * 10_000_000), make_person())
    refusal, row = rows_of_pfif(content)
    assert refusal == Refusal(1, "full_name", "must be at most 10000 characters")
    assert isinstance(row, Row)


def test_too_many_notes_on_a_person_are_refused() -> None:
    content = make_pfif(make_person(make_note(text="x") * (MAX_NOTES + 1)), make_person())
    refusal, row = rows_of_pfif(content)
    assert refusal == Refusal(1, "note", f"must be at most {MAX_NOTES}")
    assert isinstance(row, Row)


def test_too_many_fields_of_a_person_are_refused() -> None:
    crowd = make_elements(**{f"f{index}": "x" for index in range(MAX_FIELDS + 1)})
    refusal, row = rows_of_pfif(make_pfif(make_person(crowd), make_person()))
    assert refusal == Refusal(1, "person", f"must have at most {MAX_FIELDS} fields")
    assert isinstance(row, Row)


def test_notes_outside_persons_are_held_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loosenotes, "HELD_LIMIT", 2_000)
    note = make_note(person_record_id="lists.example/1", text="x" * 300)
    assert len(rows_of_pfif(make_pfif(note * 2, make_person()))) == 1
    with pytest.raises(MalformedFile, match="too many notes"):
        rows_of_pfif(make_pfif(note * 3, make_person()))


def test_a_flawed_note_outside_its_person_is_refused_alone() -> None:
    note = make_note(person_record_id="lists.example/1", text="x" * 10_001)
    row, refusal = rows_of_pfif(make_pfif(note, make_person()))
    assert isinstance(row, Row)
    assert refusal == Refusal(1, "note.text", "must be at most 10000 characters")


def test_elements_of_other_namespaces_and_unknown_ones_are_left_aside() -> None:
    odd = '<q:sex xmlns:q="urn:x">male</q:sex><p:odd><p:full_name>Nobody</p:full_name></p:odd>'
    (row,) = rows_of_pfif(make_pfif("<p:thing><p:x/></p:thing>", make_person(odd)))
    assert names_in(row) == ["Amina Rahimi"]


def test_what_comes_before_a_fault_has_been_given_out() -> None:
    people = [make_person(person_record_id=f"lists.example/{n}") for n in range(2_000)]
    listing = read_pfif(io.BytesIO(make_pfif(*people)[:-5]), make_terms(), TODAY)
    given = [row.number for row in islice(listing, 2_000)]
    assert given == list(range(1, 2_001))
    with pytest.raises(MalformedFile):
        next(iter(listing))


class _Endless(io.RawIOBase):
    """A PFIF file of `count` people that is nowhere as a whole."""

    def __init__(self, count: int) -> None:
        self._parts = self._made(count)
        self._count = count

    def _made(self, count: int) -> Iterator[bytes]:
        head, tail = make_pfif("\0").split(b"\0")
        note = make_note(status="believed_missing", text="x" * 200)
        yield head
        for number in range(count):
            yield make_person(note, person_record_id=f"lists.example/{number}").encode()
        yield tail

    def read(self, _size: int = -1) -> bytes:
        return next(self._parts, b"")

    def seek(self, offset: int, _whence: int = 0) -> int:
        self._parts = self._made(self._count)
        return offset

    def tell(self) -> int:
        return 0


def _peak(count: int) -> int:
    tracemalloc.start()
    stream = _Endless(count)
    rows = sum(isinstance(row, Row) for row in read_pfif(stream, make_terms(), TODAY))  # type: ignore[arg-type]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == count
    return peak


def test_memory_does_not_grow_with_the_file() -> None:
    _peak(100)
    assert _peak(4_000) < _peak(1_000) + 200_000
