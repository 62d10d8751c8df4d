"""The log is streamed by syslog over TLS: at least once, in order, to the right receiver alone."""

import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rfl import background
from rfl.audit import merkle, syslog
from rfl.audit.syslog import NotReceived
from rfl.background import Background
from rfl.domain.access import Verb
from rfl.errors import Misconfigured
from rfl.flows.rules import Collector as Address
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting
from rfl.flows.stream_log import stream_batch
from rfl.storage import shares, tree
from tests.api.support import entries
from tests.audit import collector
from tests.audit.collector import HOST, Collector, make_certificate
from tests.audit.logs import add_entries
from tests.audit.test_exports import make_record
from tests.support import Clock

ROOT = Path(__file__).parents[2]
# RFC 5424 section 6: PRI, version, time, host, application, process, message's kind, no data.
FORM = re.compile(
    rb"<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z) ([!-~]{1,255})"
    rb" rfl - ([!-~]{1,32}) - (.+)",
    re.DOTALL,
)


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Collector]:
    with collector.running(*make_certificate(tmp_path / "collector")) as running:
        yield running


@pytest.fixture
def streaming(rt: Runtime, receiver: Collector, tmp_path: Path) -> Runtime:
    """A node that streams to the receiver."""
    ca = tmp_path / "collector" / "certificate.pem"
    rt.rules = replace(rt.rules, collector=Address(HOST, receiver.port, "watch", 365, ca))
    return rt


def leaves(receiver: Collector) -> list[int]:
    found = [FORM.fullmatch(message) for message in receiver.messages]
    return [json.loads(one[5])["leaf"] for one in found if one]


def streamed(rt: Runtime) -> int:
    sequence_waiting(rt)
    total = 0
    while count := stream_batch(rt):
        total += count
    return total


def position(rt: Runtime) -> int:
    with rt.look(OFFICE_CALL, Verb.LOG_STREAM) as work:
        return shares.acknowledged(work, "watch")


def test_a_message_is_of_rfc_5424_and_holds_the_bytes_of_the_leaf() -> None:
    record = make_record()
    made = FORM.fullmatch(syslog.message(record, "north"))
    assert made is not None
    assert (made[1], made[3], made[4]) == (b"110", b"north", b"case.read")
    assert json.loads(made[5])["leaf"] == 7
    assert record.body in made[5]
    assert syslog.framed(b"abc \n") == b"5 abc \n"
    denied = make_record(decision="denied", action="a" * 40)
    assert syslog.message(denied, "north").startswith(b"<108>1 ")


def test_every_entry_arrives_in_order_and_can_be_held_against_the_tree(
    streaming: Runtime, receiver: Collector
) -> None:
    add_entries(streaming, 520)
    streamed(streaming)
    assert streamed(streaming) == 1  # the entry that the stream itself is
    assert streamed(streaming) == 0
    assert leaves(receiver) == list(range(521))
    bodies = [message.partition(b'"entry":')[2][:-1] for message in receiver.messages]
    with streaming.look(OFFICE_CALL, Verb.LOG_STREAM) as work:
        tile = tree.tiles_at(work, [(0, 0)])[0, 0]
    assert b"".join(map(merkle.leaf_hash, bodies[:16])) == tile


def test_the_stream_is_an_entry_and_a_row_once_a_day(
    streaming: Runtime, receiver: Collector, clock: Clock
) -> None:
    for _day in range(2):
        for _ in range(3):
            add_entries(streaming, 2)
            streamed(streaming)
        clock.move(days=1)
    said = entries(streaming, "log.stream")
    assert [(one["peer"], one["reason"]) for one in said] == [("watch", "syslog")] * 2
    with streaming.look(OFFICE_CALL, Verb.LOG_READ) as work:
        rows = [(one.begin, one.end) for one in shares.all_shares(work)]
    assert rows == [(7, 14), (0, 7)]
    assert receiver.messages


def test_a_receiver_that_does_not_answer_for_all_is_sent_all_again(
    streaming: Runtime, receiver: Collector
) -> None:
    add_entries(streaming, 10)
    sequence_waiting(streaming)
    receiver.breaks_after = 4
    with pytest.raises(NotReceived):
        stream_batch(streaming)
    assert position(streaming) == 0
    receiver.breaks_after = None
    streamed(streaming)
    assert leaves(receiver)[-11:] == list(range(11))
    assert set(leaves(receiver)) == set(range(11))


def test_a_receiver_that_is_away_loses_nothing(streaming: Runtime, receiver: Collector) -> None:
    there = streaming.rules
    assert there.collector is not None
    closed = replace(there.collector, port=1)
    streaming.rules = replace(there, collector=closed)
    add_entries(streaming, 3)
    sequence_waiting(streaming)
    for _ in range(2):
        with pytest.raises(NotReceived):
            stream_batch(streaming)
    streaming.rules = there
    streamed(streaming)
    assert leaves(receiver) == [0, 1, 2, 3]


def test_a_running_node_waits_longer_and_longer_and_goes_on_when_the_receiver_is_back(
    streaming: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Down first, then up on the same port: everything arrives, in order, and from the start."""
    monkeypatch.setattr(background, "STREAM_SECONDS", 0.02)
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    there = streaming.rules.collector
    assert there is not None
    streaming.rules = replace(streaming.rules, collector=replace(there, port=port))
    add_entries(streaming, 7)
    sequence_waiting(streaming)
    running = Background(streaming, matching=False)
    waits: list[float] = []
    wait = running._ending.wait

    def noted(seconds: float | None = None) -> bool:
        if threading.current_thread().name == "rfl-_stream":
            waits.append(seconds or 0.0)
            return wait(min(seconds or 0.0, 0.05))
        return wait(seconds)

    monkeypatch.setattr(running._ending, "wait", noted)
    running.start()
    within(lambda: sum(one != 2.0 for one in waits) >= 4)
    assert position(streaming) == 0
    files = tmp_path / "collector" / "certificate.pem", tmp_path / "collector" / "key.pem"
    with collector.running(*files, port=port) as back:
        within(lambda: position(streaming) >= 7)
        add_entries(streaming, 3)
        within(lambda: position(streaming) >= 11)
    running.stop()
    pauses = [one for one in waits if one != 2.0]
    assert pauses[:4] == [0.02, 0.04, 0.08, 0.16], "twice as long each time"
    assert pauses[-1] == 0.02, "and quick again once it is received"
    arrived = list(dict.fromkeys(leaves(back)))
    assert arrived == list(range(len(arrived)))
    assert len(arrived) >= 11


def within(until: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return once it holds, or fail."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_batch_that_failed_stands_on_record_as_what_the_recipient_may_have(
    streaming: Runtime, receiver: Collector
) -> None:
    """Some of it did arrive, and nobody can tell how much; it is entered before the first byte."""
    add_entries(streaming, 10)
    sequence_waiting(streaming)
    receiver.breaks_after = 4
    with pytest.raises(NotReceived):
        stream_batch(streaming)
    assert leaves(receiver)
    with streaming.look(OFFICE_CALL, Verb.LOG_READ) as work:
        [row] = shares.all_shares(work)
    assert (row.recipient, row.begin, row.end) == ("watch", 0, 10)
    assert set(leaves(receiver)) <= set(range(row.begin, row.end))
    [entry] = entries(streaming, "log.stream")
    assert (entry["peer"], entry["decision"]) == ("watch", "allowed")
    assert position(streaming) == 0, "what it has acknowledged is another figure"


def test_nothing_is_sent_to_a_receiver_whose_certificate_is_another(
    streaming: Runtime, receiver: Collector, tmp_path: Path
) -> None:
    other, _key = make_certificate(tmp_path / "other")
    assert streaming.rules.collector is not None
    add_entries(streaming, 3)
    sequence_waiting(streaming)
    for changed in ({"ca_file": other}, {"ca_file": None}, {"host": "localhost"}):
        to = replace(streaming.rules.collector, **changed)
        streaming.rules, kept = replace(streaming.rules, collector=to), streaming.rules
        with pytest.raises(NotReceived):
            stream_batch(streaming)
        streaming.rules = kept
    assert receiver.messages == []
    assert position(streaming) == 0


def test_certificates_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured) as raised:
        syslog.tls_context(tmp_path / "nothing.pem")
    assert raised.value.field == "RFL_SYSLOG_CA_FILE"


def test_a_sender_killed_anywhere_loses_nothing(
    streaming: Runtime, receiver: Collector, tmp_path: Path
) -> None:
    url = streaming.database.url.render_as_string(hide_password=False)
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    script = str(Path(__file__).with_name("streaming.py"))
    for _ in range(3):
        receiver.arrived.clear()
        process = subprocess.Popen(
            [sys.executable, script, url, str(tmp_path), str(receiver.port)],
            env={**os.environ, "PYTHONPATH": paths},
        )
        assert receiver.arrived.wait(60)
        process.kill()
        process.wait()
    streamed(streaming)
    assert streamed(streaming) <= 1
    with streaming.look(OFFICE_CALL, Verb.LOG_STREAM) as work:
        size = tree.size(work)
    assert set(leaves(receiver)) == set(range(size))
