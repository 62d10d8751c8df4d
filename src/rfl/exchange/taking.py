"""Take several envelopes of a peer in, whatever way they came: by a call, a pull or a file."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rfl.errors import BadEnvelope, RflError, StreamFork
from rfl.exchange import batch, reception
from rfl.exchange.admission import Called
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.envelope import Envelope
from rfl.exchange.letter import Attachment
from rfl.exchange.network import Network
from rfl.exchange.own import OwnKeys
from rfl.exchange.reasons import Reason
from rfl.exchange.reception import Reception
from rfl.exchange.room import NARROW
from rfl.exchange.sitting import Sitting
from rfl.exchange.tray import Tray
from rfl.storage import alarms, blobs, inbox
from rfl.storage.work import Work

MOST_NOT_YOURS = 3


@dataclass(frozen=True, slots=True)
class Given:
    """What is said about one envelope: the receipt, or the failure that stopped the batch.

    `settled` are the ids of what was dealt with on its account.
    """

    receipt: bytes | None
    repeated: bool = False
    failure: RflError | None = None
    settled: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """The envelopes of one call before the first that is not this peer's, and why that is not.

    `by`: the descriptor that they were verified by. `raws` and `named` are what was read.
    `request`: the call's id, for the log.
    """

    by: Descriptor
    raws: Sequence[bytes] = field(repr=False)
    envelopes: Sequence[Envelope]
    failure: RflError | None = None
    named: str | None = None
    request: str | None = None

    @property
    def place(self) -> tuple[int, int, int]:
        """Stream, epoch and place of the first envelope: calls are taken in this order."""
        if not self.envelopes:
            return (0, 0, 0)
        header = self.envelopes[0].header
        return (header.stream, header.epoch, header.seq)


@dataclass(frozen=True, slots=True)
class Brought:
    """A call with the envelopes that it brings. `named` is the id that its address says of one."""

    called: Called
    raws: Sequence[bytes] = field(repr=False)
    named: str | None = None


Desk = Tray[Brought, list[Given]]
"""Where the calls of one peer are brought."""


def read(
    network: Network,
    peer: Descriptor,
    raws: Sequence[bytes],
    named: str | None = None,
    request: str | None = None,
) -> Read:
    """Return the envelopes of a call of this peer; nothing is asked of the database, or kept.

    `named` is the id that the address of a single envelope says.
    """
    envelopes: list[Envelope] = []
    for raw in raws:
        try:
            envelope = reception.checked(network, peer, raw)
            if named not in (None, envelope.header.id):
                raise BadEnvelope
        except RflError as failure:
            return Read(peer, raws, envelopes, failure, named, request)
        envelopes.append(envelope)
    return Read(peer, raws, envelopes, None, named, request)


def take_each(work: Work, ready: Reception, raws: Sequence[bytes]) -> list[Given]:
    """Take envelopes in, up to the first that fails; what it left is taken back."""
    (given,) = take_all(work, ready, [read(ready.network, ready.peer, raws, request=work.request)])
    return given


def take_all(work: Work, ready: Reception, calls: Sequence[Read]) -> list[list[Given]]:
    """Take the envelopes of several calls in, of each up to the first that fails.

    Return what is said of each call's. People are told of a forked stream and of spent room at
    once, and of what was not a peer's to say on the third.
    """
    calls = [call if call.by == ready.peer else _read_again(ready, call) for call in calls]
    sitting = Sitting(work, ready.peer.code, OwnKeys(work))
    sitting.look([envelope for call in calls for envelope in call.envelopes])
    every = [_taken_of(sitting, ready, call) for call in calls]
    sitting.flush()
    if sitting.brought_blobs or work.destroyed:
        blobs.remove_forsaken(work)
    for given in every:
        if any(isinstance(one.failure, StreamFork) for one in given):
            alarms.sound(work, StreamFork.code, ready.peer.code)
    was_refused = Reason.NOT_YOURS in sitting.reasons
    if was_refused and inbox.refused(work, ready.peer.code, Reason.NOT_YOURS) >= MOST_NOT_YOURS:
        alarms.sound(work, Reason.NOT_YOURS, ready.peer.code, once=True)
    if Reason.ROOM_SPENT in sitting.reasons:
        alarms.sound(work, NARROW, ready.peer.code, once=True)
    return every


def attached_to(work: Work, ready: Reception, raw: bytes) -> tuple[Attachment, ...]:
    """Return what the letter in an envelope of this peer names; nothing of one that is not read."""
    try:
        envelope = reception.checked(ready.network, ready.peer, raw)
        return reception.opened(OwnKeys(work), ready.peer, envelope).attachments
    except RflError:
        return ()


def said(given: Sequence[Given]) -> bytes:
    """Return what is said about each envelope as lines."""
    lines = [batch.Said(one.receipt, one.failure.code if one.failure else None) for one in given]
    return batch.answer(lines)


def _read_again(ready: Reception, call: Read) -> Read:
    """The peer's keys have changed since: a new key may have signed what was not read."""
    return read(ready.network, ready.peer, call.raws, call.named, call.request)


def _taken_of(sitting: Sitting, ready: Reception, call: Read) -> list[Given]:
    sitting.work.request = call.request
    given: list[Given] = []
    for envelope in call.envelopes:
        given.append(_taken(sitting, ready, envelope))
        if given[-1].failure is not None:
            return given
    return given if call.failure is None else [*given, Given(None, failure=call.failure)]


def _taken(sitting: Sitting, ready: Reception, envelope: Envelope) -> Given:
    try:
        answer = reception.judge(sitting, envelope)
    except RflError as failure:
        return Given(None, failure=failure)
    answer = answer or reception.take(sitting, ready, envelope)
    return Given(answer.receipt, answer.repeated, settled=answer.settled)
