"""Passwords of built-in accounts: argon2id (RFC 9106) over a keyed hash.

The keyed hash binds a password to its account and to the node's keys, so that a stolen database
alone gives nothing to guess at. No list of frequent passwords is kept, since such lists are what
was stolen elsewhere (decision 32): what makes a long password frequent is looked for instead.
"""

import unicodedata
from collections.abc import Collection, Iterator, Sequence
from functools import cache
from itertools import pairwise, zip_longest
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from rfl.errors import InvalidInput

FEWEST: Final = 12
MOST: Final = 200
LEFT: Final = 7
"""How many characters must be left once what is guessed first is taken out of a password."""

# Keyboards by their rows, and the orders that everybody knows.
_DIGITS: Final = "1234567890"
_KEYS: Final = (
    (_DIGITS, "qwertyuiop", "asdfghjkl", "zxcvbnm"),
    (_DIGITS, "qwertzuiop", "asdfghjkl", "yxcvbnm"),
    (_DIGITS, "azertyuiop", "qsdfghjklm", "wxcvbn"),
    ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    ("0123456789",),
    ("abcdefghijklmnopqrstuvwxyz",),
    ("абвгдежзийклмнопрстуфхцчшщъыьэюя",),
)


def _neighbours(rows: Sequence[str]) -> Iterator[str]:
    """Yield each pair of keys beside each other; a row stands half a key to the right of the one
    above it.
    """
    for row, below in zip_longest(rows, rows[1:], fillvalue=""):
        pairs = {*pairwise(row), *zip(row, below, strict=False)}
        for one, other in pairs | set(zip(row[1:], below, strict=False)):
            yield from (one + other, other + one)


_NEAR: Final = frozenset(pair for rows in _KEYS for pair in _neighbours(rows))
# What people here would think of first. Their own names and the society's come from the caller.
WORDS: Final = (
    *("administrator", "admin", "password", "passwort", "passord", "motdepasse", "contraseña"),
    *("lozinka", "парола", "пароль", "лозинка", "welcome", "letmein", "iloveyou", "secret"),
    *("changeme", "login", "user", "guest", "computer", "internet", "master", "summer", "winter"),
    *("redcross", "redcrescent", "crescent", "cross", "icrc", "ifrc", "geneva", "humanity"),
    *("humanitarian", "tracing", "missing", "family", "families", "restoring", "links"),
)
_HASHER: Final = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def checked(password: str, name: str, society: Collection[str] = ()) -> str:
    """Return the password in one normal form, or raise InvalidInput; its length is what counts.

    `society`: how the node's society is called; no more than other words does it make one longer.
    """
    plain = unicodedata.normalize("NFKC", password)
    if not FEWEST <= len(plain) <= MOST or len(set(plain)) < FEWEST // 2:
        raise InvalidInput("password", f"must be {FEWEST} to {MOST} characters, not all alike")
    if name.casefold() in plain.casefold():
        raise InvalidInput("password", "must not contain the name")
    if _own(plain.casefold(), {one.casefold() for one in (*WORDS, *society) if one}) < LEFT:
        raise InvalidInput("password", f"must have {LEFT} characters that are not guessed first")
    return plain


def _own(plain: str, words: Collection[str]) -> int:
    """Count the characters of a password that are its own: a word counts as one, and nothing counts
    that stands beside the last on a keyboard, repeats it, or goes on as the password went before.
    """
    for word in sorted(words, key=len, reverse=True):
        plain = plain.replace(word, "\0")
    count, before = 0, set[str]()
    for at, sign in enumerate(plain):
        last, three = plain[at - 1 : at], plain[max(0, at - 2) : at + 1]
        count += last != sign and last + sign not in _NEAR and three not in before
        if at >= 2:
            before.add(three)
    return count


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
