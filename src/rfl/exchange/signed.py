"""A document with signatures over its exact bytes: descriptors, receipts and statements.

`{"p": base64url(document), "s": [{"kid", "alg", "sig"}]}`, where each signature is Ed25519 (RFC
8032) over `LABEL || 0x00 || p`. The label keeps a signature from being taken for another's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope
from rfl.exchange.encoding import strict_object, to_bytes, to_text

ALGORITHM: Final = "Ed25519"
MOST_SIGNATURES: Final = 8

Sign = Callable[[bytes], bytes]
"""Makes an Ed25519 signature (RFC 8032), as a key agent does for one of its keys."""

# The few keys of a peer are those of all its letters.
public_key = lru_cache(maxsize=256)(Ed25519PublicKey.from_public_bytes)


class SignatureLine(msgspec.Struct, frozen=True):
    """Who signed, how, and the signature as base64url."""

    kid: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    alg: Annotated[str, msgspec.Meta(max_length=16)]
    sig: Annotated[str, msgspec.Meta(max_length=128)]


class _Wire(msgspec.Struct, frozen=True):
    p: str
    s: Annotated[list[SignatureLine], msgspec.Meta(min_length=1, max_length=MOST_SIGNATURES)]


@dataclass(frozen=True, slots=True)
class Signer:
    """A key's id, and the way to sign with it."""

    kid: str
    sign: Sign


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """The exact bytes of a document, and who says that they signed it."""

    document: bytes
    lines: tuple[SignatureLine, ...]

    def to_bytes(self) -> bytes:
        """Return the document and its signatures as JSON."""
        return msgspec.json.encode(_Wire(to_text(self.document), list(self.lines)))


def sign_document(label: bytes, document: bytes, signers: Sequence[Signer]) -> SignedDocument:
    """Return the document signed by each of the signers."""
    covered = _covered(label, document)
    lines = [SignatureLine(one.kid, ALGORITHM, to_text(one.sign(covered))) for one in signers]
    return SignedDocument(document, tuple(lines))


def parse_signed(raw: bytes, *, most: int) -> SignedDocument:
    """Return a document of at most `most` bytes, whoever signed it, or raise BadEnvelope."""
    if len(raw) > most:
        raise BadEnvelope
    try:
        wire = converted(strict_object(raw), _Wire)
    except msgspec.ValidationError as cause:
        raise BadEnvelope from cause
    return SignedDocument(to_bytes(wire.p), tuple(wire.s))


def signed_by(signed: SignedDocument, label: bytes, kid: str, public: bytes) -> bool:
    """Tell whether this key signed the document under this label."""
    covered = _covered(label, signed.document)
    return any(line_verifies(line, kid, public, covered) for line in signed.lines)


def line_verifies(line: SignatureLine, kid: str, public: bytes, covered: bytes) -> bool:
    """Tell whether a line is a key's signature over the bytes covered."""
    if line.kid != kid or line.alg != ALGORITHM:
        return False
    try:
        public_key(public).verify(to_bytes(line.sig), covered)
    except (InvalidSignature, ValueError, BadEnvelope):
        return False
    return True


def _covered(label: bytes, document: bytes) -> bytes:
    return label + b"\x00" + to_text(document).encode("ascii")
