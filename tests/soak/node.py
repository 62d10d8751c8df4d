"""One node of the soak: its processes, its database, its machine's weather, its address."""

import json
import multiprocessing
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from rfl import wiring
from rfl.flows.runtime import Runtime
from tests.soak import office, shim

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["rfl.asgi", "rfl.worker", "rfl.cli.main", "tests.soak.office"])
START_SECONDS = 60.0
_LAST = 160
SERVE, WORKER, CLERK, OFFICE = "serve", "worker", "clerk", "office"

_WRITERS = {CLERK: shim.write, OFFICE: office.work}

_TIMES = ("hour", "day")

# One officer does in minutes what an office does in a month.
_COUNTS = (f"{what}_{time}" for what in ("records", "searches", "exports") for time in _TIMES)
_ROOMY = ",".join(f"{count}=1000000/1000000" for count in _COUNTS)


@dataclass
class Node:
    """A society's node. `port` is where it listens; others call `base_url`, the line before it."""

    code: str
    home: Path
    port: int
    base_url: str
    database: str
    extra: dict[str, str] = field(default_factory=dict)
    running: dict[str, BaseProcess] = field(default_factory=dict)
    commands: int = 0
    _watch: Runtime | None = None
    _begun: dict[str, int] = field(default_factory=dict)
    """Where in its log each process has begun, at its last start."""

    def __post_init__(self) -> None:
        self.home.mkdir()
        self.weather = {
            "clock": 0,
            "full": 0,
            "pace": 0.0,
            "letters": 0,
            "mortality": 0.0,
            "hands": 0,
        }
        self.turn()

    @property
    def settings(self) -> dict[str, str]:
        """The environment of its processes."""
        return {
            "RFL_DATA": str(self.home),
            "RFL_KEY_FILE": str(self.home / "key"),
            "RFL_DATABASE": self.database,
            "RFL_SOCIETY": self.code,
            "RFL_BASE_URL": self.base_url,
            "RFL_CONTACT": "tracing desk",
            "RFL_EXCHANGE_MODE": "exercise",
            "RFL_TICK_SECONDS": "0",
            "RFL_MATCHER": "off",
            "RFL_LOG_LEVEL": "warning",
            "RFL_BUDGET_TRACING_OFFICER": _ROOMY,
            "RFL_BUDGET_SUPERVISOR": _ROOMY,
        } | self.extra

    def turn(self, **weather: float) -> None:
        """Change what its machine is like."""
        self.weather |= weather
        shim.say(self._said, **self.weather)

    def start(self, name: str, to: str = "", text: str = "") -> None:
        """Start one of its processes; the one that serves is waited for."""
        arguments = (self.settings, self._said, self._log(name))
        self._log(name).touch()
        self._begun[name] = self._log(name).stat().st_size
        if name in _WRITERS:
            self._fork(name, _WRITERS[name], (*arguments, to, text))
        else:
            words = ["serve", "--port", str(self.port)] if name == SERVE else ["worker"]
            self._fork(name, shim.run, (*arguments, words))

    def wait_serving(self) -> None:
        """Return when it answers connections."""
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1.0).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(f"{self.code} does not serve: see {self.home / 'serve.log'}")

    def kill(self, name: str) -> None:
        """SIGKILL to one of its processes."""
        process = self.running.pop(name)
        process.kill()
        process.join()

    def obituary(self, name: str) -> str:
        """How a process that is dead has ended, and the last line that it wrote before.

        Its log says no more than logs may: no line of it is about a person.
        """
        said = self._log(name).read_bytes()[self._begun[name] :].decode(errors="replace")
        lines = [line for line in said.split("\n") if line.strip()]
        last = lines[-1] if lines else "nothing"
        return f"{name} ended with {self.running[name].exitcode}, said {last[:_LAST]}"

    def kill_all(self) -> None:
        """SIGKILL to whatever runs."""
        for name in list(self.running):
            self.kill(name)

    def say(self, *words: object, codes: tuple[int, ...] = (0,)) -> str:
        """Run a command of `rfl` in a process of its own; return what it has printed."""
        self.commands += 1
        log = self.home / f"command-{self.commands}.log"
        asked = (self.settings, self._said, log, [str(word) for word in words])
        process = _SERVER.Process(target=shim.run, args=asked)
        process.start()
        process.join()
        said = log.read_text()
        assert process.exitcode in codes, f"rfl {words[:2]} ended with {process.exitcode}: {said}"
        return said

    def answer(self, *words: object) -> Any:
        """Run a command and return its JSON."""
        return json.loads(self.say(*words, "--json"))

    @contextmanager
    def opened(self) -> Iterator[Runtime]:
        """A way into its database beside its processes."""
        rt = self._runtime()
        try:
            yield rt
        finally:
            rt.database.dispose()

    def watched(self) -> Runtime:
        """The same way into its database every time, for asking often."""
        if self._watch is None:
            self._watch = self._runtime()
        return self._watch

    def look_away(self) -> None:
        """Close that way: the database will be another."""
        if self._watch is not None:
            self._watch.database.dispose()
            self._watch = None

    def _runtime(self) -> Runtime:
        names = {name.removeprefix("RFL_").lower(): one for name, one in self.settings.items()}
        return wiring.runtime(wiring.settings(**names))

    def _log(self, name: str) -> Path:
        return self.home / f"{name}.log"

    @property
    def _said(self) -> Path:
        return self.home / "weather.json"

    def _fork(self, name: str, target: Any, arguments: tuple[object, ...]) -> None:
        process = _SERVER.Process(target=target, args=arguments, daemon=True)
        process.start()
        self.running[name] = process


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
