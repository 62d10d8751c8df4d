"""The node of the demonstration: its own folder, its own keys, its own process, a real socket."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from rfl import wiring
from rfl.cli.node import office_call
from rfl.client.calls import Client
from rfl.client.problems import ClientProblem
from rfl.config import Settings
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.errors import Misconfigured
from rfl.flows.admit import add_account
from rfl.flows.export_log import export_log

BRANCH = "gevgelija"
START_SECONDS, STOP_SECONDS = 30.0, 10.0
_CODINGS = ("utf-8", "utf-16-le", "utf-16-be")
_SETTINGS = {"society": "demo", "zone": "Europe/Skopje"}
_HOLDERS = {
    Role.TRACING_OFFICER: "Officer of the demonstration",
    Role.DATA_PROTECTION_OFFICER: "Data protection officer of the demonstration",
    Role.ADMINISTRATOR: "Administrator of the demonstration",
    Role.SUPERVISOR: "Supervisor of the demonstration",
}


@dataclass(slots=True)
class DemoNode:
    """A running node. `tokens` speak for one account of each role."""

    folder: Path
    tokens: dict[Role, str]
    process: subprocess.Popen[str]
    address: str = ""

    def stop(self) -> int:
        """Ask it to end, as a service manager would; return its exit code."""
        return ended(self.process)

    def export_log(self, sink: BinaryIO) -> None:
        """Write the access log as `rfl audit export` does, beside the running node."""
        rt = wiring.runtime(settings_of(self.folder, _SETTINGS))
        try:
            export_log(rt, replace(office_call(), purpose=Purpose.AUDIT), sink)
        finally:
            rt.database.dispose()

    def holding(self, texts: Iterable[str]) -> list[str]:
        """Return which of these words stand in clear in any file of the node, its log included."""
        files = [path.read_bytes() for path in self.folder.rglob("*") if path.is_file()]
        return [
            text
            for text in texts
            if any(text.encode(coding) in content for coding in _CODINGS for content in files)
        ]


@contextmanager
def running_node() -> Iterator[DemoNode]:
    """Make a node in a temporary folder and serve it; whatever happens, nothing stays behind."""
    with tempfile.TemporaryDirectory(prefix="rfl-demo-") as name:
        folder = Path(name)
        tokens = _prepared(folder)
        with (folder / "log.jsonl").open("wb") as log:
            process = serving(folder, log.fileno(), _SETTINGS)
        node = DemoNode(folder, tokens, process)
        try:
            node.address = address_of(process)
            wait_until_ready(node.address)
            yield node
        finally:
            node.stop()
            if process.stdout is not None:
                process.stdout.close()


def _prepared(folder: Path) -> dict[Role, str]:
    """Make keys, tables and accounts. No setting of this machine's environment has a say."""
    rt = wiring.prepare(settings_of(folder, _SETTINGS))
    try:
        return {
            role: add_account(rt, office_call(), role, BRANCH, holder).token
            for role, holder in _HOLDERS.items()
        }
    finally:
        rt.database.dispose()


def ended(process: subprocess.Popen[str]) -> int:
    """End a node as a service manager does; return its exit code."""
    process.terminate()
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def settings_of(folder: Path, chosen: Mapping[str, object]) -> Settings:
    """Return the settings of a node in a folder: the usual ones, but for those that are chosen."""
    usual = {name: field.default for name, field in Settings.model_fields.items()}
    own = {"data": folder / "node", "key_file": folder / "keys" / "master.key"}
    return wiring.settings(**(usual | own | dict(chosen)))


def serving(
    folder: Path, log: int, chosen: Mapping[str, object], port: int = 0
) -> subprocess.Popen[str]:
    """Start `rfl serve` on the node of a folder; port 0 takes any."""
    environment = {
        "RFL_DATA": str(folder / "node"),
        "RFL_KEY_FILE": str(folder / "keys" / "master.key"),
        **{f"RFL_{name.upper()}": str(value) for name, value in chosen.items()},
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONUTF8": "1",
    }
    command = [sys.executable, "-m", "rfl.cli.main", "serve", "--host", "127.0.0.1"]
    command += ["--port", str(port)]
    return subprocess.Popen(  # noqa: S603 (this very program, with fixed arguments)
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=log, text=True
    )


def address_of(process: subprocess.Popen[str]) -> str:
    """Return what the node says on its first line; one that says nothing in time is ended."""
    watchdog = threading.Timer(START_SECONDS, process.kill)
    watchdog.daemon = True  # a signal may come before `cancel`: then nobody waits for it
    watchdog.start()
    try:
        line = process.stdout.readline() if process.stdout is not None else ""
    finally:
        watchdog.cancel()
    mark, _, address = line.strip().rpartition(" ")
    if mark != "Listening on":
        raise Misconfigured("The node of the demonstration did not start.")
    return address


def wait_until_ready(address: str) -> None:
    """Wait until the node there serves, or raise Misconfigured."""
    deadline = time.monotonic() + START_SECONDS
    with Client(address, None) as client:
        while time.monotonic() < deadline:
            try:
                if client.is_ready():
                    return
            except ClientProblem as problem:
                if problem.status not in (0, 503):
                    raise
            time.sleep(0.05)
    raise Misconfigured("The node of the demonstration did not become ready.")
