"""Tasks that the node plans by itself: from the policy's periods, a rest, a child's birthday."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rfl.domain.casefile import Ending
from rfl.domain.request import Contact
from rfl.domain.task import TaskKind
from rfl.flows.assign import assign_case
from rfl.flows.close import close_case, reopen_case
from rfl.flows.plan_task import Due, TaskRow, add_task, do_task, due_tasks, read_task
from rfl.flows.runtime import Call, Runtime
from rfl.flows.suspend import suspend_case, take_up_case
from rfl.interchange.profile import shipped_profile
from tests.flows.test_beside import RING
from tests.office import Desk, make_account, open_desk
from tests.support import Clock, make_person, make_request

FAR = date(2060, 1, 1)


def rows(rt: Runtime, call: Call, until: date = FAR, **which: bool) -> list[TaskRow]:
    return due_tasks(rt, call, Due(until, **which), ((-1, ""), 50))


def kinds(desk: Desk, until: date = FAR) -> list[tuple[TaskKind, date]]:
    found = [
        read_task(desk.rt, desk.officer, row.id).task for row in rows(desk.rt, desk.officer, until)
    ]
    return [(task.kind, task.due_on) for task in found]


@pytest.mark.parametrize(
    ("profile", "country", "still", "review"),
    [
        ("neutral", None, 180, 365),
        ("transit_route", None, 30, 90),
        ("long_memory", None, 730, 1825),
    ],
)
def test_an_accepted_case_is_asked_about_after_the_days_of_its_policy(
    sqlite_rt: Runtime, profile: str, country: str | None, still: int, review: int
) -> None:
    sqlite_rt.rules = replace(sqlite_rt.rules, policy=shipped_profile(profile))
    desk = open_desk(sqlite_rt, make_request(contact=Contact(safest_channel="phone"))).judged()
    assert kinds(desk) == []
    desk.accepted(country)
    assert kinds(desk) == [
        (TaskKind.STILL_SEARCHING, desk.today + timedelta(days=still)),
        (TaskKind.REVIEW, desk.today + timedelta(days=review)),
    ]


@pytest.mark.parametrize("number", [0, 1], ids=["still searching", "review"])
def test_what_the_policy_wants_again_is_planned_anew_from_the_day_on_which_it_was_done(
    rt: Runtime, clock: Clock, number: int
) -> None:
    desk = open_desk(rt).judged().accepted()
    kind, due_on = kinds(desk)[number]
    days = (due_on - desk.today).days
    clock.move(days=days + 3)
    task = rows(rt, desk.officer)[number].id
    do_task(rt, desk.officer, task, 1, "They do; she has another phone.")
    assert (kind, desk.today + timedelta(days=days)) in kinds(desk)
    assert (kind, due_on) not in kinds(desk)


def test_a_rest_ends_with_a_task_that_taking_the_case_up_does(rt: Runtime, clock: Clock) -> None:
    desk = open_desk(rt).judged().accepted()
    review_on = desk.today + timedelta(days=10)
    suspend_case(rt, desk.officer, desk.case, desk.version, review_on, "The archive is closed.")
    assert kinds(desk, review_on - timedelta(days=1)) == []
    assert kinds(desk, review_on) == [(TaskKind.REVIEW_SUSPENDED, review_on)]
    take_up_case(rt, desk.officer, desk.case, desk.version)
    assert kinds(desk, review_on) == []


def test_a_closed_case_asks_for_nothing_but_what_an_officer_planned(rt: Runtime) -> None:
    desk = open_desk(rt).judged().accepted()
    planned = add_task(rt, desk.officer, desk.case, RING)
    close_case(rt, desk.officer, desk.case, desk.version, Ending.WITHDRAWN)
    assert [row.id for row in rows(rt, desk.officer)] == [planned]
    reopen_case(rt, desk.officer, desk.case, desk.version, "Her daughter asks.")
    desk.accepted()
    assert len(rows(rt, desk.officer)) == 3


def test_p19_a_child_who_asks_is_asked_anew_on_coming_of_age(sqlite_rt: Runtime) -> None:
    request = make_request(make_person("Amina Noor", birth="2012-05-04"), child_enquirer=True)
    desk = open_desk(sqlite_rt, request, vetted=True).judged().accepted()
    assert (TaskKind.ASK_CONSENT_ANEW, date(2030, 5, 4)) in kinds(desk)


OVERDUE: list[tuple[int, int, bool]] = [(8, 0, False), (9, 1, False), (10, 1, True)]


@pytest.mark.parametrize(("days", "shown", "overdue"), OVERDUE)
def test_a_task_shows_its_day_and_is_overdue_from_the_next_on(
    sqlite_rt: Runtime, clock: Clock, days: int, shown: int, overdue: bool
) -> None:
    desk = open_desk(sqlite_rt)
    add_task(sqlite_rt, desk.officer, desk.case, RING)
    clock.move(days=days)
    found = rows(sqlite_rt, desk.officer, desk.today)
    assert len(found) == shown
    assert [row.due_at for row in found] == [sqlite_rt.moment(RING.due_on)] * shown
    assert bool(rows(sqlite_rt, desk.officer, desk.today, overdue=True)) == overdue


def test_tasks_are_listed_in_pages_for_one_officer_or_the_branch(rt: Runtime) -> None:
    mine, theirs = open_desk(rt), open_desk(rt)
    for number in range(5):
        for desk in (mine, theirs):
            day = RING.due_on + timedelta(days=number % 2)
            add_task(rt, desk.officer, desk.case, replace(RING, due_on=day))
    for which, count in (({"mine": True}, 5), ({}, 10)):
        found: list[TaskRow] = []
        after = (-1, "")
        while page := due_tasks(rt, mine.officer, Due(FAR, **which), (after, 2)):
            found += page
            after = (page[-1].remind_at, page[-1].id)
        assert len({row.id for row in found}) == len(found) == count
        assert found == sorted(found, key=lambda row: (row.remind_at, row.id))


def test_tasks_go_with_their_case_to_another_officer(rt: Runtime) -> None:
    desk, other = open_desk(rt).judged().accepted(), make_account(rt)
    assert len(rows(rt, desk.officer, mine=True)) == 2
    assign_case(rt, desk.supervisor, desk.case, desk.version, other.actor.id)
    assert rows(rt, desk.officer, mine=True) == []
    assert len(rows(rt, other, mine=True)) == 2
