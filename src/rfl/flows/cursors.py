"""Seal the place where a page of a list ends, for one list and one actor: a cursor tells nothing.

A cursor is base64url of `nonce (12) || AES-256-GCM` over microseconds (8 bytes) and an id.
"""

import base64
import binascii
import os
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rfl.crypto.framing import joined
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime

START = (-1, "")
_NONCE = 12
_MOMENT = struct.Struct(">q")


def seal_cursor(rt: Runtime, call: Call, listing: str, position: tuple[int, str]) -> str:
    """Return the cursor of a position in a listing, for the actor of this call alone."""
    nonce = os.urandom(_NONCE)
    content = _MOMENT.pack(position[0]) + position[1].encode("ascii")
    sealed = nonce + _cipher(rt).encrypt(nonce, content, _place(call, listing))
    return base64.urlsafe_b64encode(sealed).decode("ascii").rstrip("=")


def open_cursor(rt: Runtime, call: Call, listing: str, cursor: str | None) -> tuple[int, str]:
    """Return the position that a cursor stands for, or START without one."""
    if cursor is None:
        return START
    try:
        sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        content = _cipher(rt).decrypt(sealed[:_NONCE], sealed[_NONCE:], _place(call, listing))
    except (InvalidTag, ValueError, binascii.Error) as cause:
        raise InvalidInput("cursor", "must be the one that the page before answered") from cause
    return _MOMENT.unpack_from(content)[0], content[_MOMENT.size :].decode("ascii")


def seal_place(rt: Runtime, call: Call, listing: str, place: tuple[int, int]) -> str:
    """Return the cursor of a place in the log: a moment and a row's number."""
    return seal_cursor(rt, call, listing, (place[0], str(place[1])))


def open_place(rt: Runtime, call: Call, listing: str, cursor: str | None) -> tuple[int, int] | None:
    """Return the place in the log that a cursor stands for, or None without one."""
    if cursor is None:
        return None
    moment, row = open_cursor(rt, call, listing, cursor)
    return moment, int(row)


def _cipher(rt: Runtime) -> AESGCM:
    return AESGCM(rt.agent.derived("cursor"))


def _place(call: Call, listing: str) -> bytes:
    return joined("rfl1-cursor", listing, call.actor.id)
