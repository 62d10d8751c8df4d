"""Take envelopes in: each once, in the order of its stream, with a receipt for what was taken.

All of it is one transaction of the caller, who answers after the commit (guide: protocol,
Reliability). Once the outer signature of a trusted peer verifies, whatever else is wrong is a
receipt that says *rejected* and uses up the place, so that the stream goes on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rfl.crypto.hpke import STRENGTH
from rfl.errors import (
    AlreadyProcessed,
    BadEnvelope,
    IdReused,
    RflError,
    StorageBusy,
    StorageFailed,
    StorageFull,
    StreamFork,
    SuiteTooWeak,
    TooLarge,
    UnknownKey,
)
from rfl.exchange import attachments, own
from rfl.exchange.descriptor import Descriptor, Mode
from rfl.exchange.envelope import Envelope, open_letter, parse_envelope, signing_keys, verify_outer
from rfl.exchange.header import NO_PREVIOUS, Header
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.network import Network
from rfl.exchange.receipt import ReceiptStatus, receipt_for, sign_receipt
from rfl.storage import inbox
from rfl.storage.inbox import PARKED, Arrived, Head, Taken
from rfl.storage.work import Work

MOST_PARKED: Final = 1_000
SUPERSEDED: Final = "superseded"
"""Reason of what was parked in an epoch that its sender has left."""

NOT_YOURS: Final = "not-yours"
NOT_UNDERSTOOD: Final = "not-understood"

Effect = Callable[[Work, str, Letter], None]
"""What a type of letter does here, for a peer; it raises Refused where it is not obeyed."""


class Refused(Exception):
    """A letter that was read is not obeyed; `reason` is a stable code that the sender is told."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Reception:
    """What a node needs to take envelopes of one peer in."""

    network: Network
    peer: Descriptor
    effects: Mapping[LetterType, Effect] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """The receipt to give, whether it was given before, and the ids of what was dealt with now.

    Those are of the envelope itself and of what was parked behind it, in the order of the stream.
    """

    receipt: bytes
    repeated: bool = False
    settled: tuple[str, ...] = ()


def checked(reception: Reception, raw: bytes) -> Envelope:
    """Return an envelope of this peer to this node, or raise; nothing is opened or kept."""
    if len(raw) > reception.network.limits.envelope_bytes:
        raise TooLarge
    envelope = parse_envelope(raw)
    header = envelope.header
    if (header.sender, header.recipient) != (reception.peer.code, reception.network.code):
        raise BadEnvelope
    if header.exercise is not (reception.network.mode is Mode.EXERCISE):
        raise BadEnvelope
    if STRENGTH.index(header.suite) < STRENGTH.index(reception.network.minimum_suite):
        raise SuiteTooWeak
    verify_outer(envelope, *_signing_key(reception.peer, envelope))
    return envelope


def take(work: Work, reception: Reception, envelope: Envelope) -> Answer:
    """Take a checked envelope in, and what was parked behind it; or raise what it broke."""
    header = envelope.header
    before = inbox.taken(work, header.id)
    if before is not None:
        return _given_before(before, envelope)
    head = inbox.head(work, header.sender, header.stream)
    _require_new_place(work, head, header)
    if not _is_next(head, header):
        return Answer(_park(work, reception, envelope))
    if header.prev != _expected(head, header):
        raise StreamFork
    receipt = _process(work, reception, envelope, None)
    left = _reject_left_behind(work, header)
    return Answer(receipt, settled=(header.id, *left, *_unpark(work, reception, header)))


def _signing_key(peer: Descriptor, envelope: Envelope) -> tuple[str, bytes]:
    named = signing_keys(envelope)
    for key in peer.signing_keys:
        if key.kid in named and key.not_after > envelope.header.issued:
            return key.kid, key.public
    raise UnknownKey


def _given_before(before: Taken, envelope: Envelope) -> Answer:
    if before.digest != envelope.digest:
        raise IdReused
    return Answer(before.receipt, repeated=True)


def _require_new_place(work: Work, head: Head, header: Header) -> None:
    """A place is taken once. Whoever comes to it again with another id has forked the stream."""
    place = (header.sender, header.stream, header.epoch, header.seq)
    if inbox.at_place(work, *place) is not None:
        raise StreamFork
    if (header.epoch, header.seq) <= (head.epoch, head.seq):
        raise AlreadyProcessed


def _is_next(head: Head, header: Header) -> bool:
    """The next of the epoch, or the first of a later one: its sender was restored from a copy."""
    if header.epoch == head.epoch:
        return header.seq == head.seq + 1
    return header.epoch > head.epoch and header.seq == 1


def _expected(head: Head, header: Header) -> bytes:
    return NO_PREVIOUS if header.seq == 1 else head.digest


def _park(work: Work, reception: Reception, envelope: Envelope) -> bytes:
    header = envelope.header
    if inbox.parked(work, header.sender, header.stream) >= MOST_PARKED:
        raise TooLarge("Too much waits in this stream for what is before it.")
    receipt = _signed(work, envelope, ReceiptStatus.PARKED, None)
    _keep(work, envelope, PARKED, receipt, body=envelope.body)
    return receipt


def _unpark(work: Work, reception: Reception, header: Header) -> list[str]:
    """Work off what was parked directly behind; one that does not follow is rejected."""
    place, sender, stream = header.seq + 1, header.sender, header.stream
    settled: list[str] = []
    while True:
        waiting = inbox.at_place(work, sender, stream, header.epoch, place)
        if waiting is None or waiting.status != PARKED or waiting.body is None:
            return settled
        _process(work, reception, parse_envelope(waiting.body), waiting)
        settled.append(waiting.id)
        place += 1


def _reject_left_behind(work: Work, header: Header) -> list[str]:
    """A later epoch has begun: what is parked in earlier ones will never have its turn."""
    settled: list[str] = []
    for raw in inbox.left_behind(work, header.sender, header.stream, header.epoch):
        envelope = parse_envelope(raw)
        receipt = _signed(work, envelope, ReceiptStatus.REJECTED, SUPERSEDED)
        inbox.unpark(work, envelope.header.id, ReceiptStatus.REJECTED, SUPERSEDED, receipt)
        settled.append(envelope.header.id)
    return settled


def _process(work: Work, reception: Reception, envelope: Envelope, parked: Taken | None) -> bytes:
    header = envelope.header
    status, reason = _effect(work, reception, envelope, parked)
    receipt = _signed(work, envelope, status, reason)
    if parked is None:
        _keep(work, envelope, status, receipt, reason=reason)
    else:
        inbox.unpark(work, header.id, status, reason, receipt)
    place = Head(header.epoch, header.seq, envelope.digest)
    inbox.move_head(work, header.sender, header.stream, place)
    return receipt


def _effect(
    work: Work, reception: Reception, envelope: Envelope, parked: Taken | None
) -> tuple[ReceiptStatus, str | None]:
    """Open the letter and do what it says; a savepoint takes a refused one's traces back."""
    header = envelope.header
    if header.expires * 1_000_000 <= work.micros:
        return ReceiptStatus.EXPIRED, None
    try:
        with work.connection.begin_nested():
            if parked is not None:
                head = inbox.head(work, header.sender, header.stream)
                if header.prev != _expected(head, header):
                    raise Refused(StreamFork.code)
            _obey(work, reception, envelope)
    except Refused as refused:
        return ReceiptStatus.REJECTED, refused.reason
    except (StorageBusy, StorageFull, StorageFailed):
        raise
    except RflError as refused:
        return ReceiptStatus.REJECTED, refused.code
    return ReceiptStatus.PROCESSED, None


def _obey(work: Work, reception: Reception, envelope: Envelope) -> None:
    """Open the letter and do what it says, with what is attached; or raise Refused."""
    sender = envelope.header.sender
    _key_id, public = _signing_key(reception.peer, envelope)
    letter = open_letter(envelope, own.opening(work, envelope.header.sealed_to), public)
    effect = reception.effects.get(letter.type)
    if effect is None:
        raise Refused("not-understood")
    if not attachments.are_here(work, sender, letter):
        raise Refused(attachments.MISSING)
    effect(work, sender, letter)
    attachments.let_go(work, sender, letter)


def _keep(
    work: Work,
    envelope: Envelope,
    status: str,
    receipt: bytes,
    *,
    body: bytes | None = None,
    reason: str | None = None,
) -> None:
    header = envelope.header
    arrived = Arrived(
        id=header.id,
        peer=header.sender,
        stream=header.stream,
        epoch=header.epoch,
        seq=header.seq,
        digest=envelope.digest,
        status=status,
        reason=reason,
        receipt=receipt,
        body=body,
        expires_at=header.expires * 1_000_000,
    )
    inbox.keep(work, arrived)


def _signed(work: Work, envelope: Envelope, status: ReceiptStatus, reason: str | None) -> bytes:
    receipt = receipt_for(envelope, status, work.micros // 1_000_000, reason)
    return sign_receipt(receipt, own.signer(work)).to_bytes()
