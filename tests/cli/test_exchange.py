"""Two `rfl serve` on sockets: a ping, its receipt, and both sides' accounts of it."""

import json
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rfl import wiring
from rfl.flows.runtime import Runtime
from tests.cli.support import Answer, Cli


@dataclass
class Node:
    """A node with a process of its own, and a way into its database beside it."""

    code: str
    cli: Cli
    port: int
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    def say(self, *words: object) -> Answer:
        answer = self.cli(*words)
        assert answer.code == 0, answer.err
        return answer

    def start(self) -> None:
        process = self.cli.start("serve", "--host", "127.0.0.1", "--port", self.port)
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Listening")
        self.running.append(process)

    def kill(self) -> None:
        process = self.running.pop()
        process.send_signal(signal.SIGKILL)
        process.communicate()

    @contextmanager
    def opened(self) -> Iterator[Runtime]:
        names = {name.removeprefix("RFL_").lower(): one for name, one in self.cli.settings.items()}
        rt = wiring.runtime(wiring.settings(**names))
        try:
            yield rt
        finally:
            rt.database.dispose()


def make_node(code: str, folder: Path, cli: Cli) -> Node:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = folder / code
    settings = {
        "RFL_DATA": str(home),
        "RFL_KEY_FILE": str(home / "key"),
        "RFL_SOCIETY": code,
        "RFL_BASE_URL": f"http://127.0.0.1:{port}",
        "RFL_CONTACT": "tracing desk",
        "RFL_EXCHANGE_MODE": "exercise",
        "RFL_TICK_SECONDS": "0",
        "RFL_MATCHER": "off",
        "RFL_LOG_LEVEL": "error",
    }
    node = Node(code, Cli(settings, cli.monkeypatch, cli.capsys, cli.started), port)
    node.say("init")
    node.say("peer", "init")
    return node


@pytest.fixture
def nodes(cli: Cli, tmp_path: Path) -> tuple[Node, Node]:
    """Skopje and Belgrade serve, and trust each other by what people read out."""
    north, south = make_node("skopje", tmp_path, cli), make_node("belgrade", tmp_path, cli)
    for node in (north, south):
        node.start()
    for here, there in ((north, south), (south, north)):
        here.say("peer", "add", f"http://127.0.0.1:{there.port}")
        digits = there.say("peer", "init", "--json").document["fingerprint"]
        here.say("peer", "trust", there.code, digits)
    return north, south


@pytest.mark.slow
def test_a_ping_is_answered_and_its_receipt_verifies_offline(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    north, south = nodes
    answer = north.say("exchange", "ping", "belgrade", "--json").document
    assert answer["answered"]
    north.say("peer", "show", "belgrade", "--save", tmp_path / "descriptor")
    north.say("exchange", "receipt", answer["envelope"], tmp_path / "receipt")
    words = ("receipt", "verify", tmp_path / "receipt", "--descriptor", tmp_path / "descriptor")
    found = north.say(*words, "--json").document
    assert (found["verified"], found["status"], found["to"]) == (True, "processed", "belgrade")
    forged = tmp_path / "forged"
    content = json.loads((tmp_path / "receipt").read_bytes())
    forged.write_text(json.dumps(content | {"p": content["p"][:-4] + "AAAA"}))
    refused = north.cli("receipt", "verify", forged, "--descriptor", tmp_path / "descriptor")
    assert refused.code == 1
    for node, peer in ((north, "belgrade"), (south, "skopje")):
        node.say("exchange", "account", peer, tmp_path / f"account-{peer}")
    accounts = (tmp_path / "account-belgrade", tmp_path / "account-skopje")
    agreed = north.say("audit", "compare", *accounts, "--json")
    assert agreed.document["agree"]
    [known] = north.say("peer", "list", "--json").document["peers"]
    shown = north.say("peer", "show", "belgrade", "--json").document
    for one in (known, shown):
        assert (one["files_bytes"], one["files_waiting_bytes"]) == (0, 0)
        assert one["files_bytes_most"] == 2_000_000_000
    counted = north.say("exchange", "status", "--json").document["peers"]
    assert [(one["peer"], one["processed"]) for one in counted] == [("belgrade", 1)]
