"""Two nodes that write to each other: real processes, real sockets, signed receipts.

Eight officers write letters of 1.5 kB, each in the transaction of a business change; a node
delivers them and keeps the receipts; the other takes them in. All is durable, and nothing waits for
a tick. Beside it, in the same run: how often the cryptography of a letter alone could be done on
these cores, and how many durable transactions of one such row the database takes from one writer.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import text

from benchmarks.report import Report, percentile
from rfl.crypto import hpke
from rfl.crypto.agent import LocalAgent
from rfl.crypto.hpke import OpeningKey, Suite
from rfl.crypto.keyring import SOCIETY, FileProvider, make_key_file
from rfl.domain.access import Verb
from rfl.domain.ids import new_id
from rfl.domain.purpose import Purpose
from rfl.exchange.envelope import open_letter, parse_envelope, seal_letter, verify_outer
from rfl.exchange.header import Header
from rfl.exchange.letter import Letter
from rfl.exchange.receipt import ReceiptStatus, receipt_for, sign_receipt, verify_receipt
from rfl.exchange.signed import Signer
from rfl.flows.know_peers import load_peer
from rfl.flows.runtime import OFFICE_CALL
from tests.postgres import Server
from tests.soak import findings, shim
from tests.soak.node import CLERK, SERVE, Node, free_port

TEXT = "x" * 1_500
PINGS = 60
ENOUGH = 4_000
"""Letters one by one, if there are as many: of few, one stream has the last ones for itself."""

SECONDS = 1.5
SELDOM = 0.2
"""Seconds until it is asked again: who asks takes from the nodes what is measured."""

PATIENCE = 3_600.0
KINDS = ("sqlite", "postgres")
HANDS = 8
"""Officers who write at once, each letter by letter."""

_PLACES = text("SELECT sum(seq) FROM out_streams")
_LEFT = text(
    "SELECT (SELECT sum(seq) FROM out_streams)"
    " - (SELECT count(*) FROM outbox WHERE state = 'waiting')"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """What is measured on one database; `receipts` are those that verify."""

    messages: int
    receipts: int
    lost: int
    duplicated: int
    out_of_order: int
    per_second: float
    per_second_single: float
    crypto_limit_per_second: float
    storage_limit_per_second: float
    p50_ms: float
    p95_ms: float
    rss_mb: float
    rss_growth_mb: float
    backlog_per_second: float


def run(messages: int) -> Report:
    """Measure on both databases."""
    report = Report(f"exchange of {messages:,} letters")
    for kind in KINDS:
        found = measure(messages, kind)
        least = {"per_second": 400, "per_second_single": 150}
        most = {"p95_ms": 60}
        for name, value in asdict(found).items():
            bounds = {"least": least.get(name, 0), "most": most.get(name, 0)}
            report.put(f"{kind}_{name}", value, **bounds)
        for limit in ("crypto", "storage"):
            ratio = found.per_second / getattr(found, f"{limit}_limit_per_second")
            report.put(f"{kind}_ratio_to_{limit}", ratio)
    return report


def measure(messages: int, kind: str) -> Measured:
    """Measure on one database: letters as they are written, one a request, one alone, a backlog."""
    with _pair(kind) as (north, south):
        per_second = _through(north, messages)
        before = _rss_mb(north, south)
        times = _alone(north)
        backlog = _backlog(north, messages)
        after = _rss_mb(north, south)
        _one_a_request(north, south)
        single = _through(north, max(messages // 4, min(messages, ENOUGH)))
        rss = _rss_mb(north, south)
        # Eight hands write some more than they were asked for.
        _wait(lambda: _settled(north) == _written(north))
        for node in (north, south):
            node.kill_all()
        found = findings.direction(north, south, ())
        storage = _storage_limit(north)
    return Measured(
        messages=found.letters,
        receipts=found.receipts,
        lost=found.lost,
        duplicated=found.twice,
        out_of_order=found.out_of_order,
        per_second=per_second,
        per_second_single=single,
        crypto_limit_per_second=_crypto_limit(),
        storage_limit_per_second=storage,
        p50_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
        rss_mb=rss,
        rss_growth_mb=after - before,
        backlog_per_second=backlog,
    )


def _through(north: Node, count: int) -> float:
    """Let a clerk write so many letters; return how many a second were written and receipted."""
    began, goal = time.perf_counter(), _settled(north) + count
    north.turn(letters=goal)
    _wait(lambda: _settled(north) >= goal, SELDOM)
    return count / (time.perf_counter() - began)


def _backlog(north: Node, count: int) -> float:
    """Let letters wait for a node that does not run; return how many a second it then sends."""
    north.kill(SERVE)
    goal = _settled(north) + count
    north.turn(letters=goal)
    _wait(lambda: _written(north) >= goal)
    began = time.perf_counter()
    north.start(SERVE)
    _wait(lambda: _settled(north) >= goal, SELDOM)
    return count / (time.perf_counter() - began)


def _alone(north: Node) -> list[float]:
    """Milliseconds from a business change to its receipt, one at a time on idle nodes."""
    times = []
    for _ping in range(PINGS):
        time.sleep(0.1)
        began, goal = time.perf_counter(), _settled(north) + 1
        shim.write_one(north.watched(), "south", TEXT)
        _wait(lambda goal=goal: _settled(north) >= goal, 0.002)
        times.append((time.perf_counter() - began) * 1_000)
    north.turn(letters=_settled(north))
    return times


def _one_a_request(north: Node, south: Node) -> None:
    """Let the recipient say that it takes one envelope a request, and the sender learn it."""
    south.kill(SERVE)
    south.extra |= {"RFL_EXCHANGE_BATCH": "1", "RFL_PEER_CALLS_MINUTE": "60000"}
    south.start(SERVE)
    south.wait_serving()
    north.kill(SERVE)
    time.sleep(1.1)  # a descriptor counts in whole seconds
    north.start(SERVE)
    north.wait_serving()
    _wait(lambda: load_peer(north.watched(), OFFICE_CALL, "south").descriptor.limits.batch == 1)


def _wait(until: Callable[[], bool], pause: float = 0.05) -> None:
    end = time.monotonic() + PATIENCE
    while not until():
        if time.monotonic() > end:
            raise RuntimeError("the letters did not arrive")
        time.sleep(pause)


def _settled(node: Node) -> int:
    """How many letters have left; what became of each of them is looked at when all is over.

    Counting the letters themselves reads them all, and takes from the nodes what it measures.
    """
    with node.watched().ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return int(work.connection.scalar(_LEFT) or 0)


def _written(node: Node) -> int:
    """How many letters were written: no stream begins a second epoch here."""
    with node.watched().ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return int(work.connection.scalar(_PLACES) or 0)


def _rss_mb(*nodes: Node) -> float:
    """The most that a serving node has in memory now."""
    return max(_rss_of(node.running[SERVE].pid or 0) for node in nodes)


def _rss_of(process: int) -> float:
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _storage_limit(node: Node) -> float:
    """Durable transactions a second of one row as large as an envelope, from one writer."""
    body = os.urandom(24_000)
    with node.opened() as rt:
        with rt.database.write() as connection:
            kind = "BLOB" if rt.database.is_sqlite else "BYTEA"
            connection.execute(text(f"CREATE TABLE bare (id VARCHAR(30) PRIMARY KEY, body {kind})"))
        row, done, began = text("INSERT INTO bare VALUES (:id, :body)"), 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            with rt.database.write() as connection:
                connection.execute(row, {"id": new_id("env"), "body": body})
            done += 1
        return done / (time.perf_counter() - began)


def _crypto_limit() -> float:
    """How often a second all cores could seal, verify, open, receipt and verify that receipt."""
    with tempfile.TemporaryDirectory(prefix="rfl-bench-") as name:
        make_key_file(Path(name) / "master.key")
        provider = FileProvider(Path(name) / "keyring.json", key_file=Path(name) / "master.key")
        provider.create()
        agent = LocalAgent(provider)
        agent.new_key(SOCIETY)
        key = OpeningKey(Suite.S2, hpke.new_seed())
        done, began = 0, time.perf_counter()
        while time.perf_counter() - began < SECONDS:
            _crypto(agent, key)
            done += 1
        return done / (time.perf_counter() - began) * (os.cpu_count() or 1)


def _crypto(agent: LocalAgent, key: OpeningKey) -> None:
    signer = Signer("kid", lambda content: agent.sign(SOCIETY, content))
    public = agent.public_key(SOCIETY)
    header = Header(
        id=new_id("env"),
        sender="north",
        recipient="south",
        sealed_to="kid",
        suite=Suite.S2,
        stream=1,
        epoch=1,
        seq=1,
        issued=1,
        expires=2,
    )
    letter = Letter(type=shim.BODY, purpose=Purpose.TRACING, data={"text": TEXT})
    sealed = seal_letter(header, letter, signer=signer, recipient_key=key.public())
    envelope = parse_envelope(sealed.body)
    verify_outer(envelope, "kid", public)
    open_letter(envelope, key, public)
    receipt = receipt_for(envelope, ReceiptStatus.PROCESSED, 1)
    verify_receipt(sign_receipt(receipt, signer).to_bytes(), "kid", public)


@contextmanager
def _pair(kind: str) -> Iterator[tuple[Node, Node]]:
    """Two serving nodes that trust each other, and a clerk of the first, who has nothing to do."""
    with tempfile.TemporaryDirectory(prefix="rflx") as name, _databases(kind, name) as urls:
        nodes = []
        for code, url in zip(("north", "south"), urls, strict=True):
            port = free_port()
            node = Node(code, Path(name) / code, port, f"http://127.0.0.1:{port}", url)
            node.say("init")
            node.say("peer", "init")
            node.start(SERVE)
            node.wait_serving()
            nodes.append(node)
        try:
            for here, there in (nodes, nodes[::-1]):
                here.say("peer", "add", there.base_url)
                digits = there.answer("peer", "init")["fingerprint"]
                here.say("peer", "trust", there.code, digits)
            nodes[0].turn(hands=HANDS)
            nodes[0].start(CLERK, to="south", text=TEXT)
            yield nodes[0], nodes[1]
        finally:
            for node in nodes:
                node.kill_all()
                node.look_away()


@contextmanager
def _databases(kind: str, folder: str) -> Iterator[list[str]]:
    if kind == "sqlite":
        yield [f"sqlite:///{folder}/{code}.db" for code in ("north", "south")]
        return
    server = Server(durable=True)
    server.start()
    try:
        yield [server.new_database(code, code) for code in ("north", "south")]
    finally:
        server.remove()


def main() -> None:
    """Measure, and print a table or one JSON object: the figures on SQLite, and on PostgreSQL."""
    parser = argparse.ArgumentParser(prog="benchmarks.exchange", description=__doc__)
    parser.add_argument("--messages", type=int, default=2_000, help="how many letters")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--only", choices=KINDS, help="one database alone")
    asked = parser.parse_args()
    if not asked.json and asked.only is None:
        print(run(asked.messages).table())
        return
    kinds = (asked.only,) if asked.only else KINDS
    found = {kind: asdict(measure(asked.messages, kind)) for kind in kinds}
    print(json.dumps(found[kinds[0]] | {kind: found[kind] for kind in kinds[1:]}, indent=1))


if __name__ == "__main__":
    main()
