"""The society's identity provider, and its keys: kept, fetched seldom, never for each request.

Its addresses come from the settings alone. A token with an unknown key asks for the keys anew, at
most twice a minute however many such tokens come. While the provider is away, the keys that are
known go on for a day, and it is asked at longer and longer intervals.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import JWKRegistry, Key, RSAKey

from rfl.domain.decoding import decoded
from rfl.errors import IssuerUnavailable, NotSignedIn
from rfl.signin.access_token import AccessToken, Expected, verify
from rfl.signin.signed_tokens import SignedTokens

FRESH: Final = 600.0
"""Seconds after which keys are fetched again, so that one that was taken back ends."""

APART: Final = 30.0
LONGEST: Final = 900.0
LIVING: Final = 24 * 3600.0
"""Seconds for which keys go on while the provider cannot be reached."""

MOST_KEYS: Final = 64
_SHORTEST_RSA: Final = 2_048
_KINDS: Final = {
    "RS256": ("RSA", None),
    "PS256": ("RSA", None),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "Ed25519": ("OKP", "Ed25519"),
}

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Issuer:
    """Who issues access tokens. `fetch` returns the JWK set (RFC 7517), or raises OSError.

    `ticks` counts seconds and never jumps, as the clock may.
    """

    expected: Expected
    fetch: Callable[[], bytes]
    ticks: Callable[[], float] = time.monotonic
    _keys: tuple[Key, ...] = ()
    _fetched: float = float("-inf")
    _next: float = float("-inf")
    _failures: int = 0
    _seen: SignedTokens = field(default_factory=SignedTokens, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def verify(self, token: str, now: datetime) -> AccessToken:
        """Return what a token says, or raise NotSignedIn, or IssuerUnavailable without any keys."""
        return verify(token, self.expected, self._find, self._seen, now)

    def _find(self, key_id: str | None, algorithm: str) -> Key:
        """Return the key. Who needs one that is not here waits for the fetch; others do not."""
        at = self.ticks()
        found = self._known(key_id, algorithm, at)
        if found is None:
            with self._lock:
                found = self._known(key_id, algorithm, at)
                if found is None and self._refresh(at):
                    found = self._known(key_id, algorithm, at)
        elif at - self._fetched >= FRESH and self._lock.acquire(blocking=False):
            try:
                self._refresh(at)
                found = self._known(key_id, algorithm, at)
            finally:
                self._lock.release()
        if found is None:
            raise NotSignedIn if self._living(at) else IssuerUnavailable
        return found

    def _known(self, key_id: str | None, algorithm: str, at: float) -> Key | None:
        """Return the one key that fits. Without an id it must be the only one of its kind."""
        if not self._living(at):
            return None
        fitting = [key for key in self._keys if _fits(key, algorithm)]
        if key_id is None:
            return fitting[0] if len(fitting) == 1 else None
        return next((key for key in fitting if key.kid == key_id), None)

    def _living(self, at: float) -> bool:
        return at - self._fetched < LIVING

    def _refresh(self, at: float) -> bool:
        """Fetch, unless it is too early for that; True if there are keys of this moment."""
        if at < self._next:
            return False
        try:
            self._keys = parse_keys(self.fetch())
        except (OSError, ValueError):
            self._failures += 1
            wait = min(APART * 2 ** min(self._failures - 1, 10), LONGEST)
            self._next = at + wait
            log.warning("issuer", extra={"code": IssuerUnavailable.code, "again_seconds": wait})
            return False
        self._fetched, self._next, self._failures = at, at + APART, 0
        return True


def parse_keys(content: bytes) -> tuple[Key, ...]:
    """Return the public keys for signatures of a JWK set, or raise ValueError if there is none.

    Shared secrets and keys that are too short or of unknown kinds are left out.
    """
    try:
        given = decoded(content, dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        raise ValueError("no JWK set") from None
    listed = given.get("keys")
    if not isinstance(listed, list) or len(listed) > MOST_KEYS:
        raise ValueError("no JWK set")
    found = tuple(key for one in listed if (key := _key(one)) is not None)
    if not found:
        raise ValueError("no key that signs")
    return found


def _key(given: object) -> Key | None:
    if not isinstance(given, dict) or given.get("kty") == "oct" or "d" in given:
        return None
    try:
        key = JWKRegistry.import_key(given)
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    is_short = isinstance(key, RSAKey) and key.public_key.key_size < _SHORTEST_RSA
    return None if is_short else key


def _fits(key: Key, algorithm: str) -> bool:
    """True if a key is of an algorithm's kind, and is meant for it where it says for what."""
    if (key.key_type, key.get("crv")) != _KINDS.get(algorithm):
        return False
    return key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
