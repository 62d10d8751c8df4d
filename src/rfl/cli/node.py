"""What commands share: the node that the settings name, and on whose behalf they act."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from rfl import wiring
from rfl.domain.access import Actor, Role, Verb
from rfl.domain.purpose import Purpose
from rfl.errors import InvalidInput
from rfl.flows.admit import sign_in
from rfl.flows.reconcile import keep_key_use
from rfl.flows.runtime import Call, Runtime

BRANCH = "headquarters"
Approval = Annotated[
    str | None, typer.Option("--approval", help="Id of what two administrators agreed to.")
]


def office_call() -> Call:
    """The node itself, run by whoever may run commands on its machine; for upkeep."""
    return Call(_actor("*"), Purpose.ADMINISTRATION)


def intake_call(branch: str) -> Call:
    """The node itself, taking in a list for a branch."""
    return Call(_actor(branch), Purpose.TRACING)


def asking_call(rt: Runtime, purpose: Purpose, token_file: Path | None) -> Call:
    """Whoever the token in a file speaks for; without one the node itself, run on its machine."""
    if token_file is None:
        return Call(_actor("*"), purpose)
    try:
        token = token_file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as cause:
        raise InvalidInput("--token-file", "must be a text file that can be read") from cause
    return Call(sign_in(rt, token, client="command"), purpose)


@contextmanager
def opened_node() -> Iterator[Runtime]:
    """The initialised node of the settings, or Misconfigured or KeyUnavailable.

    What ends a command before its time is an entry of the log.
    """
    rt = wiring.runtime(wiring.settings())
    try:
        with rt.attempt(office_call(), Verb.COMMAND):
            yield rt
        keep_key_use(rt)
    finally:
        rt.database.dispose()


@dataclass(slots=True)
class Stopwatch:
    """How long something took, and how many of it went through in a second."""

    _began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """The seconds since it was made, in milliseconds' steps."""
        return round(time.perf_counter() - self._began, 3)

    def per_second(self, count: int) -> float:
        """How many of `count` went through in a second."""
        return round(count / max(self.seconds, 0.001), 1)


def _actor(branch: str) -> Actor:
    return Actor(id="service", role=Role.SERVICE, branch=branch, client="command")
