"""The letter inside an envelope: what is said, why, on what consent, and how to handle it.

It repeats the header's id, societies, stream and place, so that a letter cannot be moved into
another envelope. `data` is the body of its type, as JSON; part II says what each holds.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Any, Final

import msgspec

from rfl.domain.decoding import converted
from rfl.domain.masked import Masked
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, NotUnderstood
from rfl.exchange.encoding import strict_object, to_bytes, to_text
from rfl.exchange.header import Header

MOST_ATTACHMENTS: Final = 64
VERSIONS: Final = frozenset({1})
"""Versions of the letters' schemas that are read here: this one's, and the one before."""


class LetterType(StrEnum):
    """Every type of rfl/1 (guide: protocol, Types of message)."""

    CASE_REQUEST = "case.request"
    CASE_ANSWER = "case.answer"
    CASE_UPDATE = "case.update"
    CASE_RESULT = "case.result"
    CASE_REMINDER = "case.reminder"
    CASE_CLOSE = "case.close"
    CASE_REOPEN = "case.reopen"
    CASE_HANDOVER = "case.handover"
    MESSAGE_FORWARD = "message.forward"
    MESSAGE_REPLY = "message.reply"
    MESSAGE_UNDELIVERABLE = "message.undeliverable"
    CONSENT_CHANGE = "consent.change"
    ERASURE_REQUEST = "erasure.request"
    ERASURE_ATTESTATION = "erasure.attestation"
    PEER_RECALL = "peer.recall"
    LOG_CHECKPOINT = "log.checkpoint"
    LOG_COSIGNATURE = "log.cosignature"
    KEY_NOTICE = "key.notice"
    PING = "ping"


CONTROL: Final = frozenset(
    {
        LetterType.CONSENT_CHANGE,
        LetterType.ERASURE_REQUEST,
        LetterType.ERASURE_ATTESTATION,
        LetterType.PEER_RECALL,
        LetterType.LOG_CHECKPOINT,
        LetterType.LOG_COSIGNATURE,
        LetterType.KEY_NOTICE,
        LetterType.PING,
    }
)
"""Types that travel in the control stream, past what cases wait for."""

ABOUT_PERSONS: Final = frozenset(
    {
        LetterType.CASE_REQUEST,
        LetterType.CASE_UPDATE,
        LetterType.CASE_RESULT,
        LetterType.CASE_HANDOVER,
        LetterType.MESSAGE_FORWARD,
        LetterType.MESSAGE_REPLY,
    }
)
"""Types that tell of persons, and so need a destination whose data protection is assessed (P-16).

An answer (accepted, returned, declined) names nobody. Withdrawal, erasure and recall must arrive
most of all where it is bad.
"""


class ConsentNamed(msgspec.Struct, frozen=True):
    """Which consent covers the letter: its scope, the sender's reference, seconds until its end."""

    scope: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    ref: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    expires: Annotated[int, msgspec.Meta(ge=0)]


class Handling(msgspec.Struct, frozen=True):
    """What the recipient must keep to: seconds since 1970 until which it may keep the content.

    `onward`: it may ask others in its own name; `withhold_origin`: without saying who asks.
    """

    retain_until: Annotated[int, msgspec.Meta(ge=0)]
    onward: bool = False
    withhold_origin: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Attachment(Masked):
    """A blob that belongs to the letter: SHA-256 of its ciphertext, its size, and its key."""

    digest: bytes
    size: int
    media_type: str
    key: bytes


@dataclass(frozen=True, slots=True, repr=False, kw_only=True)
class Letter(Masked):
    """What one society tells another. `issued`: when one that came was sealed, in seconds."""

    type: LetterType
    schema_version: int = 1
    case_ref: str | None = None
    purpose: Purpose
    consent: ConsentNamed | None = None
    handling: Handling | None = None
    data: dict[str, Any] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    issued: int = field(default=0, compare=False)

    @property
    def tells_of_persons(self) -> bool:
        """True for a letter that tells of persons; of a handover, that is the offer alone."""
        is_step = self.type is LetterType.CASE_HANDOVER and self.handling is None
        return self.type in ABOUT_PERSONS and not is_step


class _Attachment(msgspec.Struct, frozen=True):
    sha256: Annotated[str, msgspec.Meta(min_length=43, max_length=43)]
    size: Annotated[int, msgspec.Meta(ge=0, le=2**40)]
    media_type: Annotated[str, msgspec.Meta(min_length=3, max_length=100)]
    key: Annotated[str, msgspec.Meta(min_length=43, max_length=43)]


class _Wire(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    id: str
    sender: str
    to: str
    stream: int
    epoch: int
    seq: int
    type: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z.]{1,39}$")]
    schema_version: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    purpose: Purpose
    data: dict[str, Any]
    case_ref: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    consent: ConsentNamed | None = None
    handling: Handling | None = None
    attachments: Annotated[list[_Attachment], msgspec.Meta(max_length=MOST_ATTACHMENTS)] = []


def letter_bytes(header: Header, letter: Letter) -> bytes:
    """Return the letter as JSON for the place that the header names."""
    wire = _Wire(
        id=header.id,
        sender=header.sender,
        to=header.recipient,
        stream=header.stream,
        epoch=header.epoch,
        seq=header.seq,
        type=letter.type,
        schema_version=letter.schema_version,
        purpose=letter.purpose,
        data=letter.data,
        case_ref=letter.case_ref,
        consent=letter.consent,
        handling=letter.handling,
        attachments=[
            _Attachment(to_text(one.digest), one.size, one.media_type, to_text(one.key))
            for one in letter.attachments
        ],
    )
    return msgspec.json.encode(wire)


def parse_letter(header: Header, raw: bytes) -> Letter:
    """Return what the letter says if it is the one of this header, or raise BadEnvelope.

    Raises NotUnderstood for a type, or a version of one, that is not known here.
    """
    try:
        wire = converted(strict_object(raw), _Wire)
    except msgspec.ValidationError as cause:
        raise BadEnvelope from cause
    own = (header.id, header.sender, header.recipient, header.stream, header.epoch, header.seq)
    if own != (wire.id, wire.sender, wire.to, wire.stream, wire.epoch, wire.seq):
        raise BadEnvelope
    return Letter(
        type=_known(wire),
        schema_version=wire.schema_version,
        case_ref=wire.case_ref,
        purpose=wire.purpose,
        consent=wire.consent,
        handling=wire.handling,
        data=wire.data,
        attachments=tuple(
            Attachment(to_bytes(one.sha256), one.size, one.media_type, to_bytes(one.key))
            for one in wire.attachments
        ),
        issued=header.issued,
    )


def _known(wire: _Wire) -> LetterType:
    if wire.type not in set(LetterType) or wire.schema_version not in VERSIONS:
        raise NotUnderstood
    return LetterType(wire.type)
