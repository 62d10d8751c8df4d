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
from rfl.exchange import attachments
from rfl.exchange.descriptor import Descriptor, Mode
from rfl.exchange.envelope import Envelope, open_letter, parse_envelope, signing_keys, verify_outer
from rfl.exchange.header import NO_PREVIOUS, Header
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.network import Network
from rfl.exchange.own import OwnKeys
from rfl.exchange.reasons import Reason, Refused, reason_of
from rfl.exchange.receipt import ReceiptStatus, receipt_for, sign_receipt
from rfl.exchange.sitting import Sitting
from rfl.storage import in_streams, inbox
from rfl.storage.in_streams import Head
from rfl.storage.inbox import PARKED, Arrived, Taken
from rfl.storage.work import Work

MOST_PARKED: Final = 1_000
Effect = Callable[[Work, str, Letter], None]
"""What a type of letter does here, for a peer; it raises Refused where it is not obeyed."""


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


def checked(network: Network, peer: Descriptor, raw: bytes) -> Envelope:
    """Return an envelope of this peer to this node, or raise; nothing is opened or kept."""
    if len(raw) > network.limits.envelope_bytes:
        raise TooLarge
    envelope = parse_envelope(raw)
    header = envelope.header
    if (header.sender, header.recipient) != (peer.code, network.code):
        raise BadEnvelope
    if header.exercise is not (network.mode is Mode.EXERCISE):
        raise BadEnvelope
    if STRENGTH.index(header.suite) < STRENGTH.index(network.minimum_suite):
        raise SuiteTooWeak
    verify_outer(envelope, *_signing_key(peer, envelope))
    return envelope


def opened(keys: OwnKeys, peer: Descriptor, envelope: Envelope) -> Letter:
    """Return the letter of an envelope that was checked, or raise BadEnvelope or NotUnderstood."""
    _key_id, public = _signing_key(peer, envelope)
    return open_letter(envelope, keys.opening(envelope.header.sealed_to), public)


def judge(sitting: Sitting, envelope: Envelope) -> Answer | None:
    """Return the answer that was given before, or None for a new one; or raise what it breaks.

    Nothing is written here: what is refused leaves the stream as it was.
    """
    header = envelope.header
    before = sitting.taken(header.id)
    if before is not None:
        return _given_before(before, envelope)
    head = sitting.head(header.stream)
    if _is_next(head, header):
        if header.prev != _expected(head, header):
            raise StreamFork
        return None
    _require_new_place(sitting, head, header)
    if sitting.parked(header.stream) >= MOST_PARKED:
        raise StorageBusy("Too much waits in this stream for what is before it.")
    return None


def take(sitting: Sitting, ready: Reception, envelope: Envelope) -> Answer:
    """Take a new envelope in, and what was parked behind it. Any failure is the whole call's."""
    header, head = envelope.header, sitting.head(envelope.header.stream)
    if not _is_next(head, header):
        return Answer(_park(sitting, envelope))
    receipt = _process(sitting, ready, envelope, None)
    left: list[str] = []
    if header.epoch > head.epoch and sitting.parked(header.stream):
        left = _reject_left_behind(sitting, header)
    behind = _unpark(sitting, ready, header) if sitting.parked(header.stream) else []
    return Answer(receipt, settled=(header.id, *left, *behind))


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


def _require_new_place(sitting: Sitting, head: Head, header: Header) -> None:
    """A place is taken once. Whoever comes to it again with another id has forked the stream.

    At the next place of a stream nothing can stand: it would have been dealt with.
    """
    sitting.flush()
    place = (header.sender, header.stream, header.epoch, header.seq)
    if inbox.at_place(sitting.work, *place) is not None:
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


def _park(sitting: Sitting, envelope: Envelope) -> bytes:
    receipt = _signed(sitting, envelope, ReceiptStatus.PARKED, None)
    _keep(sitting, envelope, PARKED, receipt, body=envelope.body)
    return receipt


def _unpark(sitting: Sitting, ready: Reception, header: Header) -> list[str]:
    """Work off what was parked directly behind; one that does not follow is rejected."""
    sitting.flush()
    place, sender, stream = header.seq + 1, header.sender, header.stream
    settled: list[str] = []
    while True:
        waiting = inbox.at_place(sitting.work, sender, stream, header.epoch, place)
        if waiting is None or waiting.status != PARKED or waiting.body is None:
            return settled
        envelope = parse_envelope(waiting.body)
        _process(sitting, ready, envelope, waiting)
        in_streams.move(sitting.work, sender, {stream: sitting.head(stream)})
        settled.append(waiting.id)
        place += 1


def _reject_left_behind(sitting: Sitting, header: Header) -> list[str]:
    """A later epoch has begun: what is parked in earlier ones will never have its turn."""
    sitting.flush()
    settled: list[str] = []
    for waiting in inbox.left_behind(sitting.work, header.sender, header.stream, header.epoch):
        envelope = parse_envelope(waiting.body or b"")
        receipt = _signed(sitting, envelope, ReceiptStatus.REJECTED, Reason.SUPERSEDED)
        said = (ReceiptStatus.REJECTED, Reason.SUPERSEDED)
        sitting.unpark(waiting, header.stream, said, receipt)
        settled.append(waiting.id)
    return settled


def _process(sitting: Sitting, ready: Reception, envelope: Envelope, parked: Taken | None) -> bytes:
    header = envelope.header
    status, reason = _effect(sitting, ready, envelope, parked)
    receipt = _signed(sitting, envelope, status, reason)
    sitting.move(header.stream, Head(header.epoch, header.seq, envelope.digest))
    if parked is None:
        _keep(sitting, envelope, status, receipt, reason=reason)
    else:
        sitting.unpark(parked, header.stream, (status, reason), receipt)
    return receipt


def _effect(
    sitting: Sitting, ready: Reception, envelope: Envelope, parked: Taken | None
) -> tuple[ReceiptStatus, str | None]:
    """Open the letter and do what it says; a savepoint takes a refused one's traces back.

    What it brought goes, obeyed or not, unless a record has taken it as its own.
    """
    header, work = envelope.header, sitting.work
    if header.expires * 1_000_000 <= work.micros:
        return ReceiptStatus.EXPIRED, None
    letter: Letter | None = None
    reason: str | None
    status, reason = ReceiptStatus.PROCESSED, None
    try:
        if parked is not None and header.prev != _expected(sitting.head(header.stream), header):
            raise Refused(Reason.STREAM_FORK)
        letter = opened(sitting.keys, ready.peer, envelope)
        with sitting.part():
            _obey(work, header.sender, ready, letter)
    except Refused as refused:
        status, reason = ReceiptStatus.REJECTED, refused.reason
    except (StorageBusy, StorageFull, StorageFailed):
        raise
    except RflError as refused:
        status, reason = ReceiptStatus.REJECTED, reason_of(refused)
    if letter is not None:
        attachments.let_go(work, header.sender, letter)
        sitting.brought_blobs |= bool(letter.attachments)
    return status, reason


def _obey(work: Work, sender: str, ready: Reception, letter: Letter) -> None:
    """Do what a letter says, with what is attached; or raise Refused."""
    effect = ready.effects.get(letter.type)
    if effect is None:
        raise Refused(Reason.NOT_UNDERSTOOD)
    if not attachments.are_here(work, sender, letter):
        raise Refused(Reason.ATTACHMENT_MISSING)
    effect(work, sender, letter)


def _keep(
    sitting: Sitting,
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
    sitting.keep(arrived)


def _signed(
    sitting: Sitting, envelope: Envelope, status: ReceiptStatus, reason: str | None
) -> bytes:
    receipt = receipt_for(envelope, status, sitting.work.micros // 1_000_000, reason)
    return sign_receipt(receipt, sitting.keys.signer()).to_bytes()
