"""What goes wrong in a soak: kills, weather of the line, clocks, disks, restarts, a restore."""

import random
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tests.postgres import Server
from tests.soak import findings
from tests.soak.line import Line
from tests.soak.node import Node
from tests.soak.plan import Plan


@dataclass
class Troubles:
    """Two nodes, the lines to them, and whatever is done to them, drawn from the plan's seed.

    `start` starts a process of a node.
    """

    plan: Plan
    nodes: tuple[Node, Node]
    lines: tuple[Line, Line]
    server: Server | None
    processes: tuple[str, ...]
    start: Callable[[Node, str], None]
    faults: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._promised: set[bytes] = set()
        self._dice = random.Random(self.plan.seed)

    def drawn(self) -> Iterator[tuple[float, Callable[[], None]]]:
        """What goes wrong at which share of the letters written, in order."""
        plan, dice = self.plan, self._dice
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
        node, process = self._dice.choice(self.nodes), self._dice.choice(self.processes)
        node.kill(process)
        time.sleep(self._dice.uniform(0, 0.3))
        self.start(node, process)
        self.faults["kills"] += 1
        self.faults[f"killed_{process}"] += 1

    def _spike(self) -> None:
        line = self._dice.choice(self.lines)
        line.slow = self._dice.uniform(0.5, 2.0)
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
        node = self._dice.choice(self.nodes)
        node.turn(clock=600)
        time.sleep(self.plan.trouble_seconds)
        node.turn(clock=0)
        self.faults["clock_jumps"] += 1

    def _fill_disk(self) -> None:
        node = self._dice.choice(self.nodes)
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
        south = self.nodes[1]
        south.say("backup", south.home.parent / "backup")

    def _restore(self) -> None:
        """Belgrade loses its database, and gets back what it was some time ago."""
        south = self.nodes[1]
        south.kill_all()
        findings.remember_outbox(south)
        self.lines[1].receipts = self._promised
        south.look_away()
        if self.server is not None:
            self.server.empty_database(south.code, south.code)
        else:
            for file in south.home.glob("rfl.db*"):
                shutil.rmtree(file) if file.is_dir() else file.unlink()
        south.say("db", "upgrade")
        south.say("restore", south.home.parent / "backup")
        for process in self.processes:
            self.start(south, process)
        self.faults["restores"] += 1
