"""Budgets: a stolen login gets as much as its holder would have read, and then nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.crypto.agent import LocalAgent
from rfl.crypto.keyring import FileProvider
from rfl.domain.access import Role
from rfl.domain.budget import DEFAULTS, Limit, Limits, What, parse_limits
from rfl.domain.entry import from_bytes
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.errors import BudgetSpent, InvalidInput
from rfl.flows.alert import list_alarms
from rfl.flows.follow import load_pools
from rfl.flows.queue import Narrow, Queue, list_queue
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.search import search
from rfl.flows.send_log import Form, Wish, send_log
from rfl.flows.tidy import tidy
from rfl.storage.budgets import HARD, SOFT, budget_marks, budgets
from rfl.storage.database import Database
from rfl.storage.ledger import ledger
from tests.support import Clock, make_call, make_person, make_request


def set_limits(rt: Runtime, role: Role = Role.TRACING_OFFICER, **limits: Limit) -> None:
    changed = dict(DEFAULTS[role]) | {What(name): limit for name, limit in limits.items()}
    rt.rules = replace(rt.rules, budgets={**DEFAULTS, role: changed})


def make_cases(rt: Runtime, count: int) -> list[str]:
    return [open_case(rt, make_call(), make_request(), None).id for _number in range(count)]


def counted(rt: Runtime, call: Call) -> dict[str, int]:
    mine = budgets.c.principal == call.actor.id
    with rt.database.read() as connection:
        rows = connection.execute(sa.select(budgets).where(mine)).mappings().all()
    return {row["what"]: row["count"] for row in rows}


def sounded(rt: Runtime) -> list[tuple[str, str]]:
    return [(alarm.code, alarm.subject) for alarm in list_alarms(rt, OFFICE_CALL)]


def test_a_record_counts_once_in_an_hour_and_once_on_a_day(rt: Runtime, clock: Clock) -> None:
    call, (first, second) = make_call(), make_cases(rt, 2)
    for case in (first, second, first):
        read_case(rt, call, case)
    assert counted(rt, call) == {"records_hour": 2, "records_day": 2}
    clock.move(hours=1)
    read_case(rt, call, first)
    with rt.database.read() as connection:
        counts = connection.scalars(sa.select(budgets.c.count).order_by(budgets.c.count)).all()
    assert list(counts) == [1, 2, 2]


def test_past_the_hard_limit_nothing_is_opened_and_an_entry_and_an_alarm_say_so(
    rt: Runtime, clock: Clock
) -> None:
    call, made = make_call(), make_cases(rt, 3)
    set_limits(rt, records_hour=Limit(1, 2))
    for case in made[:2]:
        read_case(rt, call, case)
    with pytest.raises(BudgetSpent):
        read_case(rt, call, made[2])
    assert counted(rt, call)["records_hour"] == 2
    with rt.database.read() as connection:
        bodies = connection.scalars(sa.select(ledger.c.body).order_by(ledger.c.seq)).all()
    said = [from_bytes(body) for body in bodies]
    refused = next(entry for entry in said if entry.reason == BudgetSpent.code)
    assert (refused.actor, refused.decision, len(refused.objects)) == (call.actor.id, "denied", 1)
    assert set(sounded(rt)) == {(SOFT, call.actor.id), (HARD, call.actor.id)}
    assert {entry.peer for entry in said} == {None}
    read_case(rt, call, made[0])  # what was opened in this hour stays within reach
    read_case(rt, make_call(), made[2])  # and nobody else is held up
    clock.move(hours=1)
    read_case(rt, call, made[2])


def test_within_the_soft_limit_nobody_is_alarmed(rt: Runtime) -> None:
    call, made = make_call(), make_cases(rt, 2)
    set_limits(rt, records_hour=Limit(2, 3), records_day=Limit(2, 3))
    for case in made:
        read_case(rt, call, case)
    assert sounded(rt) == []


def test_a_day_is_the_societys_and_outlasts_its_hours(rt: Runtime, clock: Clock) -> None:
    call, made = make_call(), make_cases(rt, 2)
    set_limits(rt, records_day=Limit(1, 1))
    read_case(rt, call, made[0])
    clock.move(hours=12)
    with pytest.raises(BudgetSpent):
        read_case(rt, call, made[1])
    clock.move(hours=2)  # 23:00 UTC is the next day in Skopje
    read_case(rt, call, made[1])


def test_a_clock_that_jumps_gives_no_budget_back(rt: Runtime, clock: Clock) -> None:
    call, made = make_call(), make_cases(rt, 2)
    set_limits(rt, records_hour=Limit(1, 1))
    read_case(rt, call, made[0])
    clock.move(days=3)
    clock.move(days=-3)
    with pytest.raises(BudgetSpent):
        read_case(rt, call, made[1])


def test_fifty_parallel_requests_of_two_processes_get_what_the_budget_has(
    rt: Runtime, tmp_path: Path
) -> None:
    """Each process has its own pool of connections and its own keys in memory."""
    call, made = make_call(), make_cases(rt, 50)
    set_limits(rt, records_hour=Limit(20, 20))
    provider = FileProvider(tmp_path / "keyring.json", key_file=tmp_path / "master.key")
    url = rt.database.engine.url.render_as_string(hide_password=False)
    other = Runtime(Database(url), LocalAgent(provider), rt.rules, rt.clock)

    def is_read(number: int) -> bool:
        try:
            read_case((rt, other)[number % 2], call, made[number])
        except BudgetSpent:
            return False
        return True

    with ThreadPoolExecutor(50) as everybody:
        assert sum(everybody.map(is_read, range(50))) == 20
    other.database.dispose()
    assert counted(rt, call)["records_hour"] == 20
    [alarm] = list_alarms(rt, OFFICE_CALL)  # one row, however many find it at once
    assert (alarm.code, alarm.count) == (HARD, 30)


def test_a_search_counts_itself_and_whom_it_shows(rt: Runtime) -> None:
    call, made = make_call(), make_cases(rt, 3)
    load_pools(rt)
    shown = search(rt, call, made[0], make_person("Ali Hosseini"))
    records = {hit.record for hit in shown}
    assert records
    counts = counted(rt, call)
    assert counts["searches_hour"] == counts["searches_day"] == 1
    assert counts["records_hour"] == len(records)
    set_limits(rt, searches_hour=Limit(1, 1))
    with pytest.raises(BudgetSpent):
        search(rt, call, made[0], make_person("Ali Hosseini"))


def test_an_export_counts_once_and_a_refused_one_never(sqlite_rt: Runtime) -> None:
    auditor = make_call(Role.AUDITOR, Purpose.AUDIT)
    with pytest.raises(InvalidInput):
        send_log(sqlite_rt, auditor, Wish(Form.CSV, "auditor-1", date(2026, 2, 28)))
    assert counted(sqlite_rt, auditor) == {}
    send_log(sqlite_rt, auditor, Wish(Form.CSV, "auditor-1", date(2027, 2, 28)))
    assert counted(sqlite_rt, auditor) == {"exports_hour": 1, "exports_day": 1}


def test_what_only_decides_what_a_queue_shows_is_not_counted(rt: Runtime) -> None:
    call = make_call(Role.SUPERVISOR)
    make_cases(rt, 3)
    narrow, page = Narrow(level=Level.RESTRICTED), ((-1, ""), 10)
    assert list_queue(rt, call, Queue.BRANCH, page, narrow).rows == []
    assert counted(rt, call) == {}
    narrow = Narrow(level=Level.NORMAL)
    assert len(list_queue(rt, call, Queue.BRANCH, page, narrow).rows) == 3
    assert counted(rt, call)["records_hour"] == 3


def test_nothing_in_clear_ties_a_reader_to_what_was_read(rt: Runtime) -> None:
    call, [case] = make_call(), make_cases(rt, 1)
    read_case(rt, call, case)
    with rt.database.read() as connection:
        marks = connection.scalars(sa.select(budget_marks.c.mark)).all()
    assert len(set(marks)) == 2
    assert not any(case.encode() in mark or call.actor.id.encode() in mark for mark in marks)


def test_counts_of_a_time_that_has_ended_are_forgotten(rt: Runtime, clock: Clock) -> None:
    call, [case] = make_call(), make_cases(rt, 1)
    read_case(rt, call, case)
    clock.move(days=2)
    tidy(rt)
    with rt.database.read() as connection:
        kept = [connection.execute(sa.select(table)).all() for table in (budgets, budget_marks)]
    assert kept == [[], []]


def test_the_nodes_own_jobs_have_a_rate_of_keys(sqlite_rt: Runtime, clock: Clock) -> None:
    make_cases(sqlite_rt, 3)
    sqlite_rt.rate.limit = Limit(2, 4)
    load_pools(sqlite_rt)
    assert sqlite_rt.rate.passed()
    assert not sqlite_rt.rate.passed()
    with pytest.raises(BudgetSpent):
        load_pools(sqlite_rt)
    read_case(sqlite_rt, make_call(), make_cases(sqlite_rt, 1)[0])  # officers go on
    clock.move(hours=1)
    load_pools(sqlite_rt)


DEFAULT: Limits = {What.RECORDS_HOUR: Limit(1, 2), What.RECORDS_DAY: Limit(3, 4)}


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("", DEFAULT),
        ("records_hour=5/6", {What.RECORDS_HOUR: Limit(5, 6), What.RECORDS_DAY: Limit(3, 4)}),
        (
            "records_day=0/0,records_hour=7/7",
            {"records_hour": Limit(7, 7), "records_day": Limit(0, 0)},
        ),
    ],
)
def test_a_setting_changes_the_counts_that_it_names(text: str, limits: Limits) -> None:
    assert parse_limits(text, DEFAULT) == limits


@pytest.mark.parametrize(
    "text", ["records_hour=6/5", "records_hour=5", "keys_hour=1/2", "records_hour=-1/2", "x"]
)
def test_a_setting_that_says_nothing_clear_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_limits(text, DEFAULT)
