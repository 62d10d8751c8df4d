"""Take several envelopes of a peer in, whatever way they came: by a call, a pull or a file."""

from collections.abc import Sequence
from dataclasses import dataclass

from rfl.errors import BadEnvelope, RflError, StreamFork
from rfl.exchange import batch, reception
from rfl.exchange.envelope import Envelope
from rfl.exchange.letter import Attachment
from rfl.exchange.own import OwnKeys
from rfl.exchange.reasons import Reason
from rfl.exchange.reception import Reception
from rfl.exchange.room import NARROW
from rfl.exchange.sitting import Sitting
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


def take_each(
    work: Work, ready: Reception, raws: Sequence[bytes], named: str | None = None
) -> list[Given]:
    """Take envelopes in, up to the first that fails; what it left is taken back.

    `named` is the id that the address of a single envelope says. People are told of a forked
    stream and of spent room at once, and of what was not a peer's to say on the third.
    """
    sitting = Sitting(work, ready.peer.code, OwnKeys(work))
    given: list[Given] = []
    envelopes, failure = _readable(ready, raws, named)
    sitting.look(envelopes)
    for envelope in envelopes:
        given.append(_taken(sitting, ready, envelope))
        if given[-1].failure is not None:
            break
    else:
        given += [Given(None, failure=failure)] if failure is not None else []
    sitting.flush()
    if sitting.brought_blobs or work.destroyed:
        blobs.remove_forsaken(work)
    if any(isinstance(one.failure, StreamFork) for one in given):
        alarms.sound(work, StreamFork.code, ready.peer.code)
    was_refused = Reason.NOT_YOURS in sitting.reasons
    if was_refused and inbox.refused(work, ready.peer.code, Reason.NOT_YOURS) >= MOST_NOT_YOURS:
        alarms.sound(work, Reason.NOT_YOURS, ready.peer.code, once=True)
    if Reason.ROOM_SPENT in sitting.reasons:
        alarms.sound(work, NARROW, ready.peer.code, once=True)
    return given


def attached_to(work: Work, ready: Reception, raw: bytes) -> tuple[Attachment, ...]:
    """Return what the letter in an envelope of this peer names; nothing of one that is not read."""
    try:
        envelope = reception.checked(ready, raw)
        return reception.opened(OwnKeys(work), ready.peer, envelope).attachments
    except RflError:
        return ()


def said(given: Sequence[Given]) -> bytes:
    """Return what is said about each envelope as lines."""
    lines = [batch.Said(one.receipt, one.failure.code if one.failure else None) for one in given]
    return batch.answer(lines)


def _readable(
    ready: Reception, raws: Sequence[bytes], named: str | None
) -> tuple[list[Envelope], RflError | None]:
    """Return the envelopes before the first that is not this peer's to this node, and why not."""
    envelopes: list[Envelope] = []
    for raw in raws:
        try:
            envelope = reception.checked(ready, raw)
            if named not in (None, envelope.header.id):
                raise BadEnvelope
        except RflError as failure:
            return envelopes, failure
        envelopes.append(envelope)
    return envelopes, None


def _taken(sitting: Sitting, ready: Reception, envelope: Envelope) -> Given:
    try:
        answer = reception.judge(sitting, envelope)
    except RflError as failure:
        return Given(None, failure=failure)
    answer = answer or reception.take(sitting, ready, envelope)
    return Given(answer.receipt, answer.repeated, settled=answer.settled)
