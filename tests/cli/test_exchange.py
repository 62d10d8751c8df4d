"""Two `rfl serve` on sockets, either killed while letters pass (C7): none lost, none twice."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from rfl import wiring
from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.exchange.descriptor import parse_descriptor
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import post
from rfl.exchange.receipt import ReceiptStatus, verify_by_any
from rfl.flows.runtime import OFFICE_CALL, Runtime, network_of
from rfl.storage import inbox, outbox
from tests.cli.support import Answer, Cli

LETTERS = 200
PATIENCE = 90.0


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


def write(node: Node, to: Node, count: int) -> list[str]:
    """Put letters into the outbox, as a flow does; return their envelopes' ids."""
    letter = Letter(type=LetterType.PING, purpose=Purpose.TRACING, data={"text": "x" * 1_500})
    sent = []
    with node.opened() as rt:
        for _number in range(count):
            with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
                sent.append(post(work, network_of(rt), to.code, letter).header.id)
    return sent


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < end, "not delivered in time"
        time.sleep(0.1)


def under_way(node: Node) -> int:
    with node.opened() as rt, rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        found = outbox.counts(work)
    return sum(count for (_peer, state), count in found.items() if state in ("waiting", "parked"))


def arrivals(node: Node) -> list[tuple[int, str, str]]:
    """Place, id and status of what a node took from its peer, in the order of places."""
    with node.opened() as rt, rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        rows = work.connection.execute(inbox.inbox.select().order_by(inbox.inbox.c.seq))
        return [(row.seq, row.id, row.status) for row in rows]


@pytest.mark.slow
def test_no_letter_is_lost_or_taken_twice_when_either_process_is_killed(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    north, south = nodes
    before = len(arrivals(south))
    sent: list[str] = []
    for number, victim in enumerate((south, north, south, None)):
        sent += write(north, south, LETTERS // 4)
        if victim is not None:
            wait(lambda: len(arrivals(south)) > before)  # noqa: B023 (asked at once)
            victim.kill()
            before = len(arrivals(south))
            victim.start()
        assert len(sent) == (number + 1) * LETTERS // 4
    wait(lambda: under_way(north) == 0)
    taken = arrivals(south)
    assert [one for _place, one, _status in taken] == sent
    assert [place for place, _id, _status in taken] == list(range(1, LETTERS + 1))
    assert {status for _place, _id, status in taken} == {"processed"}
    kept = tmp_path / "belgrade.json"
    north.say("peer", "show", "belgrade", "--save", kept)
    keys = {key.kid: key.public for key in parse_descriptor(kept.read_bytes()).signing_keys}
    with north.opened() as rt, rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        receipts = [verify_by_any(outbox.receipt_of(work, one) or b"", keys) for one in sent]
    assert [one.id for one in receipts] == sent
    assert {one.status for one in receipts} == {ReceiptStatus.PROCESSED}


@pytest.mark.slow
def test_a_ping_is_answered_and_its_receipt_verifies_offline(
    nodes: tuple[Node, Node], tmp_path: Path
) -> None:
    north, _south = nodes
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
    counted = north.say("exchange", "status", "--json").document["peers"]
    assert [(one["peer"], one["processed"]) for one in counted] == [("belgrade", 1)]
