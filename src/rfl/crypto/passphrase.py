"""Sealing under a passphrase that people read out, as any browser and any language can open it.

PBKDF2-HMAC-SHA-256 (RFC 8018) and AES-256-GCM (NIST SP 800-38D) are what WebCrypto ships. The
passphrase is digits alone, because a voice carries them in every language and script.
"""

import os
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

ITERATIONS: Final = 600_000
"""What OWASP names for PBKDF2-HMAC-SHA-256; the passphrase alone has 79 bits already."""

GROUPS: Final = 6
_DIGITS: Final = 4


@dataclass(frozen=True, slots=True)
class Sealed:
    """Ciphertext with its tag, and what a reader needs beside the passphrase."""

    salt: bytes
    nonce: bytes
    ciphertext: bytes
    iterations: int = ITERATIONS


def new_passphrase() -> str:
    """Return six groups of four random digits."""
    return " ".join(f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}" for _ in range(GROUPS))


def seal_under(passphrase: str, plaintext: bytes, bound: bytes) -> Sealed:
    """Return the plaintext sealed; `bound` is what stands beside it and must not be changed."""
    salt, nonce = os.urandom(16), os.urandom(12)
    key = PBKDF2HMAC(SHA256(), 32, salt, ITERATIONS).derive(_typed(passphrase))
    return Sealed(salt, nonce, AESGCM(key).encrypt(nonce, plaintext, bound))


def _typed(passphrase: str) -> bytes:
    """Return the digits alone: spaces are for the eye."""
    return passphrase.replace(" ", "").encode("ascii")
