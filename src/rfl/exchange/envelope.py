"""The envelope: sealed for one society, signed outside for all and inside for the recipient.

Reading goes from the outside in, and each step is a call of its own: `parse_envelope`, then
`verify_outer` before anything is opened, then `open_letter`. Whatever is wrong is one error,
BadEnvelope, so that an answer tells nobody which step refused (guide: protocol, Envelope).
"""

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature

from rfl.crypto import hpke
from rfl.crypto.hpke import OpeningKey
from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope, SealBroken
from rfl.exchange import sizes
from rfl.exchange.encoding import strict_object, to_bytes, to_text
from rfl.exchange.header import Header, parse_header
from rfl.exchange.letter import Letter, letter_bytes, parse_letter
from rfl.exchange.signed import ALGORITHM, SignatureLine, Signer, line_verifies, public_key

MEDIA_TYPE: Final = "application/rfl-envelope+json"
MOST_BYTES: Final = 4 * (sizes.CLASSES[-1] + 4_096) // 3 + 8_192

_SEAL: Final = b"rfl-env-v1\x00"
_OUTER: Final = b"rfl-outer-v1\x00"
_INNER: Final = b"rfl-inner-v1\x00"
_SIGNATURE_BYTES: Final = 64


class _Wire(msgspec.Struct, frozen=True):
    p: str
    c: str
    s: Annotated[list[SignatureLine], msgspec.Meta(min_length=1, max_length=4)]


@dataclass(frozen=True, slots=True)
class Envelope:
    """An envelope as it travels. Believe its header after `verify_outer` alone.

    `digest` is SHA-256 of the exact body: what the next one's `prev` and the receipt name.
    """

    body: bytes = field(repr=False)
    header: Header
    _wire: _Wire = field(repr=False)
    digest: bytes = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "digest", hashlib.sha256(self.body).digest())


def seal_letter(
    header: Header, letter: Letter, *, signer: Signer, recipient_key: bytes
) -> Envelope:
    """Return the letter sealed for one recipient and signed inside and outside."""
    place = to_text(header.to_bytes())
    inner = letter_bytes(header, letter)
    signature = signer.sign(_INNER + place.encode("ascii") + inner)
    info = _SEAL + place.encode("ascii")
    sealed = hpke.seal(header.suite, recipient_key, info, sizes.filled(signature + inner))
    content = to_text(sealed)
    outer = signer.sign(_outer_bytes(place, content))
    wire = _Wire(place, content, [SignatureLine(signer.kid, ALGORITHM, to_text(outer))])
    return Envelope(msgspec.json.encode(wire), header, wire)


def parse_envelope(raw: bytes) -> Envelope:
    """Return an envelope whose form is right, whoever made it, or raise BadEnvelope.

    It is one line, so that several can travel as lines.
    """
    if len(raw) > MOST_BYTES or b"\n" in raw:
        raise BadEnvelope
    try:
        wire = converted(strict_object(raw), _Wire)
    except msgspec.ValidationError as cause:
        raise BadEnvelope from cause
    return Envelope(raw, parse_header(to_bytes(wire.p)), wire)


def verify_outer(envelope: Envelope, kid: str, public: bytes) -> None:
    """Return if this key of the sender signed the envelope outside, or raise BadEnvelope."""
    wire = envelope._wire
    covered = _outer_bytes(wire.p, wire.c)
    if not any(line_verifies(line, kid, public, covered) for line in wire.s):
        raise BadEnvelope


def signing_keys(envelope: Envelope) -> tuple[str, ...]:
    """Return the ids of the keys that the envelope says it is signed with."""
    return tuple(line.kid for line in envelope._wire.s)


def open_letter(envelope: Envelope, key: OpeningKey, sender_public: bytes) -> Letter:
    """Return the letter, or raise BadEnvelope.

    The inner signature is over this header: a letter that was opened and sealed anew for another
    recipient does not verify there (surreptitious forwarding).
    """
    place = envelope._wire.p.encode("ascii")
    if key.suite is not envelope.header.suite:
        raise BadEnvelope
    try:
        content = sizes.unfilled(key.open(_SEAL + place, to_bytes(envelope._wire.c)))
        signature, inner = content[:_SIGNATURE_BYTES], content[_SIGNATURE_BYTES:]
        public_key(sender_public).verify(signature, _INNER + place + inner)
    except (SealBroken, InvalidSignature, ValueError) as cause:
        raise BadEnvelope from cause
    return parse_letter(envelope.header, inner)


def _outer_bytes(place: str, content: str) -> bytes:
    digest = hashlib.sha256(content.encode("ascii")).digest()
    return _OUTER + place.encode("ascii") + b"." + digest
