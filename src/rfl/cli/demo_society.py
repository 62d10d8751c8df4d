"""A society of the network demonstration: a node with its own process, keys, database and address.

All of it is an exercise: loopback, no ticks, and an attestation that waits no day.
"""

import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rfl import wiring
from rfl.cli import demo_node
from rfl.cli.node import office_call
from rfl.client.calls import Client
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.errors import Misconfigured
from rfl.flows.admit import NewAccount, add_account
from rfl.flows.notice_keys import notice_keys
from rfl.flows.runtime import Runtime

BRANCH = "tracing"
SOCIETIES = {
    "skopje": "Red Cross, Skopje",
    "belgrade": "Red Cross, Belgrade",
    "cta": "Central Tracing Agency",
}
OFFICER, SEARCHER, SUPERVISOR, GUARDIAN = "officer", "searcher", "supervisor", "guardian"
_DESKS = {
    OFFICER: Role.TRACING_OFFICER,
    SEARCHER: Role.TRACING_OFFICER,
    SUPERVISOR: Role.SUPERVISOR,
    GUARDIAN: Role.DATA_PROTECTION_OFFICER,
}


@dataclass(slots=True)
class Society:
    """One society. `desks` are its accounts, each of which speaks over HTTP."""

    code: str
    folder: Path
    port: int
    accounts: dict[str, NewAccount] = field(default_factory=dict)
    desks: dict[str, Client] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """Where the others call it."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> dict[str, object]:
        """Its settings; none of this machine's environment has a say."""
        return {
            "society": self.code,
            "society_name": SOCIETIES[self.code],
            "zone": "Europe/Skopje",
            "base_url": self.address,
            "contact": "tracing desk",
            "exchange_branch": BRANCH,
            "exchange_mode": "exercise",
            "tick_seconds": 0,
            "attest_seconds": 0,
            "log_level": "error",
        }

    def make(self) -> None:
        """Make keys, tables, the keys of the exchange, and an account for each desk."""
        rt = wiring.prepare(demo_node.settings_of(self.folder, self.settings))
        try:
            notice_keys(rt)
            for desk, role in _DESKS.items():
                holder = f"{desk} of the demonstration"
                self.accounts[desk] = add_account(rt, office_call(), role, BRANCH, holder)
        finally:
            rt.database.dispose()
        for desk, account in self.accounts.items():
            purpose = Purpose.DATA_SUBJECT_REQUEST if desk == GUARDIAN else Purpose.TRACING
            self.desks[desk] = Client(self.address, account.token, purpose=purpose)

    def start(self) -> None:
        """Start its process, which serves when `wait_until_ready` returns."""
        with (self.folder / "log.jsonl").open("ab") as log:
            self.process = demo_node.serving(self.folder, log.fileno(), self.settings, self.port)

    def wait_until_ready(self) -> None:
        """Wait until it serves, or raise Misconfigured."""
        if self.process is None or demo_node.address_of(self.process) != self.address:
            raise Misconfigured("A society of the demonstration did not start.")
        demo_node.wait_until_ready(self.address)

    def stop(self) -> int | None:
        """End its process as a service manager would; return the exit code."""
        process, self.process = self.process, None
        if process is None:
            return None
        code = demo_node.ended(process)
        if process.stdout is not None:
            process.stdout.close()
        return code

    @contextmanager
    def opened(self) -> Iterator[Runtime]:
        """Its database beside the running node, as `rfl peer` and `rfl exchange` open it."""
        rt = wiring.runtime(demo_node.settings_of(self.folder, self.settings))
        try:
            yield rt
        finally:
            rt.database.dispose()


@contextmanager
def running_societies(folder: Path) -> Iterator[dict[str, Society]]:
    """Make and serve the three societies; whatever happens, no process stays behind."""
    with ExitStack() as ends:
        made = {}
        for code, port in zip(SOCIETIES, _free_ports(len(SOCIETIES)), strict=True):
            home = folder / code
            home.mkdir()
            made[code] = society = Society(code, home, port)
            ends.callback(society.stop)
            society.make()
            society.start()
        for society in made.values():
            for client in society.desks.values():
                ends.callback(client.close)
            society.wait_until_ready()
        yield made


def _free_ports(count: int) -> list[int]:
    """Return ports of this machine that nobody listens on; all are held until the last is found."""
    with ExitStack() as held:
        found = [held.enter_context(socket.socket()) for _each in range(count)]
        for one in found:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in found]
