"""Call a peer: the request is signed by this node's hop key, only its own signed answer counts."""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from rfl.crypto.keyring import HOP
from rfl.errors import BadEnvelope
from rfl.exchange import hop, own
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.encoding import strict_object
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.signed import Signer
from rfl.storage.work import Work, micros

RECEIPTS: Final = "/rfl/v1/receipts"
INBOX: Final = "/rfl/v1/inbox"
MAILBOX: Final = "/rfl/v1/mailbox"
RECONCILE: Final = "/rfl/v1/reconcile"
LONGEST_REST: Final = 6 * 3_600
_OK: Final = (200, 201, 206)
_CODE: Final = r"[a-z-]{1,40}"

Carry = Callable[[HopRequest], HopResponse]
"""Carries a request to its address and returns the answer, or raises OSError."""


class NotReached(Exception):
    """A peer did not answer, or its answer is to be asked for again.

    `after`: for how many seconds the peer wants to be left alone (Retry-After, RFC 9110).
    """

    def __init__(self, after: int = 0) -> None:
        super().__init__()
        self.after = after


class Refusing(NotReached):
    """A peer has answered with its signature that it does not do this; `code` is its reason."""

    def __init__(self, code: str = "") -> None:
        super().__init__()
        self.code = code


def post_to(work: Work, to: Descriptor, path: str, media_type: str, body: bytes) -> HopRequest:
    """Return a signed request to a trusted peer; its address is the one that was trusted."""
    return signed(work, to, "POST", path, {"content-type": media_type}, body)


def post_by(
    signer: Signer, now: datetime, to: Descriptor, path: str, media_type: str, body: bytes
) -> HopRequest:
    """Return a request to a trusted peer, signed outside of the work that has found the key."""
    headers = {"content-type": media_type}
    return _signed(HopRequest("POST", _address(to, path), headers, body), signer, now)


def signed(
    work: Work,
    to: Descriptor,
    method: str,
    path: str,
    headers: Mapping[str, str],
    body: bytes = b"",
) -> HopRequest:
    """Return a signed request to a trusted peer, by any method and with these headers."""
    request = HopRequest(method, _address(to, path), dict(headers), body)
    return _signed(request, own.signer(work, HOP), work.now)


def answered(work: Work, by: Descriptor, response: HopResponse) -> bytes:
    """Return the body that a peer answered with, or raise BadEnvelope, ClockSkew or NotReached."""
    return read(by, response, work.now)


def read(by: Descriptor, response: HopResponse, now: datetime) -> bytes:
    """Return what `answered` does, without a work."""
    keys: Mapping[str, bytes] = {
        key.kid: key.public for key in by.hop_keys if key.not_after * 1_000_000 > micros(now)
    }
    hop.verify_response(response, keys.get, now)
    if response.status_code in (400, 401, 403, 404, 409, 413, 422):
        raise Refusing(_problem(response.body))
    if response.status_code not in _OK:
        raise NotReached(_asked_for(response))
    return response.body


def _address(to: Descriptor, path: str) -> str:
    return to.base_url.rstrip("/") + path


def _signed(request: HopRequest, signer: Signer, now: datetime) -> HopRequest:
    hop.sign_request(request, signer, now)
    return request


def _asked_for(response: HopResponse) -> int:
    """Seconds, bounded: nothing signs this header. A date in it counts as nothing."""
    found = {name.lower(): value for name, value in response.headers.items()}
    text = found.get("retry-after", "")
    return min(int(text), LONGEST_REST) if text.isdecimal() and len(text) < 10 else 0


def _problem(body: bytes) -> str:
    """Return the stable code of a problem (RFC 9457), or nothing."""
    try:
        code = strict_object(body).get("code")
    except BadEnvelope:
        return ""
    return code if isinstance(code, str) and re.fullmatch(_CODE, code) else ""
