"""The access log: entries beside bare inserts, proofs, verification, questions, room on disk.

`python -m benchmarks.audit --entries N --json`. Durable flows of one entry each are written by 8
threads, on SQLite with the log's sequencer beside them, and beside them the very rows that such a
flow inserts, bare. Then the log is filled up to N true entries through storage, and asked.
PostgreSQL runs with fsync; its log has at most 1,000,000 entries.
"""

import argparse
import io
import json
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.audit_fill import entry, fill
from benchmarks.report import Report, percentile
from rfl.audit import sequencer
from rfl.audit.verify import verify
from rfl.crypto.agent import LocalAgent
from rfl.crypto.keyring import FileProvider, make_key_file
from rfl.domain.access import Verb
from rfl.domain.entry import written_time
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.flows.export_log import export_log
from rfl.flows.rules import Rules
from rfl.flows.runtime import MATCHER_CALL, OFFICE_CALL, Call, Runtime
from rfl.flows.sequence import sequence_waiting
from rfl.flows.trace_reading import trace_reading
from rfl.storage import ledger, migrate, tree
from rfl.storage.database import Database
from rfl.storage.work import micros
from tests.postgres import APP, Server

WRITERS = 8
SECONDS = 4.0
MANY = 16
MOST = {"sqlite": 100_000_000, "postgres": 1_000_000}
MOST_EXPORTED = 1_000_000
AUDIT = Call(OFFICE_CALL.actor, Purpose.AUDIT)


def run(count: int) -> Report:
    """Measure both databases; the figures of PostgreSQL begin with its name."""
    report = Report(f"access log of {count:,} entries")
    for kind, most in MOST.items():
        with _node(kind) as rt:
            _measure(report, rt, min(count, most), "" if kind == "sqlite" else f"{kind}_")
    return report


def _measure(report: Report, rt: Runtime, count: int, name: str) -> None:
    bare = _per_second(rt, lambda: _insert_bare(rt))
    with _sequencing(rt):
        appends = _per_second(rt, lambda: _flow(rt, 1))
        entries = MANY * _per_second(rt, lambda: _flow(rt, MANY))
    report.put(f"{name}appends_per_second", appends)
    report.put(f"{name}bare_inserts_per_second", bare)
    report.put(f"{name}ratio_to_bare", bare / appends, most=2)
    report.put(f"{name}entries_per_second_by_16", entries, least=15_000)
    filled = fill(rt, count)
    report.put(f"{name}filled_per_second", filled.per_second)
    proofs = _proofs(rt)
    report.put(f"{name}proof_ms", percentile(proofs, 0.5), most=1)
    report.put(f"{name}proof_p95_ms", percentile(proofs, 0.95))
    lookups, computed = _lookups(rt, filled.log_ids)
    report.put(f"{name}lookup_p95_ms", percentile(lookups, 0.95), most=50)
    report.put(f"{name}lookup_cpu_p95_ms", percentile(computed, 0.95))
    report.put(f"{name}bytes_per_entry", _bytes(rt) / _size(rt), most=900)
    if _size(rt) <= MOST_EXPORTED:
        report.put(f"{name}verify_per_second", _verified_per_second(rt), least=200_000)


def _per_second(rt: Runtime, step: Callable[[], object]) -> float:
    """Let WRITERS threads repeat a step; return how often it was done in a second."""
    done = [0] * WRITERS
    step()
    ends = time.perf_counter() + SECONDS

    def work(number: int) -> None:
        while time.perf_counter() < ends:
            step()
            done[number] += 1

    threads = [threading.Thread(target=work, args=(number,)) for number in range(WRITERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


def _flow(rt: Runtime, entries: int) -> None:
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        for _entry in range(entries):
            ledger.append(work, objects=[new_id("log")], count=1)


def _insert_bare(rt: Runtime) -> None:
    """Insert the rows of such a flow, made here, and nothing else."""
    now = rt.clock()
    made = entry(written_time(now), new_id("log"))
    with rt.database.write() as connection:
        ledger.enter(connection, made, micros(now))


@contextmanager
def _sequencing(rt: Runtime) -> Iterator[None]:
    """Give entries their places beside the writers, as a serving node does."""
    ending = threading.Event()

    def sequence() -> None:
        while not ending.wait(0.5):
            sequence_waiting(rt)

    thread = threading.Thread(target=sequence)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _proofs(rt: Runtime) -> list[float]:
    """Milliseconds of proofs that some leaf is in the log, of any place."""
    size = _size(rt)

    def prove() -> None:
        with rt.database.ask() as connection:
            work = rt._work(connection, OFFICE_CALL, Verb.LOG_READ)
            sequencer.stored(work).inclusion_proof(random.randrange(size), size)

    return _timed(prove, 1_000)[0]


def _lookups(rt: Runtime, log_ids: Sequence[str]) -> tuple[list[float], list[float]]:
    """Milliseconds of the question who opened this person, with its own entry; see `_timed`."""
    return _timed(lambda: trace_reading(rt, AUDIT, random.choice(log_ids)), 300)


def _timed(step: Callable[[], object], times: int) -> tuple[list[float], list[float]]:
    """Milliseconds by the clock, and those that were computed: others may use the machine too."""
    took, computed = [], []
    for _time in range(times):
        began, before = time.perf_counter(), time.thread_time()
        step()
        took.append((time.perf_counter() - began) * 1_000)
        computed.append((time.thread_time() - before) * 1_000)
    return took, computed


def _verified_per_second(rt: Runtime) -> float:
    sink = io.BytesIO()
    export_log(rt, AUDIT, sink)
    sink.seek(0)
    began = time.perf_counter()
    verdict = verify(sink)
    seconds = time.perf_counter() - began
    if verdict.finding is not None:
        raise RuntimeError("the log is not whole")
    return verdict.size / seconds


def _size(rt: Runtime) -> int:
    with rt.look(OFFICE_CALL, Verb.LOG_READ) as work:
        return tree.size(work)


def _bytes(rt: Runtime) -> int:
    """What the log takes, all indexes and its tree included."""
    tables = ("ledger", "ledger_objects", "ledger_waiting", "tree_tiles", "tree_order")
    if rt.database.is_sqlite:
        rt.database.scrub()
        return rt.database.path.stat().st_size
    with rt.database.ask() as connection:
        # As autovacuum leaves them: entries that wait no longer leave room for the next ones.
        connection.exec_driver_sql("VACUUM (FULL) ledger_waiting")
        question = "SELECT pg_total_relation_size(%s)"
        return sum(connection.exec_driver_sql(question, (one,)).scalar_one() for one in tables)


@contextmanager
def _node(kind: str) -> Iterator[Runtime]:
    with tempfile.TemporaryDirectory(prefix="rfl-bench-") as name, _database(kind, name) as url:
        folder = Path(name)
        make_key_file(folder / "master.key")
        provider = FileProvider(folder / "keyring.json", key_file=folder / "master.key")
        provider.create()
        database = Database(url)
        migrate.upgrade(database)
        rules = Rules("bench", ZoneInfo("UTC"), frozenset())
        rt = Runtime(database, LocalAgent(provider), rules, lambda: datetime.now(UTC))
        yield rt
        rt.database.dispose()


@contextmanager
def _database(kind: str, folder: str) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder}/rfl.db"
        return
    server = Server(durable=True)
    server.start()
    try:
        yield server.new_database(APP)
    finally:
        server.remove()


def main() -> None:
    """Measure, and print a table or one JSON object."""
    parser = argparse.ArgumentParser(prog="benchmarks.audit", description=__doc__)
    parser.add_argument("--entries", type=int, default=200_000, help="how many the log holds")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    asked = parser.parse_args()
    report = run(asked.entries)
    if asked.json:
        goals = report.as_json()["goals"]
        print(json.dumps({"entries": asked.entries, **report.figures, "goals": goals}, indent=1))
    else:
        print(report.table())


if __name__ == "__main__":
    main()
