"""Carry an alarm to people: a signed webhook, an e-mail, a syslog message over TLS.

What is carried names what is wrong, not whom it is about: a code, a peer's code or an account's
id, times and a count. Each way either has it taken by the other side, or raises NotReceived.
"""

import base64
import hmac
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

import httpx2
import msgspec

from rfl.audit import syslog
from rfl.audit.syslog import NotReceived

SECONDS = 10.0
_ALERT = 14 * 8 + 1  # facility "log alert", severity "alert" (RFC 5424 section 6.2.1)


@dataclass(frozen=True, slots=True)
class Ring:
    """One alarm as people are told of it. `id`: the alarm's, and how often it had sounded."""

    id: str
    code: str
    subject: str
    society: str
    at: str
    count: int


class Bell(Protocol):
    """One way to people."""

    def ring(self, news: Ring, sent_at: int) -> None:
        """Carry it, or raise NotReceived; `sent_at` in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """POST as JSON, signed as Standard Webhooks 1.0.0: HMAC-SHA-256 over id, time and body."""

    url: str
    secret: bytes = field(repr=False)

    def ring(self, news: Ring, sent_at: int) -> None:
        """Carry it; any answer but 2xx is none. No redirect is followed."""
        body = msgspec.json.encode(news)
        headers = {
            "content-type": "application/json",
            "webhook-id": news.id,
            "webhook-timestamp": str(sent_at),
            "webhook-signature": signature(self.secret, news.id, sent_at, body),
        }
        try:
            found = httpx2.post(
                self.url, content=body, headers=headers, timeout=SECONDS, trust_env=False
            )
        except (httpx2.HTTPError, httpx2.InvalidURL) as cause:
            raise NotReceived from cause
        if not found.is_success:
            raise NotReceived


@dataclass(frozen=True, slots=True)
class Mail:
    """An e-mail by SMTP, over TLS from the start (`implicit`), by STARTTLS, or plain to a relay on
    the same machine.
    """

    host: str
    port: int
    security: str
    sender: str
    recipients: Sequence[str]
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None

    def ring(self, news: Ring, sent_at: int) -> None:
        """Carry it; the server has to take it for every recipient."""
        try:
            with self._server() as server:
                if self.security == "starttls":
                    server.starttls(context=ssl.create_default_context(cafile=self.ca_file))
                if self.user:
                    server.login(self.user, self.password)
                if server.send_message(self._message(news)):
                    raise NotReceived
        except (OSError, smtplib.SMTPException) as cause:
            raise NotReceived from cause

    def _server(self) -> smtplib.SMTP:
        if self.security == "implicit":
            trusted = ssl.create_default_context(cafile=self.ca_file)
            return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=trusted)
        return smtplib.SMTP(self.host, self.port, timeout=SECONDS)

    def _message(self, news: Ring) -> EmailMessage:
        made = EmailMessage()
        made["From"], made["To"] = self.sender, ", ".join(self.recipients)
        made["Subject"] = f"[rfl {news.society}] alarm: {news.code}"
        made["Message-ID"] = f"<{news.id}.rfl@{self.sender.rpartition('@')[2]}>"
        lines = (f"{name}: {getattr(news, name)}" for name in Ring.__slots__)
        made.set_content("\n".join([*lines, "", "See `rfl audit alarms` on the node.", ""]))
        return made


@dataclass(frozen=True, slots=True)
class Syslog:
    """RFC 5424 over TLS (RFC 5425), to whoever watches over the society's machines."""

    host: str
    port: int
    ca_file: Path | None = None

    def ring(self, news: Ring, sent_at: int) -> None:
        """Carry it; the receiver has to have read all of it."""
        head = f"<{_ALERT}>1 {news.at} {news.society} rfl - alarm - "
        frame = syslog.framed(head.encode("ascii") + msgspec.json.encode(news))
        syslog.deliver((self.host, self.port), syslog.tls_context(self.ca_file), [frame])


def signature(secret: bytes, message_id: str, sent_at: int, body: bytes) -> str:
    """Return the header `webhook-signature`: `v1,` and the HMAC of `id.time.body` in base64."""
    covered = f"{message_id}.{sent_at}.".encode("ascii") + body
    return "v1," + base64.b64encode(hmac.digest(secret, covered, "sha256")).decode("ascii")
