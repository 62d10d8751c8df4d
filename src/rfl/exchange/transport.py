"""Carry signed calls to other societies over HTTP: TLS verified, bounded in size and time.

Addresses come from descriptors of trusted peers, or from a person who adds one. Nothing else
leads anywhere: no redirect is followed, and no proxy is taken from the environment.
"""

import ssl
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import httpx2

from rfl.errors import InvalidInput, Misconfigured
from rfl.exchange.addresses import Network, require_allowed
from rfl.exchange.descriptor import MOST_BYTES
from rfl.exchange.hop import HopRequest, HopResponse

WELL_KNOWN: Final = "/.well-known/rfl-node"
ANSWER_BYTES: Final = 2_097_152
"""More than the receipts of the largest batch, and than what a mailbox gives at once."""

WHOLE_SECONDS: Final = 15.0
_TIMEOUT: Final = httpx2.Timeout(10.0, connect=5.0)
_LIMITS: Final = httpx2.Limits(max_connections=64, max_keepalive_connections=32)
# What was signed is the body as it travels: nothing on the way may offer to compress it.
_PLAIN: Final = {"accept-encoding": "identity", "user-agent": "rfl"}


class Transport:
    """Carries to any society, by TLS 1.3 to public addresses and to `networks`.

    `plain`: http and any address are allowed, as in an exercise on one machine.
    """

    def __init__(
        self, ca_file: Path | None, *, plain: bool, networks: Sequence[Network] = ()
    ) -> None:
        self._plain, self._networks = plain, networks
        try:
            trusted = ssl.create_default_context(cafile=ca_file)
            trusted.minimum_version = ssl.TLSVersion.TLSv1_3
        except OSError as cause:
            raise Misconfigured("RFL_PEER_CA_FILE holds no certificates.") from cause
        self._http = httpx2.Client(
            verify=trusted, trust_env=False, timeout=_TIMEOUT, limits=_LIMITS, headers=_PLAIN
        )

    def carry(self, request: HopRequest) -> HopResponse:
        """Return a peer's answer, verified by nobody yet, or raise OSError."""
        status, headers, body = self._answer(request, ANSWER_BYTES)
        return HopResponse(status, headers, request, body)

    def fetch_descriptor(self, base_url: str) -> bytes:
        """Return what stands at a node's well-known address; a person has named the node."""
        url = base_url.rstrip("/") + WELL_KNOWN
        try:
            status, _headers, body = self._answer(HopRequest("GET", url, {}), MOST_BYTES)
        except OSError as cause:
            raise InvalidInput("URL", "must be a node's address that answers") from cause
        if status != httpx2.codes.OK:
            raise InvalidInput("URL", "must be the address of a node with an exchange")
        return body

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _answer(self, request: HopRequest, most: int) -> tuple[int, dict[str, str], bytes]:
        if not request.url.startswith("https://") and not self._plain:
            raise ConnectionError("plain HTTP is for exercises")
        if not self._plain:
            require_allowed(request.url, self._networks)
        headers = dict(request.headers)
        try:
            with self._http.stream(
                request.method, request.url, headers=headers, content=request.body
            ) as found:
                return found.status_code, dict(found.headers), _bounded(found, most)
        except (httpx2.HTTPError, httpx2.InvalidURL) as cause:
            raise ConnectionError("the peer cannot be reached") from cause


def _bounded(found: httpx2.Response, most: int) -> bytes:
    """Read a body as it came; one that is too long or too slow is no answer."""
    end = time.monotonic() + WHOLE_SECONDS
    body = bytearray()
    for part in found.iter_raw():
        body += part
        if len(body) > most or time.monotonic() > end:
            raise ConnectionError("the answer is too long, or comes too slowly")
    return bytes(body)
