"""Identifiers: 128 random bits, written in Crockford's base32 with a prefix for the type.

They hold no time and no meaning, so an id in a URL or a log says nothing about anybody.
"""

import os
import re
from typing import NewType

from rfl.errors import InvalidInput

CaseId = NewType("CaseId", str)
RegistrationId = NewType("RegistrationId", str)
IntakeId = NewType("IntakeId", str)
ListId = NewType("ListId", str)
AccountId = NewType("AccountId", str)
TokenId = NewType("TokenId", str)
PersonId = NewType("PersonId", str)

_CROCKFORD = "0123456789abcdefghjkmnpqrstvwxyz"
_LAST = "048cgmrw"
ID_BYTES = 26
# 256 is a multiple of 32 and of 8, so that a random byte gives each character alike.
_FIVE_BITS = (_CROCKFORD * 8).encode("ascii")
_THREE_BITS = (_LAST * 32).encode("ascii")
_FORM = re.compile(rf"[a-z]{{3}}_[{_CROCKFORD}]{{25}}[{_LAST}]")


def new_id(prefix: str) -> str:
    """A fresh random id, as `cas_` and 26 base32 characters: 25 of five bits and one of three."""
    return id_of(prefix, os.urandom(ID_BYTES))


def id_of(prefix: str, drawn: bytes) -> str:
    """The id that these bytes stand for, of which ID_BYTES count: the same for the same bytes."""
    bits = drawn[:25].translate(_FIVE_BITS) + drawn[25:ID_BYTES].translate(_THREE_BITS)
    return f"{prefix}_{bits.decode('ascii')}"


def check_id(value: str, prefix: str, *, field: str = "id") -> str:
    """Return `value` if it is an id of this type, else raise InvalidInput."""
    if not value.startswith(f"{prefix}_") or not _FORM.fullmatch(value):
        raise InvalidInput(field, f"must be an id that starts with {prefix}_")
    return value
