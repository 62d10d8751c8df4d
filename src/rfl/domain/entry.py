"""One entry of the access log: its fields and its bytes. The format is final (`v` 1).

A leaf of the tree is a hash of these bytes (`leaf_hash`), so the bytes are made once, kept, and
never made again from the fields. An entry holds log ids only: random ids, one for each record and
person, used nowhere else. It never holds a name, a search term, a value, or a digest of one.
"""

import binascii
import hashlib
import os
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

import msgspec

from rfl.domain.decoding import decoded
from rfl.domain.ids import ID_BYTES, id_of, new_id

HASH = hashlib.sha256().digest_size
_SALT_BYTES = 16


class Decision(StrEnum):
    """Whether it was done."""

    ALLOWED = "allowed"
    DENIED = "denied"


def drawn() -> tuple[str, str]:
    """Return a fresh id and a fresh salt of an entry, both of one draw."""
    bits = os.urandom(ID_BYTES + _SALT_BYTES)
    return id_of("ent", bits), _salt_of(bits[ID_BYTES:])


def _salt_of(bits: bytes) -> str:
    return binascii.b2a_base64(bits, newline=False).decode("ascii")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Who did what to which log ids, why, and whether it was allowed.

    `count` is the number of records opened or shown; `reason` is an error's code on a denial or
    an action's stable reason code. The salt keeps a leaf from being guessed after the body has
    expired.
    """

    v: int = 1
    id: str = msgspec.field(default_factory=lambda: new_id("ent"))
    at: str
    actor: str
    role: str
    session: str | None = None
    client: str
    action: str
    purpose: str | None = None
    basis: str | None = None
    objects: tuple[str, ...] = ()
    count: int = 0
    groups: tuple[str, ...] = ()
    decision: Decision = Decision.ALLOWED
    reason: str | None = None
    policy: str
    request: str | None = None
    peer: str | None = None
    salt: str = msgspec.field(default_factory=lambda: _salt_of(os.urandom(_SALT_BYTES)))

    def to_bytes(self) -> bytes:
        """Return the entry as compact JSON, fields in the order above."""
        return _ENCODER.encode(self)


_ENCODER = msgspec.json.Encoder()


def leaf_hash(body: bytes) -> bytes:
    """Return the leaf of these bytes in the tree, SHA-256(0x00 || body) (RFC 6962, 2.1)."""
    return hashlib.sha256(b"\x00" + body).digest()


def from_bytes(body: bytes) -> Entry:
    """Return the entry that these bytes say; fields of later formats are ignored."""
    return decoded(body, Entry)


# All entries of a work have its moment.
@lru_cache(maxsize=64)
def written_time(moment: datetime) -> str:
    """Return a moment of UTC in RFC 3339 with microseconds and Z, as every entry has it."""
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
