"""An officer leaves: everything that they had in hand goes to others, and is listed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rfl.domain.access import Role
from rfl.domain.approval import Approves, Exact
from rfl.domain.enquiry import Channel, Enquiry
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.errors import Forbidden, InvalidInput
from rfl.flows.admit import vet_account
from rfl.flows.approve import ask_approval, give_approval, read_approval
from rfl.flows.assign import assign_case
from rfl.flows.join_search import join_search
from rfl.flows.pass_on_searches import PassedOn, WhyNot, pass_on_searches
from rfl.flows.plan_task import Due, add_task, due_tasks
from rfl.flows.queue import list_searches
from rfl.flows.read_file import read_file
from rfl.flows.read_search import read_search
from rfl.flows.reassign import Handed, What, WhyLeft, reassign
from rfl.flows.receive_enquiry import receive_enquiry
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.send_message import collect_message, read_message
from rfl.flows.transmit import Waits, queue_transmission, waiting_transmissions
from rfl.flows.work_enquiry import read_enquiry
from tests.exchange.by_hand import know
from tests.flows.test_beside import RING, TO_SOUTH, make_shared
from tests.flows.test_messages import LETTER
from tests.office import Desk, make_account, open_desk
from tests.support import OFFICER, make_request

START = ((-1, ""), 50)
CAME = Enquiry(Channel.VISIT, "Ali Hosseini", "He lost his mother.", True)


def moved(what: What, record: str, left: WhyLeft | None = None) -> Handed:
    return Handed(what, record, left)


def test_everything_that_an_officer_had_in_hand_goes_to_another_and_is_listed(rt: Runtime) -> None:
    know(rt)
    desk = open_desk(rt, make_shared()).judged().accepted()
    leaving, staying = desk.officer, make_account(rt)
    add_task(rt, leaving, desk.case, RING)
    sent = queue_transmission(rt, leaving, desk.case, TO_SOUTH)
    enquiry = receive_enquiry(rt, leaving, CAME)
    alone, of_case = (collect_message(rt, leaving, LETTER, case) for case in (None, desk.case))
    others = open_case(rt, OFFICER, make_request(), None).id
    handed = reassign(rt, desk.supervisor, leaving.actor.id, staying.actor.id)
    assert handed == [
        moved(What.CASE, desk.case),
        moved(What.ENQUIRY, enquiry),
        moved(What.MESSAGE, alone),
    ]
    assert read_file(rt, staying, desk.case).row.officer == staying.actor.id
    soon = Due(rt.today() + timedelta(days=400), mine=True)
    assert len(due_tasks(rt, staying, soon, START)) == 3
    assert due_tasks(rt, leaving, soon, START) == []
    assert [row.id for row in waiting_transmissions(rt, staying, Waits(mine=True), START)] == [sent]
    for letter in (alone, of_case):
        assert read_message(rt, staying, letter).row.officer == staying.actor.id
    assert read_enquiry(rt, staying, enquiry).row.officer == staying.actor.id
    assert read_file(rt, OFFICER, others).row.officer == OFFICER.actor.id
    assert reassign(rt, desk.supervisor, leaving.actor.id, staying.actor.id) == []


def test_a_supervisor_gives_what_is_of_their_branch_and_nobody_gives_to_themself(
    sqlite_rt: Runtime,
) -> None:
    leaving, staying = make_account(sqlite_rt), make_account(sqlite_rt)
    far = make_account(sqlite_rt, Role.SUPERVISOR, branch="elsewhere")
    near = make_account(sqlite_rt, Role.SUPERVISOR)
    for call, officer in ((leaving, staying), (far, staying), (near, leaving)):
        with pytest.raises((Forbidden, InvalidInput)):
            reassign(sqlite_rt, call, leaving.actor.id, officer.actor.id)
        with pytest.raises((Forbidden, InvalidInput)):
            pass_on_searches(sqlite_rt, call, leaving.actor.id, officer.actor.id)


def test_what_the_other_officer_may_not_have_is_left_with_the_reason(sqlite_rt: Runtime) -> None:
    rt = sqlite_rt
    leaving, staying = make_account(rt, vetted=True), make_account(rt)
    supervisor = make_account(rt, Role.SUPERVISOR, vetted=True)
    child = open_case(rt, leaving, make_request(child_enquirer=True), None).id
    named = open_case(rt, leaving, make_request(level=Level.NAMED_PERSONS_ONLY), None).id
    searched = open_case(rt, leaving, make_request(), None).id
    join_search(rt, supervisor, searched, staying.actor.id)
    left = {
        one.id: one.left for one in reassign(rt, supervisor, leaving.actor.id, staying.actor.id)
    }
    assert left == {
        child: WhyLeft.NOT_VETTED,
        named: WhyLeft.OUT_OF_REACH,
        searched: WhyLeft.SEARCHES_IT,
    }
    assert read_file(rt, leaving, named).row.officer == leaving.actor.id
    vet_account(rt, OFFICE_CALL, staying.actor.id, rt.today() + timedelta(days=30))
    again = reassign(rt, supervisor, leaving.actor.id, staying.actor.id)
    assert moved(What.CASE, child) in again


def test_p20_a_childs_case_is_assigned_to_a_vetted_officer_alone(sqlite_rt: Runtime) -> None:
    desk = open_desk(sqlite_rt, make_request(child_enquirer=True), vetted=True)
    other = make_account(sqlite_rt)
    with pytest.raises(InvalidInput, match="P-20"):
        assign_case(sqlite_rt, desk.supervisor, desk.case, desk.version, other.actor.id)


ERASURE = Exact(Approves.ERASURE, new_id("cas"), ("data_subject_request",))


def test_approvals_asked_go_along_but_never_to_the_officer_who_agreed(sqlite_rt: Runtime) -> None:
    rt = sqlite_rt
    leaving, staying, third = (make_account(rt, Role.SUPERVISOR) for _ in range(3))
    rights, asks = (
        replace(one, purpose=Purpose.DATA_SUBJECT_REQUEST) for one in (staying, leaving)
    )
    asked = [ask_approval(rt, asks, ERASURE, "In writing") for _ in range(2)]
    give_approval(rt, rights, asked[0], 1)
    handed = reassign(rt, third, leaving.actor.id, staying.actor.id)
    assert sorted(handed, key=lambda one: asked.index(one.id)) == [
        moved(What.APPROVAL, asked[0], WhyLeft.APPROVED_IT),
        moved(What.APPROVAL, asked[1]),
    ]
    assert read_approval(rt, rights, asked[1]).approval.requester == staying.actor.id
    with pytest.raises(Forbidden):
        give_approval(rt, rights, asked[1], 2)


def searched_by(rt: Runtime, call: Call) -> list[str]:
    return [row.id for row in list_searches(rt, call, None, START)]


def test_p37_searches_are_passed_on_but_not_to_who_handles_the_enquirer(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    other = replace(desk, case=open_case(rt, desk.second, make_request(), None).id)
    other.joined(desk.searcher)
    passed = pass_on_searches(rt, desk.supervisor, desk.searcher.actor.id, desk.officer.actor.id)
    assert set(passed) == {PassedOn(desk.case, WhyNot.HANDLES_ENQUIRER), PassedOn(other.case)}
    assert searched_by(rt, desk.searcher) == []
    assert searched_by(rt, desk.officer) == [other.case]
    for reader in (desk.searcher, desk.officer):
        with pytest.raises(Forbidden):
            read_search(rt, reader, desk.case)
    assert desk.second.actor.id in read_search(rt, desk.second, desk.case).journal.team


def test_p20_the_search_for_a_child_who_asks_is_passed_on_to_a_vetted_officer_alone(
    sqlite_rt: Runtime,
) -> None:
    desk = open_desk(sqlite_rt, make_request(child_enquirer=True), vetted=True)
    other = make_account(sqlite_rt)
    leaving = desk.searcher.actor.id
    passed = pass_on_searches(sqlite_rt, desk.supervisor, leaving, other.actor.id)
    assert passed == [PassedOn(desk.case, WhyNot.NOT_VETTED)]
    assert searched_by(sqlite_rt, other) == []


def test_p03_whoever_reads_what_was_given_cannot_tell_how_a_search_stands(rt: Runtime) -> None:
    ends: list[Desk] = [open_desk(rt).judged().accepted().located() for _ in range(2)]
    ends[0].answered()
    for desk in ends:
        passed = pass_on_searches(
            rt, desk.supervisor, desk.searcher.actor.id, make_account(rt).actor.id
        )
        assert passed == [PassedOn(desk.case)]
