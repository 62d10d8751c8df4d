"""Entries as RFC 5424 messages over TLS (RFC 5425), with a receipt that TLS itself gives.

Syslog has no acknowledgement. So one connection carries one batch and is then closed in order: our
close_notify is answered only by a receiver that has read all before it (RFC 5425 section 4.4). A
batch without that answer is sent again, whole: at least once, never lost.
"""

import socket
import ssl
from collections.abc import Iterable
from pathlib import Path

from rfl.audit.records import Record
from rfl.domain.entry import Decision
from rfl.errors import Misconfigured, RflError

SECONDS = 10.0
_AUDIT = 13  # facility "log audit"
_WARNING, _INFORMATIONAL = 4, 6
_LONGEST_ID = 32


class NotReceived(RflError):
    """The receiver of the stream was not reached, is not who it must be, or did not read all."""

    code = "not-received"
    rule = "The receiver of the access log did not take it; it will be sent again."


def message(record: Record, society: str) -> bytes:
    """Return one message (RFC 5424 section 6). The entry's bytes are those of the tree."""
    entry = record.entry
    severity = _INFORMATIONAL if entry.decision is Decision.ALLOWED else _WARNING
    head = f"<{_AUDIT * 8 + severity}>1 {entry.at} {society} rfl - {entry.action[:_LONGEST_ID]} -"
    return head.encode() + b' {"leaf":%d,"entry":%s}' % (record.leaf, record.body)


def framed(content: bytes) -> bytes:
    """Return a message with its length before it (RFC 5425 section 4.3)."""
    return b"%d %s" % (len(content), content)


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """Return what checks the receiver's certificate and name, or raise Misconfigured."""
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ssl.SSLError) as cause:
        rule = "The certificates cannot be read."
        raise Misconfigured(rule, field="RFL_SYSLOG_CA_FILE") from cause
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def deliver(address: tuple[str, int], context: ssl.SSLContext, frames: Iterable[bytes]) -> None:
    """Send one batch and return once the receiver has read all of it, or raise NotReceived."""
    try:
        with (
            socket.create_connection(address, SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=address[0]) as secure,
        ):
            secure.sendall(b"".join(frames))
            secure.unwrap()  # returns when the receiver has answered our close_notify
    except OSError as cause:
        raise NotReceived from cause
