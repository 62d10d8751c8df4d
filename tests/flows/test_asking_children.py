"""A child that asks, alone: its own wish, who took it, who signed, and why it is safe (P-19)."""

from dataclasses import replace

import pytest

from rfl.domain.access import Verb
from rfl.domain.casefile import Ending, Kind
from rfl.domain.request import TracingRequest
from rfl.domain.states import CaseState
from rfl.errors import Conflict, Forbidden, InvalidInput
from rfl.flows.close import close_case, reopen_case
from rfl.flows.judge import hear_child, judge_again, judge_credible, screen_enquirer
from rfl.flows.read_timeline import read_timeline
from rfl.flows.runtime import Runtime
from rfl.storage import casefiles
from tests.casework import make_asking_child, make_credibility
from tests.office import NO_DANGER, Desk, make_account, open_desk
from tests.support import make_person, make_request


def make_childs_request() -> TracingRequest:
    girl, mother = make_person("Amina Noor", birth="2013"), make_person("Halima Noor")
    return make_request(girl, mother, child_enquirer=True)


def judged(desk: Desk) -> Desk:
    """Judge all but how the child asked."""
    judge_credible(desk.rt, desk.officer, desk.case, desk.version, make_credibility())
    screen_enquirer(desk.rt, desk.officer, desk.case, desk.version, NO_DANGER)
    return desk


def test_p19_a_childs_own_case_is_accepted_after_its_wish_and_safety_are_on_record(
    rt: Runtime,
) -> None:
    desk = judged(open_desk(rt, make_childs_request(), vetted=True))
    version = desk.version
    with pytest.raises(InvalidInput, match="child"):
        desk.accepted()
    assert (desk.version, desk.file.state) == (version, CaseState.OPEN)
    asked = make_asking_child(taken_by=desk.officer.actor.id)
    hear_child(rt, desk.officer, desk.case, desk.version, asked)
    desk.accepted()
    assert (desk.file.state, desk.file.child) == (CaseState.ACTIVE, asked)
    kinds = [one.kind for one in read_timeline(rt, desk.officer, desk.case, (-1, ""), 50)]
    assert f"case.{Kind.CHILD_ASKED}" in kinds


def test_p19_who_is_not_vetted_records_nothing_for_a_child(sqlite_rt: Runtime) -> None:
    desk = open_desk(sqlite_rt, make_childs_request(), vetted=True)
    version, unvetted = desk.version, make_account(sqlite_rt)
    with pytest.raises(Forbidden):
        hear_child(sqlite_rt, unvetted, desk.case, version, make_asking_child())
    assert (desk.version, desk.file.child) == (version, None)


def test_p19_an_adult_is_not_recorded_as_a_child_that_asks(sqlite_rt: Runtime) -> None:
    desk = open_desk(sqlite_rt, vetted=True)
    version = desk.version
    with pytest.raises(Conflict):
        hear_child(sqlite_rt, desk.officer, desk.case, version, make_asking_child())
    assert (desk.version, desk.file.child) == (version, None)


def test_p19_a_case_that_was_accepted_without_it_is_not_judged_again_without_it(
    sqlite_rt: Runtime,
) -> None:
    desk = open_desk(sqlite_rt, make_childs_request(), vetted=True).judged().accepted()
    with sqlite_rt.begin(desk.officer, Verb.CASE_WORK) as work:
        _row, file, _log_id = casefiles.opened(work, desk.case)
        casefiles.rewrite(work, desk.case, replace(file, child=None))
    with pytest.raises(InvalidInput, match="child"):
        judge_again(sqlite_rt, desk.officer, desk.case, desk.version)
    hear_child(sqlite_rt, desk.officer, desk.case, desk.version, make_asking_child())
    judge_again(sqlite_rt, desk.officer, desk.case, desk.version)


def test_p19_what_a_child_said_is_not_its_successors(sqlite_rt: Runtime) -> None:
    desk = open_desk(sqlite_rt, make_childs_request(), vetted=True).judged().accepted()
    close_case(sqlite_rt, desk.officer, desk.case, desk.version, Ending.WITHDRAWN)
    aunt = make_person("Fatima Noor", birth="1980")
    reopen_case(sqlite_rt, desk.officer, desk.case, desk.version, "Her aunt asks.", aunt)
    assert desk.file.child is None
