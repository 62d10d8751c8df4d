"""Passwords of built-in accounts: argon2id (RFC 9106) over a keyed hash.

The keyed hash binds a password to its account and to the node's keys, so that a stolen database
alone gives nothing to guess at.
"""

import unicodedata
from functools import cache
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from rfl.errors import InvalidInput

FEWEST: Final = 12
MOST: Final = 200
_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def checked(password: str, name: str) -> str:
    """Return the password in one normal form, or raise InvalidInput; its length is what counts."""
    plain = unicodedata.normalize("NFKC", password)
    if not FEWEST <= len(plain) <= MOST or len(set(plain)) < FEWEST // 2:
        raise InvalidInput("password", f"must be {FEWEST} to {MOST} characters, not all alike")
    if name.casefold() in plain.casefold():
        raise InvalidInput("password", "must not contain the name")
    return plain


def normal(password: str) -> str:
    """Return a password as `checked` keeps it, whatever it is."""
    return unicodedata.normalize("NFKC", password)


def hashed(keyed: bytes) -> str:
    """Return what is kept of a password's keyed hash, with salt and parameters in it."""
    return _HASHER.hash(keyed)


def fits(kept: str, keyed: bytes) -> bool:
    """True if it is the password that was kept. It takes as long if it is not."""
    try:
        return _HASHER.verify(kept, keyed)
    except (VerificationError, InvalidHashError):
        return False


def is_outdated(kept: str) -> bool:
    """True if a password was hashed with other parameters than those of today."""
    return _HASHER.check_needs_rehash(kept)


@cache
def nobodys() -> str:
    """Return the hash of a password that nobody knows, to work on where there is no account."""
    return _HASHER.hash(b"nobody")
