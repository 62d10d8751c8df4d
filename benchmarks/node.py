"""A node as its users meet it: real server process, real sockets, many people in the pools.

Eight connections open cases; then requests are registered one by one and timed until their
proposal can be read. The client is the standard library's, so that it takes little of the two
cores that it shares with the node.
"""

import http.client
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from benchmarks import people
from benchmarks.lists import OFFICER, TERMS, TODAY
from benchmarks.report import Report, percentile
from rfl import wiring
from rfl.domain.access import Role
from rfl.flows import admit, offer_list, take_list
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.interchange.csvlist import read_csv
from tests.postgres import APP, Server

CONNECTIONS = 8
REQUESTS = 40
SAMPLED = ("sqlite", "postgres")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Served:
    """A running node: where it listens, an officer's token for each connection, its process and the
    names that it holds.
    """

    port: int
    tokens: list[str]
    process: int
    people: list[people.Invented]


def run(count: int, seconds: float) -> Report:
    """Measure a node with `count` people on SQLite and on PostgreSQL."""
    report = Report(f"node with {count:,} people")
    for kind in SAMPLED:
        goals = {"sqlite": (200.0, 100.0), "postgres": (300.0, 50.0)}[kind]
        with served(kind, count) as node:
            report.put(f"{kind}_rss_mb", _rss_mb(node.process), most=350)
            times, per_second = _openings(node, seconds)
            report.put(f"{kind}_open_per_second", per_second, least=goals[0])
            report.put(f"{kind}_open_p50_ms", percentile(times, 0.5))
            report.put(f"{kind}_open_p99_ms", percentile(times, 0.99), most=goals[1])
            took, proposed = _requests(node)
            report.put(f"{kind}_request_p95_ms", percentile(took, 0.95), most=40)
            report.put(f"{kind}_proposal_p95_ms", percentile(proposed, 0.95), most=1_000)
            report.put(f"{kind}_rss_after_mb", _rss_mb(node.process), most=350)
    return report


@contextmanager
def served(kind: str, count: int) -> Iterator[Served]:
    """A node of its own on a free port, filled before it starts."""
    rows = list(people.people(count))

    def fill(rt: Runtime) -> list[str]:
        register_people(rt, rows)
        return [
            admit.add_account(rt, OFFICE_CALL, Role.TRACING_OFFICER, "north", "Bench").token
            for _connection in range(CONNECTIONS)
        ]

    with serving(kind, fill) as (port, process, tokens):
        yield Served(port, tokens, process, rows)


_COUNTS = ("records_hour", "records_day", "searches_hour", "searches_day")
_ROLES = ("INTAKE_VOLUNTEER", "TRACING_OFFICER", "SUPERVISOR")
# One account does in a minute what an office does in a month.
ROOMY = {
    f"RFL_BUDGET_{role}": ",".join(f"{one}=10000000/10000000" for one in _COUNTS) for role in _ROLES
}


@contextmanager
def serving(kind: str, prepare: Callable[[Runtime], _T]) -> Iterator[tuple[int, int, _T]]:
    """A node on a free port, prepared before it starts: its port, its process, what was made."""
    with tempfile.TemporaryDirectory(prefix="rfl-bench-") as name, database(kind) as url:
        folder = Path(name)
        settings = {"RFL_DATA": name, "RFL_KEY_FILE": str(folder / "keys" / "master.key")}
        settings |= {"RFL_DATABASE": url} if url else {}
        settings |= ROOMY
        chosen = wiring.settings(
            data=folder, key_file=folder / "keys" / "master.key", database=url or None
        )
        rt = wiring.prepare(chosen)
        made = prepare(rt)
        rt.database.dispose()
        command = [sys.executable, "-m", "rfl.cli.main", "serve", "--port", "0"]
        with subprocess.Popen(
            command,
            env={**os.environ, **settings, "RFL_LOG_LEVEL": "warning"},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                port = _port(process)
                _wait_ready(port)
                yield port, process.pid, made
            finally:
                process.terminate()
                process.wait(20)


def register_people(rt: Runtime, rows: list[people.Invented]) -> None:
    """Take these people in as a list, which meets nobody yet."""
    list_id = offer_list.open_list(rt, OFFICER, TERMS)
    listing = read_csv(io.BytesIO(people.as_csv(rows)), TERMS, None, TODAY)
    take_list.take_list(rt, OFFICER, list_id, listing)
    # Registrations meet nobody yet, so what waits for the matcher is marked as done.
    with rt.database.write() as connection:
        connection.exec_driver_sql("UPDATE feed SET matched = true")


@contextmanager
def database(kind: str) -> Iterator[str]:
    """An empty database of this kind: its address, or nothing for the node's own file."""
    if kind == "sqlite":
        yield ""
        return
    server = Server()
    server.start()
    try:
        yield server.new_database(APP)
    finally:
        server.remove()


def _port(process: "subprocess.Popen[str]") -> int:
    for line in process.stdout or ():
        if "http://" in line:
            return int(line.strip().rstrip("/").rsplit(":", 1)[1])
    raise RuntimeError("the node did not start")


def _wait_ready(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with closing(http.client.HTTPConnection("127.0.0.1", port)) as connection:
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError("the node did not become ready")


def _openings(node: Served, seconds: float) -> tuple[list[float], float]:
    with Caller(node.port, node.tokens[0]) as first:
        cases = [_open_case(first, node.people[number]) for number in range(64)]
        _await_proposals(first, cases[-1])
    times: list[float] = []
    ends = time.perf_counter() + seconds

    def work(number: int) -> None:
        mine, step = [], number
        with Caller(node.port, node.tokens[number]) as caller:
            while time.perf_counter() < ends:
                began = time.perf_counter()
                caller.call("GET", f"/v1/cases/{cases[step % len(cases)]}", expect=200)
                mine.append((time.perf_counter() - began) * 1_000)
                step += CONNECTIONS
        times.extend(mine)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, len(times) / (time.perf_counter() - began)


def _requests(node: Served) -> tuple[list[float], list[float]]:
    took, proposed = [], []
    with Caller(node.port, node.tokens[0]) as caller:
        for number in range(REQUESTS):
            began = time.perf_counter()
            case = _open_case(caller, node.people[100 + number])
            answered = time.perf_counter()
            took.append((answered - began) * 1_000)
            _await_proposals(caller, case)
            proposed.append((time.perf_counter() - answered) * 1_000)
    return took, proposed


def _await_proposals(caller: "Caller", case: str) -> None:
    deadline = time.perf_counter() + 30
    while not json.loads(caller.call("GET", f"/v1/cases/{case}/matches", expect=200))["items"]:
        if time.perf_counter() > deadline:
            raise RuntimeError("no proposal came")
        time.sleep(0.02)


def _open_case(caller: "Caller", sought: people.Invented) -> str:
    body = {
        "enquirer": {"names": [{"text": "Bench Enquirer"}], "sex": "male"},
        "sought": [
            {
                "relation": "mother",
                "person": {
                    "names": [{"text": sought.full_name}],
                    "sex": sought.sex,
                    "birth": {"text": sought.birth},
                },
            }
        ],
        "legal_basis": "public_interest",
    }
    return str(json.loads(caller.call("POST", "/v1/requests", body, expect=201))["id"])


class Caller:
    """One kept connection of one account."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {
            "Authorization": f"Bearer {token}",
            "RFL-Purpose": "tracing",
            "Content-Type": "application/json",
        }

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_failed: object) -> None:
        self._connection.close()

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        expect: int,
        version: int | None = None,
    ) -> bytes:
        """Return the answer's body, or raise RuntimeError at any other status."""
        content = None if body is None else json.dumps(body).encode()
        stamp = {} if version is None else {"If-Match": f'"{version}"'}
        self._connection.request(method, path, content, self._headers | stamp)
        answer = self._connection.getresponse()
        read = answer.read()
        if answer.status != expect:
            raise RuntimeError(f"{method} answered {answer.status}: {read[:300]!r}")
        return read


def _rss_mb(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0
