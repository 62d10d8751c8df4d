"""The course of a soak: letters are written, and at places drawn from a seed things go wrong."""

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from rfl.domain.access import Verb
from rfl.errors import StorageBusy, StorageFailed
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import outbox
from tests.postgres import Server
from tests.soak import findings
from tests.soak.findings import Findings
from tests.soak.line import Line, Odds
from tests.soak.node import CLERK, SERVE, WORKER, Node, free_port

PROCESSES = (SERVE, WORKER, CLERK)
PATIENCE = 240.0
TEXT = "x" * 1_500


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How much is written, at which pace, and how often what goes wrong."""

    letters: int
    answers: int
    kills: int
    pace: float
    seed: int
    spikes: int = 3
    partitions: int = 1
    clock_jumps: int = 1
    full_disks: int = 1
    restarts: int = 1
    restores: int = 1
    trouble_seconds: float = 5.0
    sampled: int = 10
    """Receipts that `rfl receipt verify` judges; 0: no command judges anything."""

    odds: Odds = field(default_factory=Odds)
    extra: dict[str, str] = field(default_factory=dict)


@dataclass
class Course:
    """Two nodes, Skopje and Belgrade, the lines between them, and what was done to them."""

    plan: Plan
    folder: Path
    server: Server | None
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._promised: set[bytes] = set()
        self.dice = random.Random(self.plan.seed)
        self.folder.mkdir()
        ports = [free_port(), free_port()]
        self.lines = [
            Line(port, self.plan.seed + number, self.plan.odds) for number, port in enumerate(ports)
        ]
        self.north, self.south = (
            self._node(code, port, line)
            for code, port, line in zip(("skopje", "belgrade"), ports, self.lines, strict=True)
        )
        self.nodes = (self.north, self.south)

    def run(self) -> Findings:
        """Write all letters among all troubles, wait until they have arrived, and judge."""
        began = time.monotonic()
        self._befriend()
        for node in self.nodes:
            for process in PROCESSES:
                self._start(node, process)
        self._write(self.plan.letters, self.plan.answers, self.plan.pace)
        for share, trouble in self._troubles():
            self._wait(lambda share=share: self._written() >= share * self.plan.letters)
            trouble()
        self._write(self.plan.letters, self.plan.answers, 0.0)
        self._wait(lambda: self._written() >= self.plan.letters)
        self._wait(lambda: all(self._arrived(node) for node in self.nodes))
        for node in self.nodes:
            node.kill_all()
        return self._judged(time.monotonic() - began)

    def end(self) -> None:
        """Stop whatever still runs."""
        for node in self.nodes:
            node.kill_all()
        for line in self.lines:
            line.end()

    def _node(self, code: str, port: int, line: Line) -> Node:
        home = self.folder / code
        database = f"sqlite:///{home / 'rfl.db'}"
        if self.server is not None:
            database = self.server.new_database(code, code)
        url = f"http://127.0.0.1:{line.port}"
        node = Node(code, home, port, url, database, extra=self.plan.extra)
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
        node.start(process, to=there.code, text=TEXT)

    def _write(self, letters: int, answers: int, pace: float) -> None:
        self.north.turn(letters=letters, pace=pace)
        self.south.turn(letters=answers, pace=pace * letters / max(answers, 1))

    def _troubles(self) -> Iterator[tuple[float, Callable[[], None]]]:
        """What goes wrong at which share of the letters written, in order."""
        plan, dice = self.plan, self.dice
        kinds: dict[Callable[[], None], int] = {
            self._kill: plan.kills,
            self._spike: plan.spikes,
            self._part: plan.partitions,
            self._jump: plan.clock_jumps,
            self._fill_disk: plan.full_disks,
            self._restart_database: plan.restarts if self.server is not None else 0,
        }
        drawn = [
            (dice.uniform(0.02, 0.98), kind) for kind, times in kinds.items() for _ in range(times)
        ]
        if plan.restores:
            drawn += [
                (dice.uniform(0.25, 0.4), self._copy),
                (dice.uniform(0.5, 0.7), self._restore),
            ]
        yield from sorted(drawn, key=lambda one: one[0])

    def _kill(self) -> None:
        node, process = self.dice.choice(self.nodes), self.dice.choice(PROCESSES)
        node.kill(process)
        time.sleep(self.dice.uniform(0, 0.3))
        self._start(node, process)
        self.faults["kills"] += 1
        self.faults[f"killed_{process}"] += 1

    def _spike(self) -> None:
        line = self.dice.choice(self.lines)
        line.slow = self.dice.uniform(0.5, 2.0)
        time.sleep(self.plan.trouble_seconds)
        line.slow = 0.0
        self.faults["latency_spikes"] += 1

    def _part(self) -> None:
        for line in self.lines:
            line.cut = True
        time.sleep(self.plan.trouble_seconds)
        for line in self.lines:
            line.cut = False
        self.faults["partitions"] += 1

    def _jump(self) -> None:
        node = self.dice.choice(self.nodes)
        node.turn(clock=600)
        time.sleep(self.plan.trouble_seconds)
        node.turn(clock=0)
        self.faults["clock_jumps"] += 1

    def _fill_disk(self) -> None:
        node = self.dice.choice(self.nodes)
        node.turn(full=1)
        time.sleep(self.plan.trouble_seconds)
        node.turn(full=0)
        self.faults["full_disks"] += 1

    def _restart_database(self) -> None:
        assert self.server is not None
        self.server.stop()
        time.sleep(1.0)
        self.server.start()
        self.faults["database_restarts"] += 1

    def _copy(self) -> None:
        """Make a backup. What is promised from here on is forgotten with what is restored."""
        self._promised = set(self.lines[1].receipts)
        self.south.say("backup", self.folder / "backup")

    def _restore(self) -> None:
        """Belgrade loses its database, and gets back what it was some time ago."""
        self.south.kill_all()
        self.lines[1].receipts = self._promised
        self.south.look_away()
        if self.server is not None:
            self.server.empty_database(self.south.code, self.south.code)
        else:
            for file in self.south.home.glob("rfl.db*"):
                shutil.rmtree(file) if file.is_dir() else file.unlink()
        self.south.say("db", "upgrade")
        self.south.say("restore", self.folder / "backup")
        for process in PROCESSES:
            self._start(self.south, process)
        self.faults["restores"] += 1

    def _wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not until():
            self._revive()
            assert time.monotonic() < end, f"not done in time: {self._told()}"
            time.sleep(0.1)

    def _revive(self) -> None:
        """Start again what has died by itself, as a service manager does."""
        for node in self.nodes:
            for name, process in list(node.running.items()):
                if not process.is_alive():
                    node.running.pop(name)
                    self._start(node, name)
                    self.faults["died"] += 1

    def _told(self) -> dict[str, object]:
        """Where it stands, for whoever has to find out why."""
        counted = {node.code: self._counts(node) for node in self.nodes}
        return {"seed": self.plan.seed, "faults": dict(self.faults)} | counted

    def _written(self) -> int:
        return sum(self._counts(self.north).values())

    def _arrived(self, node: Node) -> bool:
        found = self._counts(node)
        goal = self.plan.letters if node is self.north else self.plan.answers
        return found.get("processed", 0) >= goal and set(found) == {"processed"}

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
        found.faults = dict(self.faults)
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


@contextmanager
def soaked(plan: Plan, folder: Path, kind: str) -> Iterator[Findings]:
    """Run a plan on SQLite or PostgreSQL, and give what was found."""
    server = None
    if kind == "postgres":
        server = Server(durable=True)
        server.start()
    course = None
    try:
        course = Course(plan, folder, server)
        yield course.run()
    finally:
        if course is not None:
            course.end()
        if server is not None:
            server.remove()
        shutil.rmtree(folder, ignore_errors=True)
