"""The header of an envelope: all that relays, proxies and hosts can read.

It names societies, a stream and a place in it; nothing about persons, cases, languages or
countries of origin. Sealed content is bound to these exact bytes.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec

from rfl.crypto.hpke import Suite
from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope
from rfl.exchange.encoding import strict_object, to_bytes, to_text

VERSION: Final = 1
TYPE: Final = "rfl-env"
CONTROL_STREAM: Final = 8
"""Streams 0 to 7 carry cases, by a keyed hash of the case reference; 8 overtakes them."""

NO_PREVIOUS: Final = bytes(32)
MOST_BYTES: Final = 2_048
KNOWN_CRITICAL: Final[frozenset[str]] = frozenset()
"""Fields that a sender may mark as not to be ignored, and that this node understands."""

_Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{1,39}$")]
_EnvelopeId = Annotated[str, msgspec.Meta(pattern=r"^env_[0-9a-hjkmnp-tv-z]{26}$")]
_Count = Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
_Seconds = Annotated[int, msgspec.Meta(ge=0, le=253_402_300_799)]


class _Wire(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """The members in the order in which they are written."""

    v: int
    typ: str
    id: _EnvelopeId
    sender: _Code
    to: _Code
    kid_enc: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    suite: Suite
    stream: Annotated[int, msgspec.Meta(ge=0, le=CONTROL_STREAM)]
    epoch: _Count
    seq: _Count
    prev: Annotated[str, msgspec.Meta(min_length=43, max_length=43)]
    iat: _Seconds
    expires_at: _Seconds
    exercise: bool
    crit: Annotated[list[str], msgspec.Meta(max_length=16)] = []


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Where an envelope comes from and goes to, and its place in its stream.

    `prev` is SHA-256 of the exact body of the envelope before it in the stream, zeros for the
    first of an epoch. `issued` and `expires` are seconds since 1970 in UTC.
    """

    id: str
    sender: str
    recipient: str
    sealed_to: str
    suite: Suite
    stream: int
    epoch: int
    seq: int
    prev: bytes = NO_PREVIOUS
    issued: int
    expires: int
    exercise: bool = False

    def to_bytes(self) -> bytes:
        """Return the header as JSON; made once, then carried as these bytes."""
        wire = _Wire(
            v=VERSION,
            typ=TYPE,
            id=self.id,
            sender=self.sender,
            to=self.recipient,
            kid_enc=self.sealed_to,
            suite=self.suite,
            stream=self.stream,
            epoch=self.epoch,
            seq=self.seq,
            prev=to_text(self.prev),
            iat=self.issued,
            expires_at=self.expires,
            exercise=self.exercise,
        )
        return msgspec.json.encode(wire)


def parse_header(raw: bytes) -> Header:
    """Return what a header says, or raise BadEnvelope; unknown members count only in `crit`."""
    if len(raw) > MOST_BYTES:
        raise BadEnvelope
    wire = _checked(strict_object(raw))
    return Header(
        id=wire.id,
        sender=wire.sender,
        recipient=wire.to,
        sealed_to=wire.kid_enc,
        suite=wire.suite,
        stream=wire.stream,
        epoch=wire.epoch,
        seq=wire.seq,
        prev=to_bytes(wire.prev),
        issued=wire.iat,
        expires=wire.expires_at,
        exercise=wire.exercise,
    )


def _checked(content: dict[str, Any]) -> _Wire:
    try:
        wire = converted(content, _Wire)
    except (msgspec.ValidationError, ValueError) as cause:
        raise BadEnvelope from cause
    if wire.v != VERSION or wire.typ != TYPE or set(wire.crit) - KNOWN_CRITICAL:
        raise BadEnvelope
    if wire.expires_at <= wire.iat or wire.sender == wire.to:
        raise BadEnvelope
    return wire
