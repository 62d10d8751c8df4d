"""Taking in, reading and changing cases and registrations: who may, what is logged, what is not."""

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from rfl.domain.access import Role
from rfl.domain.entry import Entry, from_bytes
from rfl.domain.ids import PersonId, new_id
from rfl.domain.purpose import LegalBasis, Purpose
from rfl.domain.request import Level
from rfl.errors import (
    Conflict,
    Erased,
    Forbidden,
    IdempotencyMismatch,
    InvalidInput,
    NotFound,
    PurposeMissing,
    RflError,
    StaleVersion,
)
from rfl.flows.account_for import entries_about, latest_entries
from rfl.flows.enrol import (
    add_registration,
    change_registration,
    list_registrations,
    read_registration,
)
from rfl.flows.erase import erase_case
from rfl.flows.register import open_case, open_intake
from rfl.flows.review import change_case, list_cases, read_case
from rfl.flows.runtime import Call, Runtime
from rfl.storage.cases import cases
from rfl.storage.ledger import ledger
from tests.support import (
    DPO,
    OFFICER,
    SUPERVISOR,
    Clock,
    make_call,
    make_person,
    make_registration,
    make_request,
)


def entries(rt: Runtime) -> list[Entry]:
    with rt.database.read() as connection:
        bodies = connection.scalars(sa.select(ledger.c.body).order_by(ledger.c.seq)).all()
    return [from_bytes(body) for body in bodies]


def count(rt: Runtime) -> int:
    with rt.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(cases)) or 0


def test_every_read_and_change_is_one_entry_with_the_same_log_id(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    read_case(rt, OFFICER, opened.id)
    change_case(rt, OFFICER, opened.id, 1, read_case(rt, OFFICER, opened.id).request)
    found = entries(rt)
    actions = [entry.action for entry in found]
    assert actions == ["case.open", "case.read", "case.read", "case.change", "case.change"]
    assert len({entry.objects[0] for entry in found}) == 1
    assert all(entry.actor == OFFICER.actor.id for entry in found)
    assert all(entry.purpose == "tracing" for entry in found)


def test_p11_a_case_is_opened_and_changed_on_a_legal_basis_that_its_entries_name(
    sqlite_rt: Runtime,
) -> None:
    rt, request = sqlite_rt, make_request()
    opened = open_case(rt, OFFICER, request, None)
    change_case(rt, OFFICER, opened.id, 1, request)
    done = [one.basis for one in entries(rt) if one.action in ("case.open", "case.change")]
    assert set(done) == {request.legal_basis}


def test_p12_no_case_rests_on_a_consent_of_who_is_sought(sqlite_rt: Runtime) -> None:
    rt, request = sqlite_rt, make_request()
    asked = replace(request, legal_basis=LegalBasis.CONSENT)
    with pytest.raises(InvalidInput, match="legal_basis"):
        open_case(rt, OFFICER, asked, None)
    opened = open_case(rt, OFFICER, request, None)
    with pytest.raises(InvalidInput, match="legal_basis"):
        change_case(rt, OFFICER, opened.id, 1, asked)
    assert read_case(rt, OFFICER, opened.id).request.legal_basis is request.legal_basis


def test_no_entry_holds_a_record_id(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    read_case(rt, OFFICER, opened.id)
    with rt.database.read() as connection:
        bodies = b"".join(connection.scalars(sa.select(ledger.c.body)))
    assert opened.id.encode() not in bodies
    assert b"cas_" not in bodies
    assert b"per_" not in bodies


REFUSED = [
    (make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION), Forbidden),
    (make_call(Role.AUDITOR, Purpose.AUDIT), Forbidden),
    (make_call(Role.INTAKE_VOLUNTEER), Forbidden),
    (make_call(purpose=None), PurposeMissing),
    (make_call(purpose=Purpose.AUDIT), Forbidden),
    (make_call(branch="elsewhere"), Forbidden),
]


@pytest.mark.parametrize(("call", "error"), REFUSED)
def test_a_refused_reading_opens_nothing_and_is_an_entry_of_its_own(
    sqlite_rt: Runtime, call: Call, error: type[RflError]
) -> None:
    opened = open_case(sqlite_rt, OFFICER, make_request(), None)
    with pytest.raises(error):
        read_case(sqlite_rt, call, opened.id)
    last = entries(sqlite_rt)[-1]
    assert (last.action, last.decision, last.reason) == ("case.read", "denied", error.code)
    assert len(entries(sqlite_rt)) == 2
    assert last.objects == entries(sqlite_rt)[0].objects[:1]


def test_a_case_at_named_persons_only_is_closed_to_the_rest_of_the_branch(rt: Runtime) -> None:
    request = make_request(level=Level.NAMED_PERSONS_ONLY)
    opened = open_case(rt, OFFICER, request, None)
    assert read_case(rt, OFFICER, opened.id)
    with pytest.raises(Forbidden):
        read_case(rt, make_call(), opened.id)


def test_the_data_protection_officer_reads_every_branch(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    assert read_case(rt, DPO, opened.id)
    assert [row.id for row in list_cases(rt, DPO, (0, ""), 10)] == [opened.id]
    assert list_cases(rt, make_call(branch="elsewhere"), (0, ""), 10) == []


def test_an_unknown_id_and_a_malformed_one_are_told_apart_without_echo(rt: Runtime) -> None:
    with pytest.raises(NotFound):
        read_case(rt, OFFICER, new_id("cas"))
    with pytest.raises(InvalidInput) as refused:
        read_case(rt, OFFICER, "Zahra")
    assert "Zahra" not in str(refused.value)


def test_a_change_on_a_stale_version_is_refused_and_nothing_is_lost(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(message="first"), None)
    request = read_case(rt, OFFICER, opened.id).request
    assert change_case(rt, OFFICER, opened.id, 1, replace(request, message="second")) == 2
    with pytest.raises(StaleVersion):
        change_case(rt, OFFICER, opened.id, 1, replace(request, message="third"))
    view = read_case(rt, OFFICER, opened.id)
    assert (view.request.message, view.row.version) == ("second", 2)


def test_of_two_officers_at_once_one_wins(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    request = read_case(rt, OFFICER, opened.id).request
    outcomes: list[str] = []

    def change(text: str) -> None:
        try:
            change_case(rt, OFFICER, opened.id, 1, replace(request, message=text))
            outcomes.append("changed")
        except StaleVersion:
            outcomes.append("stale")

    threads = [threading.Thread(target=change, args=(str(number),)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["changed", "stale", "stale", "stale"]


def test_a_changed_case_keeps_its_persons_and_may_get_more(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    request = read_case(rt, OFFICER, opened.id).request
    brother = replace(request.sought[0], person=make_person("Reza Hosseini"))
    more = replace(request, sought=(*request.sought, brother))
    assert change_case(rt, OFFICER, opened.id, 1, more) == 2
    with pytest.raises(InvalidInput, match="must keep the ids"):
        change_case(rt, OFFICER, opened.id, 2, request)
    named = [len(entry.objects) for entry in entries_about(rt, DPO, opened.id)]
    assert max(named) == len(["case", "enquirer", "mother", "brother"])


def test_the_same_idempotency_key_gives_the_same_case(rt: Runtime, clock: Clock) -> None:
    call = replace(OFFICER, repeat=("key-1", b"{}"))
    first, second = (open_case(rt, call, make_request(), None) for _ in range(2))
    assert first == second
    assert count(rt) == 1
    with pytest.raises(IdempotencyMismatch):
        open_case(rt, replace(call, repeat=("key-1", b"{ }")), make_request(), None)
    assert count(rt) == 1


def test_an_idempotency_key_belongs_to_one_account_and_one_day(rt: Runtime, clock: Clock) -> None:
    call = replace(OFFICER, repeat=("key-1", b"{}"))
    first = open_case(rt, call, make_request(), None)
    other = replace(make_call(), repeat=("key-1", b"{}"))
    assert open_case(rt, other, make_request(), None) != first
    clock.move(hours=25)
    assert open_case(rt, call, make_request(), None) != first


def test_an_intake_of_another_branch_cannot_be_used(rt: Runtime) -> None:
    intake = open_intake(rt, make_call(branch="elsewhere"))
    with pytest.raises(NotFound):
        open_case(rt, OFFICER, make_request(), intake.id)
    assert count(rt) == 0
    assert open_case(rt, OFFICER, make_request(), open_intake(rt, OFFICER).id)


def test_a_registration_is_changed_and_keeps_its_person(rt: Runtime) -> None:
    made = add_registration(rt, OFFICER, make_registration())
    registration = read_registration(rt, OFFICER, made).registration
    assert change_registration(rt, OFFICER, made, 1, replace(registration, remarks="tall")) == 2
    assert read_registration(rt, OFFICER, made).registration.remarks == "tall"
    other = replace(registration, person=replace(registration.person, id=PersonId(new_id("per"))))
    with pytest.raises(InvalidInput):
        change_registration(rt, OFFICER, made, 2, other)
    with pytest.raises(StaleVersion):
        change_registration(rt, OFFICER, made, 1, registration)
    assert [row.id for row in list_registrations(rt, OFFICER, (0, ""), 10)] == [made]


def test_a_record_of_a_source_is_registered_once(rt: Runtime) -> None:
    add_registration(rt, OFFICER, make_registration(record_id="camp/1"))
    with pytest.raises(Conflict):
        add_registration(rt, OFFICER, make_registration(record_id="camp/1"))


def test_pages_follow_each_other_without_gap_or_repeat(rt: Runtime, clock: Clock) -> None:
    made = set()
    for _ in range(7):
        made.add(open_case(rt, OFFICER, make_request(), None).id)
        clock.move(seconds=1)
    seen: list[str] = []
    after = (0, "")
    while page := list_cases(rt, OFFICER, after, 3):
        seen += [row.id for row in page]
        after = (page[-1].created_at, page[-1].id)
    assert len(seen) == len(set(seen)) == 7
    assert set(seen) == made


def test_auditors_read_the_log_and_their_reading_is_in_it(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    auditor = make_call(Role.AUDITOR, Purpose.AUDIT)
    newest = latest_entries(rt, auditor)
    assert [entry.action for entry in newest] == ["log.read", "case.open"]
    with pytest.raises(Forbidden):
        latest_entries(rt, OFFICER)
    log_id = entries_about(rt, DPO, opened.id)[0].objects[0]
    assert [entry.action for entry in entries_about(rt, auditor, log_id)] == [
        "case.open",
        "log.read",
        "log.read",
    ]


def test_after_an_erasure_the_log_stays_and_only_its_log_id_leads_there(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    log_id = entries_about(rt, DPO, opened.id)[0].objects[0]
    erase_case(rt, SUPERVISOR, opened.id, "data_subject_request")
    with pytest.raises(Erased):
        entries_about(rt, DPO, opened.id)
    actions = [entry.action for entry in entries_about(rt, DPO, log_id)]
    assert actions[0] == "case.open"
    assert "case.erase" in actions
