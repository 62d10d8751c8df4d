"""Questions to the access log: each combination, its pages, its own entry, who may ask by what."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rfl.domain.access import Role, Verb
from rfl.domain.entry import Decision, Entry, from_bytes
from rfl.domain.groups import Group
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.domain.question import NOBODY, Question
from rfl.errors import Forbidden, InvalidInput
from rfl.flows import ask_log as asking
from rfl.flows.ask_log import About, ask_log
from rfl.flows.enrol import add_registration, read_registration
from rfl.flows.erase import erase_case, erase_registration
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.trace_reading import ERASED, trace_reading
from rfl.storage import ledger
from rfl.storage.log_questions import statement
from tests.support import (
    DPO,
    OFFICER,
    SUPERVISOR,
    Clock,
    make_call,
    make_refused,
    make_registration,
    make_request,
)

AUDITOR = make_call(Role.AUDITOR, Purpose.AUDIT)
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
CASE, PERSON, OTHER = (new_id("log") for _ in range(3))


def write(rt: Runtime, call: Call, verb: Verb, *objects: str, peer: str | None = None) -> None:
    """One entry, committed by itself."""
    with rt.begin(call, verb) as work:
        work.peer = peer
        ledger.append(work, objects=objects, groups=(Group.IDENTITY,), count=1)


def asked(rt: Runtime, question: Question, limit: int = 100) -> list[Entry]:
    """Every page of the answer, but for the entries of the asking itself."""
    found: list[Entry] = []
    after = None
    while True:
        answer = ask_log(rt, AUDITOR, question, after=after, limit=limit)
        found += answer.entries
        after = answer.end
        if after is None:
            return [entry for entry in found if entry.actor != AUDITOR.actor.id]


@pytest.fixture
def log(rt: Runtime, clock: Clock) -> Runtime:
    """Seven entries, a minute apart."""
    for call, verb, objects, peer in (
        (OFFICER, Verb.CASE_READ, (CASE,), None),
        (SUPERVISOR, Verb.CASE_READ, (CASE, PERSON), None),
        (OFFICER, Verb.SEARCH, (CASE, OTHER), None),
        (OFFICER, Verb.CASE_CHANGE, (OTHER,), None),
        (SUPERVISOR, Verb.CASE_READ, (PERSON,), "south"),
        (OFFICER, Verb.CASE_READ, (OTHER,), "east"),
    ):
        write(rt, call, verb, *objects, peer=peer)
        clock.move(minutes=1)
    make_refused(rt, OFFICER, Verb.CASE_READ, PERSON)
    clock.move(minutes=1)
    return rt


QUESTIONS = [
    (Question(actor=OFFICER.actor.id), [0, 2, 3, 5, 6]),
    (Question(action=Verb.SEARCH), [2]),
    (Question(purpose=Purpose.DATA_SUBJECT_REQUEST), [1, 4]),
    (Question(peer="south"), [4]),
    (Question(decision=Decision.DENIED), [6]),
    (Question(decision=Decision.ALLOWED, actor=OFFICER.actor.id), [0, 2, 3, 5]),
    (Question(actor=OFFICER.actor.id, action=Verb.CASE_READ, peer="east"), [5]),
    (Question(actor=SUPERVISOR.actor.id, purpose=Purpose.TRACING), []),
    (Question(actor="service"), []),
]


@pytest.mark.parametrize(("question", "expected"), QUESTIONS)
@pytest.mark.parametrize("oldest_first", [True, False])
def test_every_part_of_a_question_must_hold(
    log: Runtime, question: Question, expected: list[int], *, oldest_first: bool
) -> None:
    found = asked(log, replace(question, oldest_first=oldest_first))
    minutes = [int(entry.at[14:16]) for entry in found]
    assert minutes == (expected if oldest_first else expected[::-1])


def test_a_span_holds_its_beginning_and_not_its_end(log: Runtime, clock: Clock) -> None:
    begun = clock.now - timedelta(minutes=7)
    span = {"since": begun + timedelta(minutes=2), "until": begun + timedelta(minutes=4)}
    found = asked(log, Question(**span, oldest_first=True))
    assert [entry.action for entry in found] == ["search", "case.change"]


def test_a_log_id_is_asked_about_by_anybody_who_may_read_the_log(log: Runtime) -> None:
    answer = ask_log(log, AUDITOR, Question(), About(PERSON))
    assert [entry.action for entry in answer.entries] == ["log.read", *["case.read"] * 3]
    assert answer.entries[0].objects == (PERSON,)
    with pytest.raises(InvalidInput):
        ask_log(log, AUDITOR, Question(), About(PERSON, new_id("per")))


@pytest.mark.parametrize("oldest_first", [True, False])
def test_pages_go_on_without_gap_or_repeat(
    rt: Runtime, clock: Clock, *, oldest_first: bool
) -> None:
    """Many entries of one moment, too."""
    for number in range(47):
        write(rt, OFFICER, Verb.CASE_READ, CASE if number % 2 else OTHER)
        clock.move(seconds=number % 3)
    question = Question(actor=OFFICER.actor.id, oldest_first=oldest_first)
    found = asked(rt, question, limit=10)
    assert len({entry.id for entry in found}) == len(found) == 47
    times = [entry.at for entry in found]
    assert times == sorted(times, reverse=not oldest_first)
    wanted = asked(rt, replace(question, purpose=Purpose.TRACING), limit=10)
    assert [entry.id for entry in wanted] == [entry.id for entry in found]


def test_a_rare_purpose_is_looked_for_in_parts(
    rt: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "_ONCE", 5)
    monkeypatch.setattr(asking, "LOOKED_AT", 10)
    write(rt, SUPERVISOR, Verb.CASE_READ, CASE)
    for _ in range(30):
        clock.move(seconds=1)
        write(rt, OFFICER, Verb.CASE_READ, CASE)
    question = Question(purpose=Purpose.DATA_SUBJECT_REQUEST)
    first = ask_log(rt, AUDITOR, question, limit=10)
    assert (first.entries, first.end is None) == ((), False)
    assert [entry.actor for entry in asked(rt, question)] == [SUPERVISOR.actor.id]


def test_each_question_is_an_entry_and_a_refused_one_too(log: Runtime) -> None:
    before = len(bodies(log))
    ask_log(log, AUDITOR, Question())
    with pytest.raises(Forbidden):
        ask_log(log, OFFICER, Question())
    first, second = bodies(log)[before:]
    assert (first.action, first.actor, first.purpose) == ("log.read", AUDITOR.actor.id, "audit")
    assert (second.decision, second.reason) == ("denied", "forbidden")


def test_only_who_may_tie_records_to_the_log_asks_by_a_record(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    with pytest.raises(Forbidden):
        ask_log(rt, AUDITOR, Question(), About(case))
    answer = ask_log(rt, DPO, Question(action=Verb.CASE_OPEN), About(case))
    assert [entry.action for entry in answer.entries] == ["case.open"]
    own = bodies(rt)[-1]
    assert (own.action, own.count, own.groups) == ("log.read", 1, ())


def test_one_person_of_a_case_is_found_by_opening_identity_which_is_entered(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, request := make_request(), None).id
    sought = request.sought[0].person.id
    log_ids = bodies(rt)[0].objects
    answer = ask_log(rt, DPO, Question(), About(case, sought))
    assert {entry.action for entry in answer.entries} == {"case.open", "log.read"}
    opening, asking_entry = bodies(rt)[-2:]
    assert (opening.objects, opening.groups) == (log_ids[:1], ("identity",))
    assert asking_entry.objects == (log_ids[0], log_ids[2])
    with pytest.raises(InvalidInput) as refused:
        ask_log(rt, DPO, Question(), About(case, new_id("per")))
    assert refused.value.field == "person"


def test_a_trace_says_who_opened_and_to_whom_it_was_sent(log: Runtime) -> None:
    trace = trace_reading(log, AUDITOR, PERSON).trace
    assert [entry.actor for entry in trace.opened] == [SUPERVISOR.actor.id]
    assert [entry.peer for entry in trace.sent] == ["south"]
    assert [entry.reason for entry in trace.refused] == ["forbidden"]
    assert not trace.erased


def test_a_reading_of_the_whole_record_is_one_of_each_of_its_persons(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, request := make_request(), None).id
    read_case(rt, OFFICER, case)
    for person in (None, request.enquirer.id, request.sought[0].person.id):
        found = trace_reading(rt, DPO, case, person).trace.opened
        assert {"case.open", "case.read"} <= {entry.action for entry in found}


def test_after_an_erasure_one_sentence_says_that_nobody_can_tell(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    registration = add_registration(rt, OFFICER, make_registration())
    read_registration(rt, OFFICER, registration)
    case_log_id = bodies(rt)[0].objects[0]
    erase_case(rt, SUPERVISOR, case, "data_subject_request")
    erase_registration(rt, SUPERVISOR, registration, "data_subject_request")
    for record in (case, registration, new_id("cas"), new_id("reg")):
        traced = trace_reading(rt, DPO, record)
        assert (traced.trace.opened, traced.notes) == ((), (NOBODY,))
        assert ask_log(rt, DPO, Question(), About(record)).note == NOBODY
    by_log_id = trace_reading(rt, AUDITOR, case_log_id)
    assert [entry.action for entry in by_log_id.trace.opened] == ["case.open"]
    assert by_log_id.notes == (ERASED,)


def test_an_entry_that_is_gone_is_left_out(log: Runtime) -> None:
    """Whether its retention is over (tests/audit/test_expiry.py) or a hand has deleted it."""
    with log.database.write() as connection:
        connection.execute(sa.text("DELETE FROM ledger WHERE seq IN (2, 4)"))
    assert len(asked(log, Question())) == 5
    assert len(asked(log, Question(actor=SUPERVISOR.actor.id))) == 1
    assert len(trace_reading(log, AUDITOR, PERSON).trace.opened) == 0


@pytest.mark.parametrize(
    "parts",
    [
        {"actor": "Zahra Hosseini"},
        {"peer": ""},
        {"objects": ("cas_x",)},
        {"objects": tuple(new_id("log") for _ in range(21))},
    ],
)
def test_a_question_that_is_none_is_refused_without_its_words(parts: dict[str, object]) -> None:
    with pytest.raises(InvalidInput) as refused:
        Question(**parts)  # type: ignore[arg-type]
    assert "Zahra" not in str(refused.value)


def test_an_unknown_log_id_has_no_entries_but_the_question(rt: Runtime) -> None:
    answer = ask_log(rt, AUDITOR, Question(), About(new_id("log")))
    assert [entry.action for entry in answer.entries] == ["log.read"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_an_index_finds_is_what_reading_every_entry_finds(
    sqlite_rt: Runtime, data: st.DataObject
) -> None:
    """The same questions put to every body of the log, one by one."""
    if not bodies(sqlite_rt):
        for number in range(60):
            call = (OFFICER, SUPERVISOR, DPO)[number % 3]
            verb = (Verb.CASE_READ, Verb.CASE_FILE)[number % 2]
            peer = "south" if number % 5 == 0 else None
            write(sqlite_rt, call, verb, (CASE, PERSON, OTHER)[number % 7 % 3], peer=peer)
    question = Question(
        actor=data.draw(st.sampled_from([None, OFFICER.actor.id, DPO.actor.id])),
        objects=data.draw(st.sampled_from([(), (CASE,), (PERSON, OTHER)])),
        action=data.draw(st.sampled_from([None, Verb.CASE_READ])),
        purpose=data.draw(st.sampled_from([None, Purpose.TRACING])),
        peer=data.draw(st.sampled_from([None, "south"])),
    )
    found = {entry.id for entry in asked(sqlite_rt, question, limit=10)}
    read = {entry.id for entry in bodies(sqlite_rt) if question.is_answered_by(entry)}
    assert found == {one for one in read if one not in own_entries(sqlite_rt)}


def own_entries(rt: Runtime) -> set[str]:
    return {entry.id for entry in bodies(rt) if entry.actor == AUDITOR.actor.id}


def bodies(rt: Runtime) -> list[Entry]:
    with rt.database.read() as connection:
        rows = connection.scalars(sa.select(ledger.ledger.c.body).order_by(ledger.ledger.c.seq))
        return [from_bytes(body) for body in rows]


def test_entries_are_in_the_order_of_their_time_whatever_their_number(
    rt: Runtime, clock: Clock
) -> None:
    for hours in (3, -2, 5, -7):
        clock.move(hours=hours)
        write(rt, OFFICER, Verb.CASE_READ, CASE)
    clock.move(hours=20)
    times = [entry.at for entry in asked(rt, Question(oldest_first=True))]
    assert all(first <= second for first, second in pairwise(times))


PLANS = [
    (Question(objects=(CASE,)), "SEARCH ledger USING INTEGER PRIMARY KEY"),
    (Question(objects=(CASE,), actor="service"), "SEARCH ledger USING INTEGER PRIMARY KEY"),
    (Question(objects=(CASE,), since=MOMENT), "SEARCH ledger USING INTEGER PRIMARY KEY"),
    (Question(actor="service"), "INDEX ix_ledger_actor_at (actor=?"),
    (Question(action="search", since=MOMENT), "INDEX ix_ledger_action_at (action=? AND at>?"),
    (Question(decision=Decision.DENIED, actor="service"), "INDEX ix_ledger_denied_at"),
    (Question(peer="south", actor="service"), "INDEX ix_ledger_peer_at (peer=?"),
    (Question(since=MOMENT, until=MOMENT + timedelta(days=1)), "ix_ledger_at (at>? AND at<?)"),
    (Question(), "INDEX ix_ledger_at (at<?)"),
]


@pytest.mark.parametrize(("question", "plan"), PLANS)
def test_a_question_goes_by_its_narrowest_index(
    sqlite_rt: Runtime, question: Question, plan: str
) -> None:
    dialect = sqlite_rt.database.engine.dialect
    written = (
        statement(question, (5, 5))
        .limit(10)
        .compile(dialect=dialect, compile_kwargs={"literal_binds": True})
    )
    with sqlite_rt.database.read() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {written}").all()
    assert any(plan in row[3] for row in rows), rows
