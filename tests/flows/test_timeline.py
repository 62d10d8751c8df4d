"""The history of a case as one timeline: everything of it, in order, on the side of who reads."""

from dataclasses import replace

import pytest

from rfl.domain.access import Role
from rfl.domain.answer import Item
from rfl.domain.call import CallWay, FamilyCall
from rfl.domain.casefile import Ending
from rfl.domain.consent import Use
from rfl.domain.states import PreCase, TransmissionState
from rfl.domain.timeline import Happened
from rfl.errors import Erased, Forbidden
from rfl.flows import tell
from rfl.flows.close import close_case, reopen_case
from rfl.flows.erase import erase_case
from rfl.flows.join_search import join_search
from rfl.flows.look import look_for_family
from rfl.flows.merge import merge_cases
from rfl.flows.note import note
from rfl.flows.plan_task import add_task, do_task
from rfl.flows.read_search_timeline import read_search_timeline
from rfl.flows.read_timeline import read_timeline
from rfl.flows.receive_enquiry import receive_enquiry
from rfl.flows.record_call import record_call
from rfl.flows.register import open_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.seek import write_line
from rfl.flows.send_message import collect_message
from rfl.flows.transmit import Move, move_transmission, queue_transmission
from rfl.flows.withdraw import withdraw_consent
from rfl.flows.work_enquiry import Move as Turn
from rfl.flows.work_enquiry import move_enquiry
from tests.exchange.by_hand import know
from tests.flows.test_beside import RING, TO_SOUTH, make_shared
from tests.flows.test_enquiries import CAME
from tests.flows.test_messages import LETTER
from tests.office import Desk, make_account, make_complete, open_desk
from tests.support import SUPERVISOR, Clock, make_call

START = (-1, "")


def kinds(moments: list[Happened]) -> list[str]:
    return [one.kind for one in moments]


def outside(desk: Desk, by: Call | None = None) -> list[Happened]:
    return read_timeline(desk.rt, by or desk.officer, desk.case, START, 500)


def inside(desk: Desk) -> list[Happened]:
    return read_search_timeline(desk.rt, desk.searcher, desk.case, START, 500)


def from_an_enquiry(rt: Runtime, clock: Clock) -> Desk:
    """A case that began as an enquiry, with everything that can stand beside it."""
    people = [make_account(rt) for _ in range(3)]
    supervisor = make_account(rt, Role.SUPERVISOR)
    enquiry = receive_enquiry(rt, people[0], CAME)
    for version, state in enumerate((PreCase.TRIAGE, PreCase.INTERVIEWED, PreCase.ELIGIBLE), 1):
        clock.move(hours=1)
        move_enquiry(rt, people[0], enquiry, version, Turn(state))
    clock.move(hours=1)
    look_for_family(rt, people[0], enquiry, make_shared())
    case = open_case(rt, people[0], make_complete(make_shared()), enquiry).id
    desk = Desk(rt, people[0], supervisor, people[1], people[2], case)
    return desk.joined(people[1]).joined(people[2])


def test_everything_that_belongs_to_a_case_is_in_its_history_in_order(
    rt: Runtime, clock: Clock
) -> None:
    desk = from_an_enquiry(rt, clock)
    clock.move(hours=1)
    desk.judged().accepted()
    clock.move(hours=1)
    task = add_task(rt, desk.officer, desk.case, RING)
    know(rt)
    sent = queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)
    clock.move(hours=1)
    do_task(rt, desk.officer, task, 1, "She has moved.")
    move_transmission(rt, desk.officer, sent, 1, Move(TransmissionState.DELIVERED))
    clock.move(hours=1)
    collect_message(rt, desk.officer, replace(LETTER), desk.case)
    clock.move(hours=1)
    desk.located().answered(Item.PHONE)
    clock.move(days=1)
    spoken = FamilyCall(desk.today, CallWay.PHONE, desk.officer.actor.id, both_agreed=True)
    record_call(rt, desk.officer, spoken, desk.case)
    withdraw_consent(rt, desk.officer, desk.case, desk.version, frozenset({Use.SHARE}))
    close_case(rt, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    clock.move(days=400)
    reopen_case(rt, desk.officer, desk.case, desk.version, "Her daughter asks.")
    found = outside(desk)
    assert [one for one in kinds(found) if one.startswith(("enquiry", "case"))] == [
        *("enquiry.received", "enquiry.triage", "enquiry.interviewed", "enquiry.eligible"),
        *("case.opened", "case.judged_credible", "case.screened", "case.accepted", "case.told"),
        *("case.noted", "case.closed", "case.reopened"),
    ]
    beside = {one for one in kinds(found) if not one.startswith(("enquiry", "case"))}
    assert beside == {
        *("notice.given", "consent.given", "consent.withdrawn", "task.planned", "task.done"),
        *("transmission.queued", "transmission.delivered", "transmission.recalled"),
        *("message.collected", "call.phone", "person.told"),
    }
    times = [one.at for one in found]
    assert times == sorted(times)
    by = {one.by for one in found if one.kind == "transmission.delivered"}
    assert by == {desk.officer.actor.id}


def test_pages_of_a_history_follow_each_other_without_gap_or_repeat(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    for number in range(4):
        note(rt, desk.officer, desk.case, desk.version, f"She rang {number} times.")
    seen: list[str] = []
    after = START
    while page := read_timeline(rt, desk.officer, desk.case, after, 3):
        seen += [one.id for one in page]
        after = (page[-1].created_at, page[-1].id)
    assert seen == [one.id for one in outside(desk)]
    assert len(set(seen)) == len(seen) > 9


def test_p35_the_history_that_the_intake_branch_reads_holds_no_finding(
    rt: Runtime, clock: Clock
) -> None:
    refused, lost = (open_desk(rt).judged().accepted() for _ in range(2))
    refused.located().answered()
    for _step in range(3):
        write_line(rt, lost.searcher, lost.case, lost.journal.version, "Nobody at the gate")
    clock.move(days=180)
    assert tell.tell_due(rt) == 2
    assert kinds(outside(refused)) == kinds(outside(lost))
    assert "person.told" in kinds(outside(lost))
    found = inside(refused)
    words = {one.said for one in found if one.kind.startswith("search")}
    assert words >= {"Lead verified", "Consulted"}
    assert not words & {one.said for one in outside(refused)}


def test_p37_the_teams_history_is_the_teams(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located()
    found = inside(desk)
    states = [one.state for one in found if one.kind == "search.line"]
    assert states == ["lead", "located"]
    assert {"case.accepted", "search.screened"} <= set(kinds(found))
    for call in (desk.officer, desk.supervisor, make_account(rt)):
        with pytest.raises(Forbidden):
            read_search_timeline(rt, call, desk.case, START, 5)
    join_search(rt, desk.supervisor, desk.case, desk.officer.actor.id)
    assert kinds(read_search_timeline(rt, desk.officer, desk.case, START, 500)) == kinds(found)


def test_the_history_is_for_who_may_read_the_case(rt: Runtime) -> None:
    desk = open_desk(rt)
    for stranger in (make_call(branch="elsewhere"), make_call(Role.INTAKE_VOLUNTEER)):
        with pytest.raises(Forbidden):
            read_timeline(rt, stranger, desk.case, START, 5)
    erase_case(rt, SUPERVISOR, desk.case, "data_subject_request")
    with pytest.raises(Erased):
        read_timeline(rt, desk.officer, desk.case, START, 5)


def test_the_history_of_a_merged_family_is_one(rt: Runtime) -> None:
    into, one = open_desk(rt).judged().accepted(), open_desk(rt)
    note(rt, one.officer, one.case, 1, "She rang about her brother.")
    said = ((one.person, into.person),)
    merge_cases(rt, one.officer, (one.case, 2), into.case, said, same_enquirer=True)
    records = {moment.record for moment in outside(into)}
    assert {one.case, into.case} <= records
    assert "She rang about her brother." in {moment.said for moment in outside(into)}
    assert into.case not in {moment.record for moment in outside(one)}
