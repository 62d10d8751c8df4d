"""Hybrid public-key encryption (RFC 9180, base mode) in the two suites of rfl/1.

S2 seals to ML-KEM-768 and X25519 at once (draft-ietf-hpke-pq-03, KEM 0x647a), so that what is
recorded today stays closed to a quantum attacker; S1 (X25519) is the floor for those who cannot.
A private key is kept as its 32-byte seed. What does not open is one error, SealBroken.
"""

import hashlib
import os
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from rfl.errors import SealBroken

SEED_BYTES: Final = 32
_MLKEM_SEED_BYTES: Final = 64
_MLKEM_PUBLIC_BYTES: Final = 1_184


class Suite(StrEnum):
    """A suite of rfl/1. The order of `STRENGTH` is that of what they withstand."""

    S1 = "S1"
    S2 = "S2"


STRENGTH: Final = (Suite.S1, Suite.S2)

_HPKE: Final = {
    Suite.S1: hpke.Suite(hpke.KEM.X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
    Suite.S2: hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM),
}
PUBLIC_BYTES: Final = {Suite.S1: 32, Suite.S2: _MLKEM_PUBLIC_BYTES + 32}
ENC_BYTES: Final = {Suite.S1: 32, Suite.S2: 1_088 + 32}

PrivateKey = X25519PrivateKey | hpke.MLKEM768X25519PrivateKey
PublicKey = X25519PublicKey | hpke.MLKEM768X25519PublicKey


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """The private half of a key that others seal to; never shown, never stored unwrapped."""

    suite: Suite
    seed: bytes = field(repr=False)
    _private: PrivateKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_private", private_key(self.suite, self.seed))

    def public(self) -> bytes:
        """Return the bytes that a descriptor publishes."""
        if isinstance(self._private, X25519PrivateKey):
            return self._private.public_key().public_bytes_raw()
        mlkem, x25519 = _parts(self.seed)
        return mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()

    def open(self, info: bytes, sealed: bytes) -> bytes:
        """Return what was sealed to this key under this `info`, or raise SealBroken."""
        try:
            return _HPKE[self.suite].decrypt(sealed, self._private, info)
        except (InvalidTag, ValueError) as cause:
            raise SealBroken from cause


opening_key = lru_cache(maxsize=16)(OpeningKey)
"""The key of a seed: a month's letters are sealed to one, and to make it takes twice as long as to
open one of them. Whoever lets a seed go clears this.
"""


def new_seed() -> bytes:
    """Return the seed of a fresh private key."""
    return os.urandom(SEED_BYTES)


def seal(suite: Suite, public: bytes, info: bytes, content: bytes) -> bytes:
    """Return `enc || ciphertext`, which the holder of the key opens under the same `info`.

    Raises SealBroken if the key is not one of the suite.
    """
    try:
        return _HPKE[suite].encrypt(content, _public_key(suite, public), info)
    except ValueError as cause:
        raise SealBroken("The recipient's key is not one of the suite.") from cause


def private_key(suite: Suite, seed: bytes) -> PrivateKey:
    """Return the private key that a seed stands for."""
    if suite is Suite.S1:
        return X25519PrivateKey.from_private_bytes(seed)
    return hpke.MLKEM768X25519PrivateKey(*_parts(seed))


def _parts(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """The two keys of the pair: SHAKE256 of the seed (draft-ietf-hpke-pq-03, section 4)."""
    expanded = hashlib.shake_256(seed).digest(_MLKEM_SEED_BYTES + 32)
    mlkem = MLKEM768PrivateKey.from_seed_bytes(expanded[:_MLKEM_SEED_BYTES])
    return mlkem, X25519PrivateKey.from_private_bytes(expanded[_MLKEM_SEED_BYTES:])


@lru_cache(
    maxsize=256
)  # A peer's key is that of many letters; reading one takes a third of sealing.
def _public_key(suite: Suite, public: bytes) -> PublicKey:
    if len(public) != PUBLIC_BYTES[suite]:
        raise ValueError
    if suite is Suite.S1:
        return X25519PublicKey.from_public_bytes(public)
    return hpke.MLKEM768X25519PublicKey(
        MLKEM768PublicKey.from_public_bytes(public[:_MLKEM_PUBLIC_BYTES]),
        X25519PublicKey.from_public_bytes(public[_MLKEM_PUBLIC_BYTES:]),
    )
