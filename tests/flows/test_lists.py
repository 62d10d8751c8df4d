"""A partner's list comes in once, changes what it changes, and brings nobody back."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from rfl.domain.purpose import LegalBasis
from rfl.domain.registration import Registration, Reliability, Sharing, SourceKind
from rfl.errors import Conflict, Forbidden, NotFound
from rfl.flows.enrol import list_registrations, read_registration
from rfl.flows.erase import erase_registration, take_back_list
from rfl.flows.offer_list import open_list, read_terms
from rfl.flows.runtime import Runtime
from rfl.flows.take_list import BATCH, Taken, take_list
from rfl.flows.tidy import tidy
from rfl.interchange.rows import ListTerms, Refusal, Row
from rfl.storage.registrations import registrations
from tests.support import OFFICER, SUPERVISOR, Clock, make_call, make_person, make_registration

OWNER = "Vinojug transit camp"
TERMS = ListTerms(
    owner=OWNER,
    kind=SourceKind.CAMP,
    reliability=Reliability.STATED,
    sharing=Sharing.HERE_ONLY,
    legal_basis=LegalBasis.VITAL_INTEREST,
)


def rows(count: int, start: int = 0, **fields: object) -> list[Row]:
    return [row(start + number, **fields) for number in range(count)]


def row(number: int, **fields: object) -> Row:
    registration = registration_of(number)
    return Row(number, replace(registration, **fields), f"camp/{number}")  # type: ignore[arg-type]


def registration_of(number: int) -> Registration:
    person = make_person(f"Person Number{number}", birth="1980")
    return make_registration(person, record_id=f"camp/{number}")


def take(rt: Runtime, content: Iterable[Row | Refusal], digest: str = "a") -> Taken:
    return take_list(rt, OFFICER, open_list(rt, OFFICER, TERMS, digest), content)


def held(rt: Runtime) -> int:
    with rt.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(registrations)) or 0


def test_a_list_goes_in_whole_and_the_refused_rows_stay_out(rt: Runtime) -> None:
    content = [*rows(3), Refusal(4, "full_name", "must hold at least one name"), *rows(2, 10)]
    taken = take(rt, content)
    assert (taken.added, taken.refused, taken.rows) == (5, 1, 6)
    assert held(rt) == 5


def test_a_second_import_of_the_same_list_changes_nothing(rt: Runtime) -> None:
    first = take(rt, rows(5))
    second = take(rt, rows(5))
    assert first.list_id == second.list_id
    assert (second.added, second.changed, second.unchanged) == (0, 0, 5)
    assert held(rt) == 5
    assert {one.version for one in list_registrations(rt, OFFICER, (0, ""), 10)} == {1}


def test_a_changed_row_changes_its_registration_and_keeps_its_person(rt: Runtime) -> None:
    take(rt, rows(2))
    before = {
        one.id: read_registration(rt, OFFICER, one.id).registration.person.id
        for one in list_registrations(rt, OFFICER, (0, ""), 10)
    }
    taken = take(rt, [row(0, remarks="moved to Tabanovce"), row(1)], "b")
    assert (taken.changed, taken.unchanged) == (1, 1)
    for registration_id, person in before.items():
        view = read_registration(rt, OFFICER, registration_id)
        assert view.registration.person.id == person
    assert held(rt) == 2


def test_rows_without_an_id_are_known_by_their_content(rt: Runtime) -> None:
    content = [replace(one, source_record=None) for one in rows(3)]
    take(rt, content)
    again = [replace(one, source_record=None) for one in rows(4)]
    taken = take(rt, again, "b")
    assert (taken.added, taken.unchanged) == (1, 3)


def test_a_record_that_stands_twice_in_one_list_is_kept_once(rt: Runtime) -> None:
    taken = take(rt, [row(1), row(2), row(1, remarks="again")])
    assert (taken.added, taken.changed) == (2, 1)
    assert held(rt) == 2


def test_p25_an_erased_person_does_not_come_back_with_a_later_list(rt: Runtime) -> None:
    take(rt, rows(2))
    first = list_registrations(rt, OFFICER, (0, ""), 10)[0].id
    erase_registration(rt, SUPERVISOR, first, "data_subject_request")
    taken = take(rt, rows(2), "later")
    assert (taken.added, taken.erased_before, taken.unchanged) == (0, 1, 1)
    assert held(rt) == 1


def test_an_expired_record_erases_what_was_held_and_stays_away(rt: Runtime) -> None:
    take(rt, rows(2))
    gone = Row(1, None, "camp/0", expired=True)
    never = Row(2, None, "camp/99", expired=True)
    taken = take(rt, [gone, never], "b")
    assert taken.expired == 2
    assert held(rt) == 1
    later = take(rt, [row(0), row(99)], "c")
    assert (later.added, later.erased_before) == (0, 2)


def test_a_registration_whose_day_is_over_is_erased_by_the_node_itself(
    rt: Runtime, clock: Clock
) -> None:
    ends = replace(registration_of(1).source, expires_on=date(2026, 3, 10))
    take(rt, [row(1, source=ends), row(2)])
    clock.now = clock.now.replace(day=10, hour=23)
    assert tidy(rt) == 0
    clock.move(hours=2)
    assert tidy(rt) == 1
    assert held(rt) == 1
    assert take(rt, [row(1)], "b").erased_before == 1


def test_a_whole_list_can_be_taken_back_and_a_corrected_one_comes(rt: Runtime) -> None:
    other = take(rt, rows(2, 50), "other")
    taken = take(rt, rows(3))
    assert take_back_list(rt, SUPERVISOR, taken.list_id) == 3
    assert held(rt) == 2
    with pytest.raises(Conflict):
        take_list(rt, OFFICER, taken.list_id, rows(1))
    again = take(rt, rows(3))
    assert again.list_id not in (taken.list_id, other.list_id)
    assert again.added == 3


def test_an_officer_may_not_take_a_list_back_and_nothing_is_lost(rt: Runtime) -> None:
    taken = take(rt, rows(2))
    with pytest.raises(Forbidden):
        take_back_list(rt, OFFICER, taken.list_id)
    assert held(rt) == 2


def test_a_list_of_another_branch_is_closed(rt: Runtime) -> None:
    taken = take(rt, rows(1))
    with pytest.raises(Forbidden):
        take_list(rt, make_call(branch="elsewhere"), taken.list_id, rows(1, 7))
    with pytest.raises(NotFound):
        take_list(rt, OFFICER, "lst_" + "0" * 26, rows(1))


def test_the_terms_of_a_list_are_kept_sealed(rt: Runtime) -> None:
    list_id = open_list(rt, OFFICER, TERMS)
    assert read_terms(rt, OFFICER, list_id) == TERMS
    with rt.database.read() as connection:
        details = connection.exec_driver_sql("SELECT details FROM lists").scalar()
    assert OWNER.encode() not in bytes(details)


def test_a_crash_between_batches_leaves_whole_batches_and_is_completed(sqlite_rt: Runtime) -> None:
    def crashing() -> Iterable[Row]:
        yield from rows(BATCH)
        yield from rows(3, BATCH)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take(sqlite_rt, crashing())
    assert held(sqlite_rt) == BATCH
    taken = take(sqlite_rt, rows(BATCH + 3))
    assert (taken.added, taken.unchanged) == (3, BATCH)


def test_one_entry_names_every_person_that_a_batch_brought(rt: Runtime) -> None:
    take(rt, rows(5))
    with rt.database.read() as connection:
        named = connection.exec_driver_sql("SELECT count(*) FROM ledger_objects").scalar()
    assert named == len(["entered", "opened", "batch", "complete"]) + 5
