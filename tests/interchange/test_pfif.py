from datetime import date

import pytest

from rfl.domain.person import IdentifierKind, NameUse, PartKind, Sex
from rfl.domain.registration import Reliability, SourceKind, Status
from rfl.errors import InvalidInput
from rfl.interchange.rows import Refusal, Row
from tests.interchange.making import (
    make_note,
    make_person,
    make_pfif,
    make_terms,
    names_in,
    person_in,
    rows_of_pfif,
    taken,
)


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3", "1.4"])
def test_every_version_of_pfif_is_read(version: str) -> None:
    (row,) = rows_of_pfif(make_pfif(make_person(), version=version))
    assert names_in(row) == ["Amina Rahimi"]
    assert isinstance(row, Row)
    assert row.source_record == "lists.example/1"


@pytest.mark.parametrize("version", ["1.1", "1.2"])
def test_early_versions_name_a_person_by_first_and_last_name(version: str) -> None:
    record = (
        "<p:person><p:person_record_id>lists.example/1</p:person_record_id>"
        "<p:first_name>Amina</p:first_name><p:last_name>Rahimi</p:last_name>"
        "<p:other>description:\n  waits at the gate\n</p:other></p:person>"
    )
    (row,) = rows_of_pfif(make_pfif(record, version=version))
    assert names_in(row) == ["Amina Rahimi"]
    assert [part.kind for part in person_in(row).names[0].parts] == [PartKind.OWN, PartKind.FAMILY]
    assert taken(row).remarks == "waits at the gate"


def test_names_on_several_lines_are_several_names() -> None:
    (row,) = rows_of_pfif(
        make_pfif(
            make_person(
                full_name="Амина Рахими\nAmina Rahimi",
                given_name="Амина",
                family_name="Рахими",
                alternate_names="Amineh Rahimi\nAmina Rahimy",
            )
        )
    )
    names = person_in(row).names
    assert [name.text for name in names] == [
        "Амина Рахими",
        "Amina Rahimi",
        "Amineh Rahimi",
        "Amina Rahimy",
    ]
    assert [part.text for part in names[0].parts] == ["Амина", "Рахими"]
    assert [name.use for name in names[1:]] == [NameUse.USUAL, NameUse.ALIAS, NameUse.ALIAS]


def test_fields_of_a_person_are_stripped_and_mapped() -> None:
    (row,) = rows_of_pfif(
        make_pfif(
            make_person(
                sex="female",
                date_of_birth="1970-01",
                age="20",
                home_street="Long Street 1",
                home_city="  Tetovo\n   \n",
                home_country="MK",
                photo_url="https://lists.example/1.jpg",
                source_date="2024-01-02T03:04:05Z",
                expiry_date="2030-01-01T00:00:00Z",
                author_name="Lena Vogt",
                author_phone="+43 1 0000",
            )
        )
    )
    person, source = person_in(row), taken(row).source
    assert person.sex is Sex.FEMALE
    assert person.birth is not None
    assert person.birth.edtf == "1970-01"
    assert person.last_address is not None
    assert (person.last_address.town, person.last_address.country) == ("Tetovo", "MK")
    assert person.last_address.address == "Long Street 1"
    assert person.photos == ("https://lists.example/1.jpg",)
    assert (source.stated_on, source.expires_on) == (date(2024, 1, 2), date(2030, 1, 1))
    assert taken(row).contact.alternates == ("Lena Vogt, +43 1 0000",)


def test_an_unknown_country_stays_as_text() -> None:
    (row,) = rows_of_pfif(make_pfif(make_person(home_country="Atlantis")))
    address = person_in(row).last_address
    assert address is not None
    assert (address.country, address.text) == (None, "Atlantis")


def test_an_age_counts_from_the_date_of_its_source() -> None:
    (row,) = rows_of_pfif(make_pfif(make_person(age="35-45", source_date="2000-01-01T00:00:00Z")))
    birth = person_in(row).birth
    assert birth is not None
    assert (birth.earliest, birth.latest) == (date(1954, 1, 2), date(1965, 1, 1))


def test_the_latest_note_with_a_status_decides_whatever_the_order_in_the_file() -> None:
    newest = make_note(source_date="2024-03-03T00:00:00Z", status="believed_dead")
    oldest = make_note(source_date="2024-01-01T00:00:00Z", status="believed_alive")
    silent = make_note(source_date="2024-04-04T00:00:00Z", text="no news")
    for notes in ([newest, oldest, silent], [silent, oldest, newest]):
        (row,) = rows_of_pfif(make_pfif(make_person("".join(notes))))
        assert taken(row).status is Status.REPORTED_DEAD_UNCONFIRMED


STATUSES = [
    ("believed_dead", Status.REPORTED_DEAD_UNCONFIRMED),
    ("believed_alive", Status.REPORTED_ALIVE),
    ("believed_missing", Status.REPORTED_MISSING),
    ("information_sought", Status.INFORMATION_SOUGHT),
    ("is_note_author", Status.REPORTED_ALIVE),
    ("", Status.REGISTERED),
]


@pytest.mark.parametrize(("word", "status"), STATUSES)
def test_statuses_of_notes_are_mapped(word: str, status: Status) -> None:
    (row,) = rows_of_pfif(make_pfif(make_person(make_note(status=word))))
    assert taken(row).status is status


def test_who_says_i_am_alive_was_checked_by_nobody() -> None:
    content = make_pfif(make_person(make_note(status="is_note_author")))
    (other,) = rows_of_pfif(content, reliability=Reliability.IDENTITY_CHECKED)
    (alone,) = rows_of_pfif(content, kind=SourceKind.SELF)
    assert taken(other).status is Status.REPORTED_ALIVE
    assert taken(alone).status is Status.SELF_REPORTED_ALIVE
    assert taken(other).source.reliability is Reliability.IDENTITY_NOT_CHECKED
    assert taken(alone).source.reliability is Reliability.IDENTITY_NOT_CHECKED


@pytest.mark.parametrize(("field", "version"), [("found", "1.1"), ("author_made_contact", "1.4")])
def test_contact_made_without_a_status_says_that_the_person_lives(field: str, version: str) -> None:
    record = make_person(make_note(**{field: "true"}))
    (row,) = rows_of_pfif(make_pfif(record, version=version))
    assert taken(row).status is Status.REPORTED_ALIVE


def test_notes_tell_remarks_places_and_contacts() -> None:
    note = make_note(
        source_date="2024-02-02T00:00:00Z",
        text="seen at the bus",
        last_known_location="Gevgelija",
        phone_of_found_person="+389 70 000 001",
        author_name="Petar Ilić",
    )
    (row,) = rows_of_pfif(make_pfif(make_person(note, description="tall")))
    (stay,) = person_in(row).journey
    assert taken(row).remarks == "tall\n2024-02-02 seen at the bus"
    assert stay.place.text == "Gevgelija"
    assert stay.when is not None
    assert stay.when.earliest == date(2024, 2, 2)
    assert person_in(row).identifiers[0].kind is IdentifierKind.PHONE
    assert taken(row).contact.phones == ("+389 70 000 001",)
    assert taken(row).contact.alternates == ("Petar Ilić",)


def test_the_oldest_notes_are_left_out_and_counted_when_there_is_no_room() -> None:
    notes = [
        make_note(source_date=f"2024-01-{day:02d}T00:00:00Z", text=f"day {day} " + "x" * 3_000)
        for day in range(1, 10)
    ]
    (row,) = rows_of_pfif(make_pfif(make_person("".join(notes))))
    remarks = taken(row).remarks
    assert remarks is not None
    assert "day 9" in remarks
    assert "day 1 " not in remarks
    assert "6 older notes left out" in remarks


LOOSE = make_note(person_record_id="lists.example/1", status="believed_dead")


@pytest.mark.parametrize("records", [[LOOSE, make_person()], [make_person(), LOOSE]])
def test_a_note_outside_its_person_counts_before_and_after_it(records: list[str]) -> None:
    (row,) = rows_of_pfif(make_pfif(*records))
    assert taken(row).status is Status.REPORTED_DEAD_UNCONFIRMED


def test_notes_after_persons_count_in_utf_16_too() -> None:
    text = make_pfif(make_person(), LOOSE).decode().replace('"1.0"', '"1.0" encoding="utf-16"')
    (row,) = rows_of_pfif(text.encode("utf-16"))
    assert taken(row).status is Status.REPORTED_DEAD_UNCONFIRMED


@pytest.mark.parametrize("before", [True, False])
def test_a_note_for_an_unknown_person_is_refused(before: bool) -> None:
    note = make_note(person_record_id="lists.example/other", text="hello")
    records = [note, make_person()] if before else [make_person(), note]
    row, refusal = rows_of_pfif(make_pfif(*records))
    assert isinstance(row, Row)
    assert isinstance(refusal, Refusal)
    assert (refusal.number, refusal.field) == (1, "note.person_record_id")


def test_an_expired_record_keeps_only_its_id() -> None:
    record = (
        "<p:person><p:person_record_id>lists.example/9</p:person_record_id>"
        "<p:expiry_date>2024-05-31T00:00:00Z</p:expiry_date></p:person>"
    )
    (row,) = rows_of_pfif(make_pfif(record))
    assert row == Row(1, None, "lists.example/9", expired=True)


def test_a_record_is_not_expired_on_its_last_day() -> None:
    (row,) = rows_of_pfif(make_pfif(make_person(expiry_date="2024-06-01T00:00:00Z")))
    assert taken(row).source.expires_on == date(2024, 6, 1)


REFUSED = [
    ({"person_record_id": ""}, "person_record_id", "must be present"),
    ({"person_record_id": "21009"}, "person_record_id", "domain/local"),
    ({"person_record_id": "other.example/1"}, "person_record_id", "of the domain"),
    ({"full_name": " "}, "full_name", "must be present"),
    ({"full_name": "&#x202e;&#x200f;"}, "full_name", "visible"),
    ({"full_name": "A&#x85;B"}, "full_name", "control"),
    ({"sex": "perhaps"}, "sex", "must be female"),
    ({"date_of_birth": "1970-13-45"}, "date_of_birth", ""),
    ({"age": "old"}, "age", "LOW-HIGH"),
    ({"age": "45-35"}, "age", "low to high"),
    ({"source_date": "yesterday"}, "source_date", ""),
    ({"expiry_date": "2020", "source_date": "2024-01-01"}, "expiry_date", "one day"),
    ({"description": "x" * 10_001}, "description", "at most 10000"),
    ({"alternate_names": "\n".join(["Amina"] * 60)}, "full_name", "at most 50"),
]


@pytest.mark.parametrize(("fields", "field", "rule"), REFUSED)
def test_a_bad_person_is_refused_by_field_and_rule_and_the_rest_goes_in(
    fields: dict[str, str], field: str, rule: str
) -> None:
    content = make_pfif(make_person(**fields), make_person(person_record_id="lists.example/2"))
    refusal, row = rows_of_pfif(content, domain="lists.example")
    assert isinstance(refusal, Refusal)
    assert (refusal.number, refusal.field) == (1, field)
    assert rule in refusal.rule
    assert isinstance(row, Row)
    assert row.number == 2


def test_an_unknown_status_is_refused_because_it_might_be_a_death() -> None:
    (refusal,) = rows_of_pfif(make_pfif(make_person(make_note(status="beleived_dead"))))
    assert isinstance(refusal, Refusal)
    assert refusal.field == "note.status"


def test_a_field_given_twice_is_refused() -> None:
    (refusal,) = rows_of_pfif(make_pfif(make_person("<p:sex>male</p:sex>", sex="female")))
    assert refusal == Refusal(1, "sex", "must be given once")


def test_remains_need_no_name() -> None:
    (row,) = rows_of_pfif(make_pfif(make_person(full_name="")), kind=SourceKind.REMAINS)
    assert person_in(row).names == ()


def test_terms_that_no_row_could_meet_are_refused_at_once() -> None:
    with pytest.raises(InvalidInput, match="reliability"):
        make_terms(kind=SourceKind.SELF, reliability=Reliability.IDENTITY_CHECKED)
    with pytest.raises(InvalidInput, match="status"):
        make_terms(status=Status.SELF_REPORTED_ALIVE)


def test_a_row_does_not_show_whom_it_holds() -> None:
    (row,) = rows_of_pfif(make_pfif(make_person()))
    assert "Amina" not in f"{row!r} {row} {taken(row)!r}"
