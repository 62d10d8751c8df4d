"""Reviews of a real log: what is opened for them, what is kept, who judges."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rfl.audit.unusual import Limits
from rfl.domain.access import Role, Verb
from rfl.domain.finding import Code, FindingState
from rfl.domain.purpose import Purpose
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from rfl.flows.admit import add_account
from rfl.flows.enrol import add_registration, read_registration
from rfl.flows.erase import erase_case
from rfl.flows.give_family_names import give_family_names
from rfl.flows.judge_findings import FindingView, judge_finding, list_findings, read_finding
from rfl.flows.list_disclosures import list_disclosures
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.review_reading import review_reading
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.tidy import end_findings, tidy
from rfl.storage import ledger
from rfl.storage.vault import record_keys
from tests.flows.test_log_questions import bodies
from tests.support import (
    BRANCH,
    OFFICER,
    SUPERVISOR,
    Clock,
    make_call,
    make_person,
    make_registration,
    make_request,
)

AUDITOR = make_call(Role.AUDITOR, Purpose.AUDIT)
START = (-1, "")
QUICK = Limits(unassigned_least=2, volume_least=1_000, breadth_least=1_000)


def account(rt: Runtime, role: Role = Role.TRACING_OFFICER, branch: str = BRANCH) -> Call:
    """A call of an account that is kept, unlike those of `make_call`."""
    made = add_account(rt, OFFICE_CALL, role, branch, "Elena Petrova")
    return make_call(role, branch=branch) if made is None else _as(made.account, role, branch)


def _as(account_id: str, role: Role, branch: str) -> Call:
    call = make_call(role, branch=branch)
    return replace(call, actor=replace(call.actor, id=account_id))


def queue(rt: Runtime, state: FindingState | None = None) -> list[FindingView]:
    return list_findings(rt, AUDITOR, START, 50, state=state)


@pytest.fixture
def curious(rt: Runtime, clock: Clock) -> Call:
    """An officer who has read three cases of a colleague, yesterday."""
    reader = account(rt)
    for _ in range(3):
        read_case(rt, reader, open_case(rt, OFFICER, make_request(), None).id)
    clock.move(days=1)
    return reader


def test_what_was_never_the_readers_is_found_once(rt: Runtime, curious: Call) -> None:
    first = review_reading(rt, AUDITOR, limits=QUICK)
    assert (first.found, first.new) == (1, 1)
    assert first.since == first.until == rt.clock().date() - timedelta(days=1)
    again = review_reading(rt, AUDITOR, limits=QUICK)
    assert (again.found, again.new) == (1, 0)
    [view] = queue(rt)
    assert view.finding.code is Code.NEVER_ASSIGNED
    assert view.finding.subject == curious.actor.id
    assert view.finding.figures == {"cases": 3, "cases_opened": 3}
    read = {entry.objects[0] for entry in bodies(rt) if entry.action == "case.read"}
    assert set(view.finding.log_ids) == read
    assert view.judged.state is FindingState.OPEN


def test_a_review_says_how_many_ties_it_opened_and_opens_nothing_else(
    rt: Runtime, curious: Call
) -> None:
    before = rt.agent.unwraps()
    review_reading(rt, AUDITOR, limits=QUICK)
    own = [entry for entry in bodies(rt) if entry.action == "log.review"]
    assert [(entry.count, entry.groups, entry.objects) for entry in own] == [
        (3, (), ()),
        (0, (), ()),
    ]
    assert rt.agent.unwraps() - before == 3


def test_an_erased_case_counts_for_nothing(rt: Runtime, clock: Clock) -> None:
    reader, made = account(rt), []
    for _ in range(2):
        made.append(open_case(rt, OFFICER, make_request(), None).id)
        read_case(rt, reader, made[-1])
    erase_case(rt, SUPERVISOR, made[0], "data_subject_request")
    clock.move(days=1)
    assert review_reading(rt, AUDITOR, limits=QUICK).found == 0


def test_only_days_that_are_over_are_reviewed(rt: Runtime, clock: Clock) -> None:
    today = clock.now.date()
    for since, until in (
        (None, today),
        (today - timedelta(days=40), None),
        (today - timedelta(days=1), today - timedelta(days=2)),
    ):
        with pytest.raises(InvalidInput):
            review_reading(rt, AUDITOR, since, until)


def test_findings_are_judged_with_a_reason_and_by_version(rt: Runtime, curious: Call) -> None:
    review_reading(rt, AUDITOR, limits=QUICK)
    [view] = queue(rt)
    guardian = make_call(Role.DATA_PROTECTION_OFFICER, Purpose.AUDIT)
    escalated = FindingState.ESCALATED
    assert judge_finding(rt, AUDITOR, view.id, 1, escalated, "Nobody knows why.") == 2
    with pytest.raises(StaleVersion):
        judge_finding(rt, guardian, view.id, 1, FindingState.EXPLAINED, "Holiday cover.")
    with pytest.raises(Conflict):
        judge_finding(rt, guardian, view.id, 2, escalated, "Still.")
    judge_finding(rt, guardian, view.id, 2, FindingState.EXPLAINED, "Holiday cover.")
    seen = read_finding(rt, AUDITOR, view.id)
    assert [(step.state, step.reason) for step in seen.judged.steps] == [
        ("escalated", "Nobody knows why."),
        ("explained", "Holiday cover."),
    ]
    assert queue(rt, FindingState.OPEN) == []
    assert len(queue(rt, FindingState.EXPLAINED)) == 1
    assert bodies(rt)[-3].reason is None
    judged = [entry for entry in bodies(rt) if entry.action == "log.finding.decide"]
    assert [entry.reason for entry in judged if entry.decision == "allowed"] == [
        "escalated",
        "explained",
    ]
    assert b"Holiday" not in b"".join(entry.to_bytes() for entry in bodies(rt))


def test_nobody_judges_their_own_reading(rt: Runtime, curious: Call) -> None:
    review_reading(rt, AUDITOR, limits=QUICK)
    [view] = queue(rt)
    promoted = replace(
        curious, actor=replace(curious.actor, role=Role.AUDITOR), purpose=Purpose.AUDIT
    )
    with pytest.raises(Forbidden):
        judge_finding(rt, promoted, view.id, 1, FindingState.EXPLAINED, "It was nothing.")
    assert read_finding(rt, AUDITOR, view.id).judged.steps == ()
    for call in (OFFICER, SUPERVISOR, replace(OFFICE_CALL, purpose=Purpose.AUDIT)):
        with pytest.raises(Forbidden):
            judge_finding(rt, call, view.id, 1, FindingState.EXPLAINED, "It was nothing.")
    with pytest.raises(NotFound):
        read_finding(rt, AUDITOR, "fnd_00000000000000000000000000")


def test_findings_stand_sealed_in_the_database(rt: Runtime, curious: Call) -> None:
    review_reading(rt, AUDITOR, limits=QUICK)
    with rt.database.read() as connection:
        row = connection.exec_driver_sql("SELECT * FROM findings").one()
    cells = b" ".join(
        bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in row
    )
    assert curious.actor.id.encode() not in cells
    assert b"never_assigned" not in cells
    assert b"log_" not in cells


def test_own_family_is_compared_only_when_asked_for_and_leaves_the_flag_alone(
    rt: Runtime, clock: Clock
) -> None:
    reader = account(rt)
    giving = replace(reader, purpose=Purpose.ADMINISTRATION)
    give_family_names(rt, giving, ["Стојанова"])
    relative = add_registration(rt, OFFICER, make_registration(make_person("Vera Stojanova")))
    stranger = add_registration(rt, OFFICER, make_registration())
    case = open_case(rt, reader, make_request(), None).id
    read_registration(rt, reader, relative)
    read_registration(rt, reader, stranger)
    read_case(rt, reader, case)
    clock.move(days=1)
    assert review_reading(rt, AUDITOR).found == 0
    before = len(bodies(rt))
    assert review_reading(rt, AUDITOR, family_names=True).new == 1
    [view] = queue(rt)
    assert (view.finding.code, view.finding.log_ids) == (Code.OWN_FAMILY, ())
    assert view.finding.figures == {"records": 1}
    written = [entry for entry in bodies(rt)[before:] if entry.action == "log.review"]
    assert [(entry.count, entry.groups) for entry in written] == [
        (1, ()),
        (4, ()),
        (3, ("identity",)),
        (0, ()),
    ]
    assert len(written[2].objects) == 3
    give_family_names(rt, giving, [])
    review_reading(rt, AUDITOR, family_names=True)
    assert len(queue(rt)) == 1
    with pytest.raises(InvalidInput):
        give_family_names(rt, giving, ["x"] * 11)
    with pytest.raises(Forbidden):
        give_family_names(rt, reader, ["Стојанова"])


def test_disclosures_are_counted_by_partner_and_month(rt: Runtime, clock: Clock) -> None:
    for peer, groups, days in (
        ("south", ("identity",), 0),
        ("south", ("identity",), 40),
        ("east", ("contact",), 1),
        ("south", (), 0),
        (None, ("identity",), 0),
    ):
        clock.move(days=days)
        with rt.begin(OFFICER, Verb.CASE_READ) as work:
            work.peer = peer
            ledger.append(work, groups=groups, count=2)  # type: ignore[arg-type]
    east, south = list_disclosures(rt, AUDITOR)
    assert (east.peer, east.entries) == ("east", 1)
    assert (south.entries, south.records) == (2, 4)
    assert south.months == {"2026-03": 1, "2026-04": 1}
    assert south.first < south.last
    late = list_disclosures(rt, AUDITOR, peer="south", since=south.last)
    assert [(one.peer, one.entries) for one in late] == [("south", 1)]
    with pytest.raises(Forbidden):
        list_disclosures(rt, OFFICER)


def kept_keys(rt: Runtime, finding_id: str) -> int:
    with rt.database.read() as connection:
        mine = record_keys.select().where(record_keys.c.record_id == finding_id)
        return len(connection.execute(mine).all())


def test_p24_a_judged_finding_ends_as_the_policy_says_and_an_open_one_with_the_log(
    rt: Runtime, curious: Call, clock: Clock
) -> None:
    other = account(rt)
    for _ in range(3):
        case = open_case(rt, OFFICER, make_request(), None)
        read_case(rt, other, case.id)
    clock.move(days=1)
    review_reading(rt, AUDITOR, clock().date() - timedelta(days=2), limits=QUICK)
    judged, left = queue(rt)[:2]
    judge_finding(rt, AUDITOR, judged.id, 1, FindingState.EXPLAINED, "A list was checked.")
    count = len(queue(rt))
    clock.move(days=729)
    assert end_findings(rt) == 0
    clock.move(days=2)
    assert tidy(rt) == 1
    assert [one.id for one in queue(rt)].count(judged.id) == 0
    assert kept_keys(rt, judged.id) == 0
    assert len(queue(rt)) == count - 1
    with pytest.raises(NotFound):
        read_finding(rt, AUDITOR, judged.id)
    clock.move(days=1_096 - 731 + 1)
    assert end_findings(rt) == count - 1
    assert queue(rt) == []
    assert kept_keys(rt, left.id) == 0
