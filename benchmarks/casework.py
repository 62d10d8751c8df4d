"""Queues among many cases, tasks and requests to other societies.

A hundred officers have opened one case each, and one officer 200 more; the other rows are copies,
which no queue opens. What is timed is the whole flow of a page of fifty: the question, the log's
entry, the commit. Queues that are narrowed by what is sealed open 200 real cases for a page.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from benchmarks.node import SAMPLED, database
from benchmarks.report import Report, dumps, percentile
from rfl import wiring
from rfl.domain.access import Actor, Role
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.domain.task import Task, TaskKind
from rfl.flows import admit
from rfl.flows.join_search import join_search
from rfl.flows.plan_task import Due, add_task, due_tasks
from rfl.flows.queue import Narrow, Queue, list_queue, list_searches
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.transmit import Waits, waiting_transmissions
from rfl.storage.cases import OutsideState, cases
from rfl.storage.columns import insert_many
from rfl.storage.tasks import tasks
from rfl.storage.transmissions import transmissions
from tests.support import make_request

OFFICERS = 100
OPENED = 200
READINGS = 200
PAGE = ((-1, ""), 50)
DAY_MICROS = 86_400_000_000
_STATES = (OutsideState.OPEN, OutsideState.OPEN, OutsideState.WAITING, OutsideState.DUE)


def run(count: int) -> Report:
    """Measure among `count` cases, on SQLite and on PostgreSQL."""
    report = Report(f"casework among {count:,} cases")
    for kind in SAMPLED:
        with _node(kind) as rt:
            officers = [_account(rt, Role.TRACING_OFFICER) for _ in range(OFFICERS)]
            opened = [open_case(rt, one, make_request(), None).id for one in officers]
            _copy_cases(rt, officers, count - len(opened))
            _copy_tasks(rt, officers[0], opened[0], count)
            _copy_transmissions(rt, count // 5)
            _counted(rt)
            _queues(report, kind, rt, officers[0])
            _beside(report, kind, rt, officers[0])
            _narrowed(report, kind, rt)
            _searching(report, kind, rt, _account(rt, Role.TRACING_OFFICER), opened)
    return report


def _copy_cases(rt: Runtime, officers: list[Call], count: int) -> None:
    """Fill the table with rows of their own ids, officers, states and moments.

    One in fifty is nobody's yet, one in ten has its answer date within two weeks, one in five was
    judged by older rules.
    """
    code = rt.rules.policy.on(rt.today()).code

    def made(number: int, row: dict[str, Any]) -> dict[str, Any]:
        moment = row["created_at"] + number
        soon = moment + (number % 140) * DAY_MICROS
        officer = officers[number % OFFICERS].actor.id if number % 50 else None
        state = _STATES[number % len(_STATES)]
        review_at = moment - number if state is OutsideState.WAITING else None
        changed = {"officer": officer, "state": state, "created_at": moment, "due_at": soon}
        policy = code if number % 5 else f"older-{number % 3}"
        return row | changed | {"id": new_id("cas"), "review_at": review_at, "policy": policy}

    _copy(rt, cases, count, made)


def _copy_tasks(rt: Runtime, officer: Call, case_id: str, count: int) -> None:
    add_task(rt, officer, case_id, Task(TaskKind.OTHER, "Ring her", officer.actor.id, rt.today()))

    def made(number: int, row: dict[str, Any]) -> dict[str, Any]:
        moment = row["due_at"] + (number % 730 - 365) * DAY_MICROS
        holder = row["officer"] if number % OFFICERS == 0 else new_id("acc")
        return row | {"id": new_id("tsk"), "officer": holder, "due_at": moment, "remind_at": moment}

    _copy(rt, tasks, count, made)


def _copy_transmissions(rt: Runtime, count: int) -> None:
    """Requests to another society have the columns of tasks, and its code."""
    with rt.database.read() as connection:
        task = dict(connection.execute(select(tasks).limit(1)).mappings().one())
    del task["remind_at"]

    def made(number: int, _row: dict[str, Any]) -> dict[str, Any]:
        due_at = task["due_at"] + number * 1_000
        return task | {"id": new_id("trm"), "due_at": due_at, "peer": ("south", "west")[number % 2]}

    _copy(rt, transmissions, count, made)


def _copy(
    rt: Runtime, table: Table, count: int, made: Callable[[int, dict[str, Any]], dict[str, Any]]
) -> None:
    with rt.database.write() as connection:
        found = connection.execute(select(table).limit(1)).mappings().first()
        row = dict(found) if found is not None else {}
        for start in range(0, count, 1_000):
            numbers = range(start, min(start + 1_000, count))
            insert_many(connection, table, [made(number, row) for number in numbers])


def _queues(report: Report, kind: str, rt: Runtime, officer: Call) -> None:
    for name in Queue:
        took = _timed(lambda name=name: list_queue(rt, officer, name, PAGE))
        report.put(f"{kind}_{name}_p95_ms", percentile(took, 0.95), most=50)


def _beside(report: Report, kind: str, rt: Runtime, officer: Call) -> None:
    today = rt.today()
    asked: dict[str, Callable[[], object]] = {
        "tasks_mine": lambda: due_tasks(rt, officer, Due(today, mine=True), PAGE),
        "tasks_branch": lambda: due_tasks(rt, officer, Due(today + timedelta(days=30)), PAGE),
        "tasks_overdue": lambda: due_tasks(rt, officer, Due(today, overdue=True), PAGE),
        "partners": lambda: waiting_transmissions(rt, officer, Waits(), PAGE),
        "partners_of_one": lambda: waiting_transmissions(rt, officer, Waits(peer="west"), PAGE),
    }
    for name, do in asked.items():
        report.put(f"{kind}_{name}_p95_ms", percentile(_timed(do), 0.95), most=50)


def _narrowed(report: Report, kind: str, rt: Runtime) -> None:
    """Most of what is opened does not fit: the page looks at as many cases as it may."""
    officer = _account(rt, Role.TRACING_OFFICER)
    for number in range(OPENED):
        level = Level.NORMAL if number % 20 else Level.RESTRICTED
        open_case(rt, officer, make_request(level=level), None)
    for name, narrow in {
        "country": Narrow(country="AF"),
        "level": Narrow(level=Level.RESTRICTED),
        "age": Narrow(opened_from=rt.today()),
    }.items():
        took = _timed(lambda narrow=narrow: list_queue(rt, officer, Queue.MINE, PAGE, narrow))
        report.put(f"{kind}_by_{name}_p95_ms", percentile(took, 0.95), most=50)


def _searching(report: Report, kind: str, rt: Runtime, officer: Call, opened: list[str]) -> None:
    supervisor = _account(rt, Role.SUPERVISOR)
    for case_id in opened:
        join_search(rt, supervisor, case_id, officer.actor.id)
    took = _timed(lambda: list_searches(rt, officer, None, PAGE))
    report.put(f"{kind}_searching_p95_ms", percentile(took, 0.95), most=50)


def _timed(do: Callable[[], object]) -> list[float]:
    took = []
    for _ in range(READINGS):
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    return took


def _account(rt: Runtime, role: Role) -> Call:
    made = admit.add_account(rt, OFFICE_CALL, role, "north", "Bench")
    return Call(Actor(made.account, role, "north", session=made.token_id), Purpose.TRACING)


def _counted(rt: Runtime) -> None:
    """Let PostgreSQL count what stands in the tables, as it does by itself within minutes."""
    if not rt.database.is_sqlite:
        with rt.database.write() as connection:
            connection.exec_driver_sql("ANALYZE")


@contextmanager
def _node(kind: str) -> Iterator[Runtime]:
    with tempfile.TemporaryDirectory(prefix="rfl-bench-") as name, database(kind) as url:
        keys = Path(name) / "keys" / "master.key"
        chosen = wiring.settings(data=Path(name), key_file=keys, database=url or None)
        rt = wiring.prepare(chosen)
        yield rt
        rt.database.dispose()


def main() -> None:
    """Measure, print a table, and write JSON where asked."""
    parser = argparse.ArgumentParser(prog="benchmarks.casework", description=__doc__)
    parser.add_argument("--cases", type=int, default=50_000, help="how many there are")
    parser.add_argument("--json", type=Path, help="write all figures there")
    asked = parser.parse_args()
    report = run(asked.cases)
    print(report.table())
    if asked.json:
        asked.json.write_text(dumps([report]) + "\n", "utf-8")


if __name__ == "__main__":
    main()
