"""The course of a soak: letters are written, and at places drawn from a seed things go wrong."""

import os
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from signal import SIGKILL
from typing import ClassVar

from rfl.domain.access import Verb
from rfl.errors import StorageBusy, StorageFailed
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import outbox
from rfl.storage.outbox import OutState
from tests.postgres import Server
from tests.soak import findings
from tests.soak.findings import Findings
from tests.soak.line import Line, Odds
from tests.soak.node import CLERK, SERVE, WORKER, Node, free_port
from tests.soak.plan import Plan
from tests.soak.troubles import Troubles

TEXT = "x" * 1_500


@dataclass
class Course:
    """Two nodes, Skopje and Belgrade, the lines between them, and what was done to them.

    Each node serves, has a worker, and a process that writes: here a clerk of letters that say
    nothing.
    """

    writer: ClassVar[str] = CLERK
    text: ClassVar[str] = TEXT
    states: ClassVar[frozenset[str]] = frozenset({OutState.PROCESSED})
    """What may have become of a letter at the end."""

    plan: Plan
    folder: Path
    server: Server | None
    faults: Counter[str] = field(default_factory=Counter)
    deaths: Counter[str] = field(default_factory=Counter)
    """Of processes that nobody has killed: which, how it ended and what it said last."""

    def __post_init__(self) -> None:
        self.folder.mkdir()
        ports = [free_port(), free_port()]
        self.lines = tuple(
            Line(port, self.plan.seed + number, self.plan.odds) for number, port in enumerate(ports)
        )
        self.north, self.south = (
            self._node(code, port, line)
            for code, port, line in zip(("skopje", "belgrade"), ports, self.lines, strict=True)
        )
        self.nodes = (self.north, self.south)
        self._processes = (SERVE, WORKER, self.writer)

    def run(self) -> Findings:
        """Write all letters among all troubles, wait until they have arrived, and judge."""
        began = time.monotonic()
        self._befriend()
        for node in self.nodes:
            node.turn(mortality=self.plan.mortality)
            for process in self._processes:
                self._start(node, process)
        stopped_at = ""
        try:
            self._live()
        except TimeoutError as late:
            stopped_at = str(late)
        for node in self.nodes:
            node.kill_all()
            node.turn(mortality=0.0)
        return replace(self._judged(time.monotonic() - began), stopped_at=stopped_at)

    def _live(self) -> None:
        """Write, among all troubles, and wait until everything has arrived."""
        self._write(self.plan.letters, self.plan.answers, self.plan.pace)
        told = (self.plan, self.nodes, self.lines, self.server, self._processes)
        for share, trouble in Troubles(*told, self._start, self.faults).drawn():
            self._wait(lambda share=share: self._written() >= share * self.plan.letters)
            trouble()
        self._write(self.plan.letters, self.plan.answers, 0.0)
        self._wait(lambda: self._written() >= self.plan.letters)
        self._wait(self._is_settled)

    def end(self) -> None:
        """Stop whatever still runs."""
        for node in self.nodes:
            node.kill_all()
            node.look_away()
        for line in self.lines:
            line.end()

    def _node(self, code: str, port: int, line: Line) -> Node:
        home = self.folder / code
        database = f"sqlite:///{home / 'rfl.db'}"
        if self.server is not None:
            database = self.server.new_database(code, code)
        url = f"http://127.0.0.1:{line.port}"
        extra = self.plan.extra | (self.plan.south if code == "belgrade" else {})
        node = Node(code, home, port, url, database, extra=extra)
        node.say("init")
        node.say("peer", "init")
        return node

    def _befriend(self) -> None:
        """Each adds the other and compares the digits, before anything goes wrong."""
        for node in self.nodes:
            node.start(SERVE)
            node.wait_serving()
        for line in self.lines:
            line.odds = Odds(0, 0, 0, 0)
        for here, there in ((self.north, self.south), (self.south, self.north)):
            here.say("peer", "add", there.base_url)
            digits = there.answer("peer", "init")["fingerprint"]
            here.say("peer", "trust", there.code, digits)
        for line in self.lines:
            line.odds = self.plan.odds
        for node in self.nodes:
            node.kill(SERVE)

    def _start(self, node: Node, process: str) -> None:
        there = self.south if node is self.north else self.north
        node.start(process, to=there.code, text=self.text)

    def _write(self, letters: int, answers: int, pace: float) -> None:
        self.north.turn(letters=letters, pace=pace)
        self.south.turn(letters=answers, pace=pace * letters / max(answers, 1))

    def _wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + self.plan.patience
        while not until():
            self._revive()
            if time.monotonic() > end:
                raise TimeoutError(f"{self._told()}")
            time.sleep(0.1)

    def _revive(self) -> None:
        """Start again what has died by itself, as a service manager does."""
        for node in self.nodes:
            for name, process in list(node.running.items()):
                if not process.is_alive():
                    if not (self.plan.mortality and process.exitcode == -SIGKILL):
                        self.deaths[f"{node.code}: {node.obituary(name)}"] += 1
                    node.running.pop(name)
                    self._start(node, name)
                    self.faults["died"] += 1

    def _told(self) -> dict[str, object]:
        """Where it stands, for whoever has to find out why."""
        counted = {node.code: self._counts(node) for node in self.nodes}
        done = {"faults": dict(self.faults), "deaths": dict(self.deaths)}
        return {"seed": self.plan.seed} | done | counted

    def _written(self) -> int:
        return sum(self._counts(self.north).values())

    def _is_settled(self) -> bool:
        """True once everything was written, and has arrived."""
        counted = [self._counts(node) for node in self.nodes]
        goals = (self.plan.letters, self.plan.answers)
        enough = all(sum(one.values()) >= goal for one, goal in zip(counted, goals, strict=True))
        return enough and all(one and set(one) <= self.states for one in counted)

    def _counts(self, node: Node) -> dict[str, int]:
        with suppress(StorageBusy, StorageFailed):  # it is away, or was: asked again soon
            rt = node.watched()
            with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
                return {state: count for (_peer, state), count in outbox.counts(work).items()}
        return {}

    def _judged(self, seconds: float) -> Findings:
        found = Findings("postgres" if self.server else "sqlite", self.plan.seed, seconds)
        north, south = self.nodes
        for line in self.lines:
            self.faults.update(line.counts)
        found.faults, found.deaths = dict(self.faults), dict(self.deaths)
        found.alarms = dict(findings.alarms_of(north, south))
        found.untried = dict(self._planned() - self.faults)
        to_north, to_south = self.lines
        for sender, recipient, line in ((north, south, to_south), (south, north, to_north)):
            name = f"{sender.code} to {recipient.code}"
            found.directions[name] = findings.direction(sender, recipient, line.receipts)
        if not self.plan.sampled:
            return found
        found.receipts_by_command = findings.check_receipts(north, south, self.plan.sampled)
        found.logs_whole = sum(findings.log_is_whole(node) for node in self.nodes)
        found.disagreements = findings.disagreements(
            north, south, clock_was_ahead=self.faults["clock_jumps"] > 0
        )
        return found

    def _planned(self) -> Counter[str]:
        """What its plan lets go wrong, by the names under which it is counted."""
        plan = self.plan
        planned = {
            "kills": plan.kills,
            "latency_spikes": plan.spikes,
            "partitions": plan.partitions,
            "clock_jumps": plan.clock_jumps,
            "full_disks": plan.full_disks,
            "database_restarts": plan.restarts if self.server is not None else 0,
            "restores": plan.restores,
        }
        return Counter(planned)


@contextmanager
def soaked(
    plan: Plan, folder: Path, kind: str, course_of: type[Course] = Course
) -> Iterator[Findings]:
    """Run a plan on SQLite or PostgreSQL, and give what was found.

    `SOAK_KEEP` names a folder in which homes and logs stay; then the server's files do as well.
    """
    server = None
    if kind == "postgres":
        server = Server(durable=True)
        server.start()
    course = None
    try:
        course = course_of(plan, folder, server)
        yield course.run()
    finally:
        if course is not None:
            course.end()
        kept = os.environ.get("SOAK_KEEP")
        if server is not None:
            server.stop("fast") if kept else server.remove()
        if kept:
            shutil.move(folder, Path(kept) / f"{kind}-{plan.seed}")
        shutil.rmtree(folder, ignore_errors=True)
