"""Bytes as text in JSON: base64url without padding (RFC 4648 section 5), and strict reading.

Nothing here makes JSON canonical: what was signed is carried as the bytes that were signed.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from rfl.errors import BadEnvelope

_AS_PLAIN = bytes.maketrans(b"-_+/=", b"+/***")
"""From the letters of base64url to those of base64; what is base64's alone becomes no letter."""


def to_text(raw: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def to_bytes(text: str) -> bytes:
    """Return what base64url says, or raise BadEnvelope; only its canonical spelling is taken."""
    over = len(text) % 4
    try:
        plain = text.encode("ascii").translate(_AS_PLAIN) + b"=" * (-over % 4)
        raw = binascii.a2b_base64(plain, strict_mode=True)
    except ValueError as cause:
        raise BadEnvelope from cause
    # Of one alphabet only what fills no whole byte can be spelt in two ways, and it stands last.
    if over and to_text(raw[1 - over :]) != text[-over:]:
        raise BadEnvelope
    return raw


def strict_object(raw: bytes) -> dict[str, Any]:
    """Return a JSON object in UTF-8 that names no member twice, or raise BadEnvelope.

    Two readers that take different ones of two equal members would believe different things.
    """
    try:
        content = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_refuse)
    except (ValueError, RecursionError) as cause:
        raise BadEnvelope from cause
    if not isinstance(content, dict):
        raise BadEnvelope
    return content


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


def _refuse(constant: str) -> None:
    raise ValueError(constant)
