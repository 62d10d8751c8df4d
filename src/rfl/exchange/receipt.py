"""The receipt: a society's signed word that it durably took these exact bytes.

Both sides keep it, and it verifies offline with the key of the descriptor. It says nothing about
a case, so it may be shown to an auditor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from rfl.domain.decoding import converted
from rfl.errors import BadEnvelope
from rfl.exchange.encoding import strict_object, to_bytes, to_text
from rfl.exchange.envelope import Envelope
from rfl.exchange.signed import SignedDocument, Signer, parse_signed, sign_document, signed_by

LABEL: Final = b"rfl-receipt-v1"
MOST_BYTES: Final = 4_096
_TYPE: Final = "rfl-receipt"


class ReceiptStatus(StrEnum):
    """What became of an envelope. A parked one waits for what is missing before it."""

    PROCESSED = "processed"
    PARKED = "parked"
    REJECTED = "rejected"
    EXPIRED = "expired"


class _Wire(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    v: int
    typ: str
    id: str
    sender: str
    to: str
    stream: int
    epoch: int
    seq: int
    digest: Annotated[str, msgspec.Meta(min_length=43, max_length=43)]
    status: ReceiptStatus
    reason: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    at: Annotated[int, msgspec.Meta(ge=0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Which envelope, by id, place and SHA-256 of its body; what became of it, and when.

    `sender` and `recipient` are those of the envelope: the recipient signs. `at` is in seconds
    since 1970. `reason` is a stable code, of a rejected one alone.
    """

    id: str
    sender: str
    recipient: str
    stream: int
    epoch: int
    seq: int
    digest: bytes
    status: ReceiptStatus
    at: int
    reason: str | None = None

    def belongs_to(self, envelope: Envelope) -> bool:
        """True if this receipt is for these exact bytes."""
        return self.digest == envelope.digest and self.id == envelope.header.id


def receipt_for(
    envelope: Envelope, status: ReceiptStatus, at: int, reason: str | None = None
) -> Receipt:
    """Return what the recipient says about an envelope."""
    header = envelope.header
    return Receipt(
        id=header.id,
        sender=header.sender,
        recipient=header.recipient,
        stream=header.stream,
        epoch=header.epoch,
        seq=header.seq,
        digest=envelope.digest,
        status=status,
        at=at,
        reason=reason,
    )


def sign_receipt(receipt: Receipt, signer: Signer) -> SignedDocument:
    """Return the receipt signed; made once, then given out as these bytes for ever."""
    wire = _Wire(
        v=1,
        typ=_TYPE,
        id=receipt.id,
        sender=receipt.sender,
        to=receipt.recipient,
        stream=receipt.stream,
        epoch=receipt.epoch,
        seq=receipt.seq,
        digest=to_text(receipt.digest),
        status=receipt.status,
        reason=receipt.reason,
        at=receipt.at,
    )
    return sign_document(LABEL, msgspec.json.encode(wire), [signer])


def verify_receipt(raw: bytes, kid: str, public: bytes) -> Receipt:
    """Return what this key has signed, or raise BadEnvelope."""
    signed = parse_signed(raw, most=MOST_BYTES)
    if not signed_by(signed, LABEL, kid, public):
        raise BadEnvelope
    try:
        wire = converted(strict_object(signed.document), _Wire)
    except msgspec.ValidationError as cause:
        raise BadEnvelope from cause
    if wire.v != 1 or wire.typ != _TYPE or (wire.reason is not None) != _has_reason(wire.status):
        raise BadEnvelope
    return Receipt(
        id=wire.id,
        sender=wire.sender,
        recipient=wire.to,
        stream=wire.stream,
        epoch=wire.epoch,
        seq=wire.seq,
        digest=to_bytes(wire.digest),
        status=wire.status,
        at=wire.at,
        reason=wire.reason,
    )


def verify_by_any(raw: bytes, keys: Mapping[str, bytes]) -> Receipt:
    """Return what one of these keys, by their ids, has signed, or raise BadEnvelope."""
    for line in parse_signed(raw, most=MOST_BYTES).lines:
        if line.kid in keys:
            return verify_receipt(raw, line.kid, keys[line.kid])
    raise BadEnvelope


def _has_reason(status: ReceiptStatus) -> bool:
    return status is ReceiptStatus.REJECTED
