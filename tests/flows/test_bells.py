"""Alarms reach people by real servers, signed, again until each way has taken them."""

import base64
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rfl import wiring
from rfl.audit.bells import Mail, Syslog, Webhook, signature
from rfl.domain.access import Verb
from rfl.errors import Misconfigured
from rfl.flows.alert import list_alarms, see_alarm, tell_alarms
from rfl.flows.ring import Ringer
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import alarms
from tests.audit import collector
from tests.audit.collector import HOST, make_certificate
from tests.support import Clock

SECRET = b"a secret of the society's own"


class Hook(BaseHTTPRequestHandler):
    """Keeps what is posted; answers 503 as often as the server is told to."""

    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.posted.append((dict(self.headers), body))
        self.send_response(503 if self.server.failures else 204)
        self.server.failures = max(self.server.failures - 1, 0)
        self.end_headers()

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


class Post(socketserver.StreamRequestHandler):
    """A mail server that takes every letter (RFC 5321)."""

    server: Any

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline().strip():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.letters.append(b"".join(lines).decode("ascii"))
            elif word.startswith(b"RCPT"):
                self.server.recipients.append(line.decode("ascii"))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 well\r\n")
            if word == b"QUIT":
                return


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@contextmanager
def hook(failures: int = 0) -> Iterator[Any]:
    server: Any = ThreadingHTTPServer((HOST, 0), Hook)
    server.posted, server.failures = [], failures
    with serving(server):
        yield server


def webhook(server: Any) -> Webhook:
    return Webhook(f"http://{HOST}:{server.server_address[1]}/alarm", SECRET)


def sound(rt: Runtime, code: str = "budget-soft", subject: str = "acc_1") -> None:
    with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        alarms.sound(work, code, subject)


def told(rt: Runtime, ringer: Ringer) -> int:
    return tell_alarms(rt, lambda alarm: ringer.ring(rt, alarm))


def test_a_webhook_is_signed_over_id_time_and_body(sqlite_rt: Runtime) -> None:
    with hook() as server:
        sqlite_rt.rules = replace(sqlite_rt.rules, bells=(webhook(server),))
        sound(sqlite_rt)
        assert told(sqlite_rt, Ringer()) == 1
        [(headers, body)] = server.posted
    at = int(headers["webhook-timestamp"])
    assert at == int(sqlite_rt.clock().timestamp())
    assert headers["webhook-signature"] == signature(SECRET, headers["webhook-id"], at, body)
    assert headers["webhook-signature"] != signature(SECRET, headers["webhook-id"], at + 1, body)
    said = json.loads(body)
    assert (said["code"], said["subject"], said["society"]) == ("budget-soft", "acc_1", "north")
    assert set(said) == {"id", "code", "subject", "society", "at", "count"}


def test_the_signature_is_the_one_that_standard_webhooks_publishes() -> None:
    """The example of the specification's libraries; the secret is its base64, decoded."""
    published = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

    found = signature(
        base64.b64decode(published),
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )
    assert found == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_way_that_is_down_is_tried_again_and_holds_up_no_other(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    ringer = Ringer()
    with hook(failures=2) as weak, hook() as sound_one:
        sqlite_rt.rules = replace(sqlite_rt.rules, bells=(webhook(weak), webhook(sound_one)))
        sound(sqlite_rt)
        for wait, posted in ((0, 1), (1, 1), (15, 2), (15, 2), (16, 3), (3600, 3)):
            clock.move(seconds=wait)
            told(sqlite_rt, ringer)
            assert len(weak.posted) == posted
            assert len(sound_one.posted) == 1
        assert told(sqlite_rt, ringer) == 0
        [alarm] = list_alarms(sqlite_rt, OFFICE_CALL)
        see_alarm(sqlite_rt, OFFICE_CALL, alarm.id)
        sound(sqlite_rt)
        assert told(sqlite_rt, ringer) == 1  # what was seen and happens again is told again
        assert len(sound_one.posted) == 2


def test_an_e_mail_names_what_is_wrong_to_everybody_who_watches(sqlite_rt: Runtime) -> None:
    server: Any = socketserver.ThreadingTCPServer((HOST, 0), Post)
    server.letters, server.recipients = [], []
    with serving(server):
        port = server.server_address[1]
        mail = Mail(HOST, port, "none", "rfl@north.example", ["a@north.example", "b@north.example"])
        sqlite_rt.rules = replace(sqlite_rt.rules, bells=(mail,))
        sound(sqlite_rt, "lockdown", "")
        assert told(sqlite_rt, Ringer()) == 1
    [letter] = server.letters
    assert "Subject: [rfl north] alarm: lockdown" in letter
    assert len(server.recipients) == 2


def test_a_mail_server_that_speaks_no_tls_is_not_used_in_plain(sqlite_rt: Runtime) -> None:
    server: Any = socketserver.ThreadingTCPServer((HOST, 0), Post)
    server.letters, server.recipients = [], []
    with serving(server):
        mail = Mail(
            HOST, server.server_address[1], "starttls", "rfl@north.example", ["a@b.example"]
        )
        sqlite_rt.rules = replace(sqlite_rt.rules, bells=(mail,))
        sound(sqlite_rt)
        assert told(sqlite_rt, Ringer()) == 0
    assert server.letters == []


def test_syslog_is_read_by_a_receiver_whose_certificate_leads_to_ours(
    sqlite_rt: Runtime, tmp_path: Path
) -> None:
    certificate, key = make_certificate(tmp_path / "tls")
    with collector.running(certificate, key) as receiver:
        sqlite_rt.rules = replace(
            sqlite_rt.rules, bells=(Syslog(HOST, receiver.port, certificate),)
        )
        sound(sqlite_rt)
        assert told(sqlite_rt, Ringer()) == 1
        sqlite_rt.rules = replace(sqlite_rt.rules, bells=(Syslog(HOST, receiver.port),))
        sound(sqlite_rt, "other")
        assert told(sqlite_rt, Ringer()) == 0
    [message] = receiver.messages
    assert message.startswith(b"<113>1 2026-03-01T09:00:00.000000Z north rfl - alarm - {")


@pytest.mark.parametrize(
    "wrong",
    [
        {"alarm_webhook": "http://watch.example/"},
        {"alarm_webhook": "https://watch.example/"},
        {"alarm_smtp": "mail.example:25", "alarm_mail_from": "a@b.example"},
        {
            "alarm_smtp": "mail.example:25",
            "alarm_mail_from": "a@b.example",
            "alarm_mail_to": "a@b.example",
            "alarm_smtp_security": "none",
        },
    ],
)
def test_a_way_that_would_carry_alarms_openly_or_nowhere_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured):
        wiring.rules(wiring.settings(**wrong))
