"""Queues: what waits, in pages, and nothing of what a search found outside its team."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from rfl.domain.access import Role
from rfl.domain.answer import Item
from rfl.domain.desk import Waits
from rfl.domain.ids import new_id
from rfl.errors import Conflict, Forbidden, NotFound
from rfl.flows import seek
from rfl.flows.assign import assign_case
from rfl.flows.erase import erase_case
from rfl.flows.join_search import leave_search
from rfl.flows.queue import Narrow, OutsideState, Queue, list_queue, list_searches
from rfl.flows.register import open_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.suspend import suspend_case
from rfl.flows.tell import tell_due
from rfl.storage.desks import desks
from rfl.storage.tasks import tasks
from tests.office import Desk, make_account, open_desk
from tests.support import DPO, SUPERVISOR, Clock, make_call, make_request

START = ((-1, ""), 50)


def queue(rt: Runtime, call: Call, name: Queue, state: OutsideState | None = None) -> list[str]:
    return [row.id for row in list_queue(rt, call, name, START, Narrow(state)).rows]


def waiting(desk: Desk, by: Call | None = None) -> tuple[Waits, ...]:
    [row] = list_searches(desk.rt, by or desk.searcher, None, START)
    assert row.id == desk.case
    return row.waits


def test_my_cases_and_my_branchs_are_told_apart(rt: Runtime) -> None:
    one, other = make_account(rt), make_account(rt)
    elsewhere = make_account(rt, branch="elsewhere")
    mine = [open_case(rt, one, make_request(), None).id for _ in range(2)]
    theirs = open_case(rt, other, make_request(), None).id
    far = open_case(rt, elsewhere, make_request(), None).id
    assert sorted(queue(rt, one, Queue.MINE)) == sorted(mine)
    assert sorted(queue(rt, other, Queue.BRANCH)) == sorted([*mine, theirs])
    assert queue(rt, elsewhere, Queue.BRANCH) == [far]
    assert queue(rt, one, Queue.UNASSIGNED) == []


def test_what_a_volunteer_took_in_is_unassigned_until_a_supervisor_gives_it(rt: Runtime) -> None:
    officer, supervisor = make_account(rt), make_account(rt, Role.SUPERVISOR)
    volunteer = make_account(rt, Role.INTAKE_VOLUNTEER)
    case = open_case(rt, volunteer, make_request(), None).id
    assert queue(rt, officer, Queue.UNASSIGNED) == [case]
    assign_case(rt, supervisor, case, 1, officer.actor.id)
    assert queue(rt, officer, Queue.UNASSIGNED) == []
    assert queue(rt, officer, Queue.MINE) == [case]
    with pytest.raises(Forbidden):
        queue(rt, volunteer, Queue.BRANCH)


def test_a_case_that_rests_is_to_be_reviewed_on_its_day(rt: Runtime, clock: Clock) -> None:
    desk = open_desk(rt)
    review_on = desk.today + timedelta(days=10)
    suspend_case(rt, desk.officer, desk.case, desk.version, review_on, "The archive is closed.")
    assert queue(rt, desk.officer, Queue.TO_REVIEW) == []
    assert queue(rt, desk.officer, Queue.MINE, OutsideState.WAITING) == [desk.case]
    assert queue(rt, desk.officer, Queue.MINE, OutsideState.OPEN) == []
    clock.move(days=10)
    assert queue(rt, desk.officer, Queue.TO_REVIEW) == [desk.case]


def test_p03_a_family_is_to_be_told_on_the_answer_date_whatever_was_found(
    rt: Runtime, clock: Clock
) -> None:
    refused = open_desk(rt).judged().accepted().located().answered()
    searching = replace(refused, case=open_desk(rt).judged().accepted().case)
    names = (Queue.TO_TELL, Queue.TO_REVIEW, Queue.BRANCH)
    before = [queue(rt, refused.officer, name) for name in names]
    assert before[0] == []
    clock.move(days=400)
    tell_due(rt)
    reader = make_account(rt)
    assert sorted(queue(rt, reader, Queue.TO_TELL)) == sorted([refused.case, searching.case])


@pytest.mark.parametrize("name", [Queue.MINE, Queue.BRANCH])
def test_pages_go_on_where_the_last_ended(rt: Runtime, clock: Clock, name: Queue) -> None:
    officer = make_account(rt)
    opened = []
    for number in range(5):
        opened.append(open_case(rt, officer, make_request(), None).id)
        clock.move(minutes=number % 2)
    found: list[str] = []
    after = START[0]
    while page := list_queue(rt, officer, name, (after, 2)).rows:
        found += [row.id for row in page]
        after = (page[-1].created_at, page[-1].id)
    assert sorted(found) == sorted(opened)
    assert len(set(found)) == 5


STEPS: list[tuple[str, Callable[[Desk], object], set[Waits]]] = [
    ("joined", lambda desk: desk, {Waits.SEARCH, Waits.SCREENING}),
    ("screened", lambda desk: desk.judged().accepted(), {Waits.SEARCH}),
    ("lead", lambda desk: desk.judged().accepted().lead(), {Waits.VERIFICATION}),
    ("located", lambda desk: desk.judged().accepted().located(), {Waits.CONSULTATION}),
    ("refused", lambda desk: desk.judged().accepted().located().answered(), {Waits.NOTHING}),
    ("dead", lambda desk: desk.judged().accepted().reported_dead(), {Waits.SECOND_OFFICER}),
]


@pytest.mark.parametrize(("name", "work", "waits"), STEPS, ids=[one[0] for one in STEPS])
def test_the_team_sees_what_each_of_its_searches_waits_for(
    rt: Runtime, name: str, work: Callable[[Desk], object], waits: set[Waits]
) -> None:
    desk = open_desk(rt)
    work(desk)
    assert set(waiting(desk)) == waits == set(waiting(desk, desk.second))
    for one in Waits:
        shown = list_searches(rt, desk.searcher, one, START)
        assert bool(shown) == (one in waits)


def test_p01_nobody_outside_the_team_has_its_searches_in_a_queue(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted().located().answered(Item.MESSAGE)
    for reader in (desk.officer, desk.supervisor, make_account(rt)):
        assert list_searches(rt, reader, None, START) == []
    for reader in (DPO, make_call(Role.AUDITOR)):
        with pytest.raises(Forbidden):
            list_searches(rt, reader, None, START)
    leave_search(rt, desk.supervisor, desk.case, desk.second.actor.id)
    assert list_searches(rt, desk.second, None, START) == []
    assert list_searches(rt, desk.searcher, None, START)


def test_p37_a_case_whose_enquirer_came_into_the_same_hand_leaves_the_desk(rt: Runtime) -> None:
    desk = open_desk(rt)
    assign_case(rt, desk.supervisor, desk.case, desk.version, desk.searcher.actor.id)
    assert list_searches(rt, desk.searcher, None, START) == []
    desk.joined(desk.searcher)
    assert list_searches(rt, desk.searcher, None, START)


def test_p03_a_desk_shows_outside_that_somebody_worked_and_no_more(rt: Runtime) -> None:
    sizes = set()
    ends: list[Callable[[Desk], object]] = [
        lambda desk: desk.answered(),
        lambda desk: desk.answered(Item.MESSAGE, Item.PHONE),
        lambda desk: desk.reported_dead(),
    ]
    for work in ends:
        desk = open_desk(rt).judged().accepted().located()
        work(desk)
        with rt.database.read() as connection:
            mine = sa.select(desks).where(desks.c.id == desk.searcher.actor.id)
            [row] = connection.execute(mine)
        sizes.add((len(row), len(row.content)))
    assert len(sizes) == 1


def test_what_an_erased_case_waited_for_cannot_be_opened_any_more(rt: Runtime) -> None:
    desk = open_desk(rt)
    erase_case(rt, SUPERVISOR, desk.case, "data_subject_request")
    assert list_searches(rt, desk.searcher, None, START) == []


def test_tasks_of_the_team_stand_on_its_desks_alone_and_make_no_row(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    first, later = (desk.today + timedelta(days=days) for days in (3, 9))

    def days() -> set[date | None]:
        members = (desk.searcher, desk.second)
        return {list_searches(rt, one, None, START)[0].to_do_on for one in members}

    with rt.database.read() as connection:
        rows = connection.scalar(sa.select(sa.func.count()).select_from(tasks))
    assert days() == {None}
    for due_on in (later, first):
        seek.plan_step(rt, desk.searcher, desk.case, desk.journal.version, due_on, "Ask again")
    assert days() == {first}
    planned = {one.due_on: one.id for one in desk.journal.to_do}
    seek.do_step(rt, desk.second, desk.case, desk.journal.version, planned[first])
    assert days() == {later}
    with pytest.raises(Conflict):
        seek.do_step(rt, desk.second, desk.case, desk.journal.version, planned[first])
    with pytest.raises(NotFound):
        seek.do_step(rt, desk.second, desk.case, desk.journal.version, new_id("tsk"))
    with pytest.raises(Forbidden):
        seek.plan_step(rt, desk.officer, desk.case, 1, first, "Ask again")
    with rt.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tasks)) == rows
