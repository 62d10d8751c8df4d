"""Queues by level, country, age and branch; answers that come; cases left behind by the rules."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from rfl.domain.casefile import Ending, Kind
from rfl.domain.consent import Use
from rfl.domain.policy import Profile, Version
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.errors import Conflict, Forbidden
from rfl.flows import queue as flow
from rfl.flows.close import close_case
from rfl.flows.judge import judge_again, screen_enquirer
from rfl.flows.queue import Narrow, OutsideState, Queue, list_queue
from rfl.flows.register import open_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.tell import tell_due
from rfl.flows.transmit import Waits, queue_transmission, waiting_transmissions
from rfl.flows.withdraw import withdraw_consent
from tests.api.support import entries
from tests.casework import DAY
from tests.exchange.by_hand import know
from tests.flows.test_beside import TO_SOUTH, make_shared
from tests.office import NO_DANGER, make_account, open_desk
from tests.support import DPO, Clock, make_request

START = ((-1, ""), 50)


def ids(rt: Runtime, call: Call, name: Queue, **narrow: object) -> list[str]:
    return [row.id for row in list_queue(rt, call, name, START, Narrow(**narrow)).rows]  # type: ignore[arg-type]


def test_a_queue_is_narrowed_by_what_is_sealed_and_its_opening_is_entered(rt: Runtime) -> None:
    officer = make_account(rt)
    kept = {
        level: open_case(rt, officer, make_request(level=level), None).id
        for level in (Level.NORMAL, Level.RESTRICTED, Level.NAMED_PERSONS_ONLY)
    }
    before = len(entries(rt, "case.list"))
    for level, case in kept.items():
        assert ids(rt, officer, Queue.MINE, level=level) == [case]
    opened, shown = entries(rt, "case.list")[before : before + 2]
    assert (opened["count"], opened["objects"], bool(opened["groups"])) == (3, [], True)
    assert (shown["count"], len(shown["objects"])) == (1, 1)
    colleague = make_account(rt)
    assert ids(rt, colleague, Queue.BRANCH, level=Level.NAMED_PERSONS_ONLY) == []
    assert sorted(ids(rt, colleague, Queue.BRANCH)) == sorted(kept.values())


def test_a_queue_is_narrowed_by_the_country_in_which_the_search_goes_on(rt: Runtime) -> None:
    here, there = open_desk(rt).judged().accepted("AF"), open_desk(rt).judged().accepted("ER")
    reader = make_account(rt)
    assert ids(rt, reader, Queue.BRANCH, country="AF") == [here.case]
    assert ids(rt, reader, Queue.BRANCH, country="ER", level=Level.NORMAL) == [there.case]
    assert ids(rt, reader, Queue.BRANCH, country="SY") == []


def test_p20_who_is_not_vetted_does_not_learn_that_a_child_asks(sqlite_rt: Runtime) -> None:
    vetted, other = make_account(sqlite_rt, vetted=True), make_account(sqlite_rt)
    case = open_case(sqlite_rt, vetted, make_request(child_enquirer=True), None).id
    assert ids(sqlite_rt, vetted, Queue.BRANCH, level=Level.NORMAL) == [case]
    assert ids(sqlite_rt, other, Queue.BRANCH, level=Level.NORMAL) == []


AGES: list[tuple[dict[str, date], list[int]]] = [
    ({"opened_from": DAY + timedelta(days=1)}, [1, 2]),
    ({"opened_until": DAY + timedelta(days=1)}, [0, 1]),
    ({"opened_from": DAY + timedelta(days=1), "opened_until": DAY + timedelta(days=1)}, [1]),
]


@pytest.mark.parametrize(("days", "found"), AGES)
def test_a_queue_is_narrowed_by_the_age_of_its_cases(
    sqlite_rt: Runtime, clock: Clock, days: dict[str, date], found: list[int]
) -> None:
    officer, opened = make_account(sqlite_rt), []
    for _ in range(3):
        opened.append(open_case(sqlite_rt, officer, make_request(), None).id)
        clock.move(days=1)
    for name in (Queue.MINE, Queue.BRANCH):
        assert ids(sqlite_rt, officer, name, **days) == [opened[number] for number in found]


def test_another_branch_is_for_who_reaches_every_branch(sqlite_rt: Runtime) -> None:
    far = make_account(sqlite_rt, branch="elsewhere")
    case = open_case(sqlite_rt, far, make_request(), None).id
    guardian = replace(DPO, purpose=Purpose.DATA_SUBJECT_REQUEST)
    assert ids(sqlite_rt, guardian, Queue.BRANCH, branch="elsewhere") == [case]
    with pytest.raises(Forbidden):
        ids(sqlite_rt, make_account(sqlite_rt), Queue.BRANCH, branch="elsewhere")


def test_pages_of_a_narrowed_queue_pass_over_what_does_not_fit(
    sqlite_rt: Runtime, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "SCANNED", 3)
    officer, wanted = make_account(sqlite_rt), []
    for number in range(8):
        level = Level.RESTRICTED if number in (4, 7) else Level.NORMAL
        case = open_case(sqlite_rt, officer, make_request(level=level), None).id
        wanted += [case] if level is Level.RESTRICTED else []
        clock.move(seconds=1)
    found, after, pages = [], (-1, ""), 0
    while True:
        narrow = Narrow(level=Level.RESTRICTED)
        page = list_queue(sqlite_rt, officer, Queue.MINE, (after, 2), narrow)
        found, pages = found + [row.id for row in page.rows], pages + 1
        if page.after is None:
            break
        after = (page.after.created_at, page.after.id)
    assert (found, pages) == (wanted, 3)


def test_answer_dates_that_come_are_a_queue_two_weeks_before(rt: Runtime, clock: Clock) -> None:
    desk = open_desk(rt).judged().accepted()
    reader, answer_on = make_account(rt), desk.today + timedelta(days=180)
    assert ids(rt, reader, Queue.ANSWERS) == []
    assert ids(rt, reader, Queue.ANSWERS, until=answer_on - timedelta(days=1)) == []
    assert ids(rt, reader, Queue.ANSWERS, until=answer_on) == [desk.case]
    clock.move(days=180 - 14)
    assert ids(rt, reader, Queue.ANSWERS) == [desk.case]
    early = open_desk(rt).judged().accepted()
    close_case(rt, early.officer, early.case, early.version, Ending.WITHDRAWN)
    assert early.case not in ids(rt, reader, Queue.ANSWERS, until=answer_on.replace(year=2030))
    clock.move(days=14)
    tell_due(rt)
    assert ids(rt, reader, Queue.ANSWERS) == []
    assert ids(rt, reader, Queue.TO_TELL) == [desk.case]


def with_new_rules(rt: Runtime, clock: Clock) -> None:
    """Another version of the rules begins tomorrow; it is tomorrow."""
    [first] = rt.rules.policy.versions
    today = rt.today()
    second = Version("changed-2", today + timedelta(days=1), None, first.any, first.countries)
    versions = (replace(first, ends=today), second)
    rt.rules = replace(rt.rules, policy=Profile(rt.rules.policy.name, versions))
    clock.move(days=1)


def test_a_new_version_of_the_rules_asks_to_judge_every_open_case_again(
    rt: Runtime, clock: Clock
) -> None:
    desk, other = open_desk(rt).judged().accepted(), open_desk(rt).judged().accepted()
    fresh = open_case(rt, desk.officer, make_request(), None).id
    close_case(rt, other.officer, other.case, other.version, Ending.WITHDRAWN)
    reader = make_account(rt)
    assert ids(rt, reader, Queue.JUDGE_AGAIN) == []
    with_new_rules(rt, clock)
    assert ids(rt, reader, Queue.JUDGE_AGAIN) == [desk.case]
    answer_on = desk.file.answer_on
    with pytest.raises(Conflict, match="P-06"):
        judge_again(rt, desk.officer, desk.case, desk.version)
    screen_enquirer(rt, desk.officer, desk.case, desk.version, NO_DANGER)
    assert ids(rt, reader, Queue.JUDGE_AGAIN) == [desk.case]
    judge_again(rt, desk.officer, desk.case, desk.version)
    assert ids(rt, reader, Queue.JUDGE_AGAIN) == []
    assert (desk.file.policy, desk.file.answer_on) == ("changed-2", answer_on)
    assert desk.file.events[-1].kind is Kind.JUDGED_AGAIN
    with pytest.raises(Conflict, match="accepted"):
        judge_again(rt, desk.officer, fresh, 1)


def test_requests_wait_for_a_partner_until_it_has_nothing_to_do(rt: Runtime, clock: Clock) -> None:
    know(rt)
    desk = open_desk(rt, make_shared()).judged().accepted()
    later = replace(TO_SOUTH, due_on=TO_SOUTH.due_on + timedelta(days=9))
    sent = [queue_transmission(rt, desk.officer, desk.case, one) for one in (later, TO_SOUTH)]
    reader = make_account(rt)

    def waiting(call: Call, **which: object) -> list[str]:
        rows = waiting_transmissions(rt, call, Waits(**which), START)  # type: ignore[arg-type]
        return [row.id for row in rows]

    assert waiting(reader) == [sent[1], sent[0]]
    assert (waiting(reader, mine=True), waiting(reader, peer="west")) == ([], [])
    assert waiting(desk.officer, mine=True, peer="south") == [sent[1], sent[0]]
    assert waiting(reader, overdue=True) == []
    clock.move(days=(TO_SOUTH.due_on - DAY).days + 1)
    assert waiting(reader, overdue=True) == [sent[1]]
    share = frozenset({Use.SHARE})
    withdraw_consent(rt, desk.officer, desk.case, desk.version, share)
    assert waiting(reader) == []
    assert waiting(make_account(rt, branch="elsewhere")) == []


def test_p03_no_queue_tells_a_refusal_from_a_search_that_goes_on(rt: Runtime, clock: Clock) -> None:
    desks = [open_desk(rt).judged().accepted() for _ in range(2)]
    desks[0].located().answered()
    reader = make_account(rt)
    for days in (0, 170, 10, 400):
        clock.move(days=days)
        tell_due(rt)
        for name in (one for one in Queue if one is not Queue.MINE):
            shown = ids(rt, reader, name, state=None)
            assert len(set(shown) & {desk.case for desk in desks}) in (0, 2), name
    assert ids(rt, reader, Queue.BRANCH, state=OutsideState.OPEN) == []
