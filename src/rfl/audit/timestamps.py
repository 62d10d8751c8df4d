"""RFC 3161 time stamps of checkpoints: asked for over HTTP, kept, checked offline.

What is stamped is the text of a checkpoint: origin, size and root. So a stamp shows that the log
had these leaves, in this order, no later than the authority says. `rfc3161-client` makes and checks
the messages.
"""

import binascii
import ssl
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import httpx2
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from rfl.audit import notes
from rfl.audit.notes import Note
from rfl.audit.verdict import Fault, Finding
from rfl.errors import Misconfigured, RflError

SECONDS = 15.0
MOST_BYTES = 64 * 1024
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


class NotStamped(RflError):
    """The authority was not reached, or what it answered is no time stamp of what it was sent."""

    code = "not-stamped"
    rule = "The time-stamping authority gave no valid time stamp."


def load_roots(path: Path) -> list[Certificate]:
    """Return the certificates of a PEM file, or raise Misconfigured."""
    try:
        return load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError) as cause:
        rule = "The file with the time-stamping authority's certificates cannot be read."
        raise Misconfigured(rule) from cause


def ask(url: str, content: bytes, roots: Sequence[Certificate]) -> bytes:
    """Return the authority's answer for this content, checked, or raise NotStamped."""
    request = TimestampRequestBuilder().data(content).hash_algorithm(HashAlgorithm.SHA256).build()
    raw = _sent(url, request.as_bytes())
    if stamped_at(raw, content, roots, nonce=request.nonce) is None:
        raise NotStamped
    return raw


def stamped_at(
    raw: bytes, content: bytes, roots: Sequence[Certificate], *, nonce: int | None = None
) -> datetime | None:
    """Return the time that a stamp of this content says, or None if it does not hold.

    The certificates need to have been valid then, not now.
    """
    builder = VerifierBuilder(roots=list(roots), nonce=nonce)
    try:
        answer = decode_timestamp_response(raw)
        builder.build().verify_message(answer, content)
    except (VerificationError, ValueError):
        return None
    return answer.tst_info.gen_time


def check(
    raw_stamps: Iterable[bytes], signed: Sequence[Note], roots: Sequence[Certificate]
) -> tuple[dict[int, datetime], list[Finding]]:
    """Return the times of a file's stamps by size; a stamp that does not hold is a finding.

    Each line is a size and the authority's answer. Without `roots` none is looked at.
    """
    texts = {notes.parse_checkpoint(note.text).size: note.text.encode() for note in signed}
    stamped: dict[int, datetime] = {}
    findings: list[Finding] = []
    for line in raw_stamps if roots else ():
        size, _, encoded = line.partition(b" ")
        number = int(size[:18]) if size.isdigit() else 0
        try:
            raw = binascii.a2b_base64(encoded, strict_mode=True)
        except binascii.Error:
            raw = b""
        at = stamped_at(raw, texts[number], roots) if number in texts else None
        if at is None:
            findings.append(Finding(Fault.UNSTAMPED, 0, max(number - 1, 0)))
        else:
            stamped[number] = at
    return stamped, findings


def _sent(url: str, request: bytes) -> bytes:
    try:
        with httpx2.Client(timeout=SECONDS, verify=ssl.create_default_context()) as client:
            headers = {"Content-Type": _QUERY, "Accept": _REPLY}
            with client.stream("POST", url, content=request, headers=headers) as answer:
                if answer.status_code != httpx2.codes.OK:
                    raise NotStamped
                return _bounded(answer.iter_bytes())
    except httpx2.HTTPError as cause:
        raise NotStamped from cause


def _bounded(parts: Iterable[bytes]) -> bytes:
    content = b""
    for part in parts:
        content += part
        if len(content) > MOST_BYTES:
            raise NotStamped
    return content
