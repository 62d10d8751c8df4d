"""Queues among many cases, and a branch that takes in a thousand enquiries while officers work.

A hundred officers have opened one case each; the other rows are copies, which no queue opens. What
is timed is the whole flow of a queue's page of fifty: the question, the log's entry, the commit.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import select

from benchmarks.node import SAMPLED, database
from benchmarks.report import Report, dumps, percentile
from rfl import wiring
from rfl.domain.access import Actor, Role
from rfl.domain.enquiry import Channel, Enquiry
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.flows import admit
from rfl.flows.join_search import join_search
from rfl.flows.note import note
from rfl.flows.queue import Queue, list_queue, list_searches
from rfl.flows.read_file import read_file
from rfl.flows.receive_enquiry import receive_enquiry
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage.cases import cases
from rfl.storage.columns import insert_many
from tests.support import make_request

OFFICERS = 100
READINGS = 200
ENQUIRIES = 1_000
WORKING = 5
PAGE = ((-1, ""), 50)


def run(count: int) -> Report:
    """Measure among `count` cases, on SQLite and on PostgreSQL."""
    report = Report(f"casework among {count:,} cases")
    for kind in SAMPLED:
        with _node(kind) as rt:
            officers = [_account(rt, Role.TRACING_OFFICER) for _ in range(OFFICERS)]
            opened = [open_case(rt, one, make_request(), None).id for one in officers]
            _copy(rt, officers, count - len(opened))
            _queues(report, kind, rt, officers[0])
            _searching(report, kind, rt, _account(rt, Role.TRACING_OFFICER), opened)
            _surge(report, kind, rt, officers[:WORKING], opened)
    return report


def _copy(rt: Runtime, officers: list[Call], count: int) -> None:
    """Fill the table with rows of their own ids, officers and moments. No queue opens a row."""
    with rt.database.write() as connection:
        row = dict(connection.execute(select(cases).limit(1)).mappings().one())
        for start in range(0, count, 1_000):
            numbers = range(start, min(start + 1_000, count))
            made = [
                row
                | {"id": new_id("cas"), "officer": officers[number % OFFICERS].actor.id}
                | {"created_at": row["created_at"] + number}
                for number in numbers
            ]
            insert_many(connection, cases, made)


def _searching(report: Report, kind: str, rt: Runtime, officer: Call, opened: list[str]) -> None:
    supervisor = _account(rt, Role.SUPERVISOR)
    for case_id in opened:
        join_search(rt, supervisor, case_id, officer.actor.id)
    took = _timed(lambda: list_searches(rt, officer, None, PAGE))
    report.put(f"{kind}_searching_p95_ms", percentile(took, 0.95), most=50)


def _queues(report: Report, kind: str, rt: Runtime, officer: Call) -> None:
    for name in (Queue.MINE, Queue.BRANCH, Queue.UNASSIGNED, Queue.TO_TELL, Queue.TO_REVIEW):
        took = _timed(_page(rt, officer, name))
        report.put(f"{kind}_{name}_p95_ms", percentile(took, 0.95), most=50)


def _page(rt: Runtime, officer: Call, name: Queue) -> Callable[[], object]:
    return lambda: list_queue(rt, officer, name, PAGE)


def _surge(report: Report, kind: str, rt: Runtime, officers: list[Call], opened: list[str]) -> None:
    """A thousand enquiries one after the other, while officers read and note without a pause."""
    over = threading.Event()
    errors: list[BaseException] = []

    def work(number: int) -> None:
        officer, case_id = officers[number], opened[number]
        try:
            while not over.is_set():
                version = read_file(rt, officer, case_id).row.version
                note(rt, officer, case_id, version, "She rang.")
                over.wait(0.2)
        except BaseException as error:  # noqa: BLE001 (counted, whatever it is)
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(officers))]
    for thread in threads:
        thread.start()
    enquiry = Enquiry(Channel.VISIT, "Ali Hosseini", "He lost his mother.", True)
    took = _timed(lambda: receive_enquiry(rt, officers[0], enquiry), ENQUIRIES)
    over.set()
    for thread in threads:
        thread.join()
    report.put(f"{kind}_enquiry_p95_ms", percentile(took, 0.95), most=300)
    report.put(f"{kind}_enquiries_seconds", sum(took) / 1000, most=600)
    report.put(f"{kind}_errors", len(errors))


def _timed(do: Callable[[], object], times: int = READINGS) -> list[float]:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        took.append((time.perf_counter() - began) * 1000)
    return took


def _account(rt: Runtime, role: Role) -> Call:
    made = admit.add_account(rt, OFFICE_CALL, role, "north", "Bench")
    return Call(Actor(made.account, role, "north", session=made.token_id), Purpose.TRACING)


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
