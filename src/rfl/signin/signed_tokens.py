"""Which key has signed which token, so that a signature is worked out once and not at each request.

Nothing else is spared: times, issuer, audience, type and algorithm are asked anew each time, and so
is whether the provider still has that very key. The token itself is not kept, but its SHA-256.
"""

import hashlib
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from joserfc.jwk import Key

from rfl.domain.masked import Masked

MOST: Final = 4_096
"""How many tokens are remembered. Who has no valid one adds none, and pushes none out."""


@dataclass(frozen=True, slots=True, repr=False)
class Signed(Masked):
    """What a token says, and the key that was found to have signed it."""

    header: Mapping[str, Any]
    claims: dict[str, Any]
    key: Key


@dataclass(slots=True)
class SignedTokens:
    """The tokens that came last and were found valid, `MOST` of them, in this process alone."""

    _kept: dict[bytes, Signed] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def find(self, digest: bytes) -> Signed | None:
        """Return what the token of this digest says, or None if it has not come before."""
        return self._kept.get(digest)

    def keep(self, digest: bytes, signed: Signed) -> None:
        """Remember a token that has come; the one that has not come for longest makes room."""
        with self._lock:
            if self._kept.pop(digest, None) is None and len(self._kept) >= MOST:
                del self._kept[next(iter(self._kept))]
            self._kept[digest] = signed


def digest_of(token: str) -> bytes:
    """Return what stands for a token here."""
    return hashlib.sha256(token.encode("utf-8")).digest()
