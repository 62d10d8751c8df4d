"""Call a peer: the request is signed by this node's hop key, only its own signed answer counts."""

from collections.abc import Callable, Mapping
from typing import Final

from rfl.crypto.keyring import HOP
from rfl.exchange import hop, own
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.storage.work import Work

RECEIPTS: Final = "/rfl/v1/receipts"
INBOX: Final = "/rfl/v1/inbox"
RECONCILE: Final = "/rfl/v1/reconcile"
LONGEST_REST: Final = 6 * 3_600
_OK: Final = 200

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
    """A peer has answered with its signature that it does not take this node's calls."""


def post_to(work: Work, to: Descriptor, path: str, media_type: str, body: bytes) -> HopRequest:
    """Return a signed request to a trusted peer; its address is the one that was trusted."""
    headers = {"content-type": media_type}
    request = HopRequest("POST", to.base_url.rstrip("/") + path, headers, body)
    hop.sign_request(request, own.signer(work, HOP), work.now)
    return request


def answered(work: Work, by: Descriptor, response: HopResponse) -> bytes:
    """Return the body that a peer answered with, or raise BadEnvelope, ClockSkew or NotReached."""
    keys: Mapping[str, bytes] = {
        key.kid: key.public for key in by.hop_keys if key.not_after * 1_000_000 > work.micros
    }
    hop.verify_response(response, keys.get, work.now)
    if response.status_code in (400, 401, 403, 404, 409, 413, 422):
        raise Refusing
    if response.status_code != _OK:
        raise NotReached(_asked_for(response))
    return response.body


def _asked_for(response: HopResponse) -> int:
    """Seconds, bounded: nothing signs this header. A date in it counts as nothing."""
    found = {name.lower(): value for name, value in response.headers.items()}
    text = found.get("retry-after", "")
    return min(int(text), LONGEST_REST) if text.isdecimal() and len(text) < 10 else 0
