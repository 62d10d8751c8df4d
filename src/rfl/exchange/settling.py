"""What a peer says of the letters that were sent to it: its receipts, and what it refuses."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rfl.errors import BadEnvelope
from rfl.exchange import batch
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.receipt import Receipt, ReceiptStatus, verify_by_any
from rfl.storage import alarms, ledger, outbox
from rfl.storage.outbox import OutState, Waiting
from rfl.storage.work import Work

FIRST_RETRY: Final = 30.0
LAST_RETRY: Final = 6 * 3_600.0
MOST_DOUBLINGS: Final = 12
REJECTED, STOPPED = "letter-rejected", "letter-stopped"
NEVER: Final = frozenset(
    {
        "bad-envelope",
        "suite-too-weak",
        "id-reused",
        "stream-fork",
        "already-processed",
        "too-large",
    }
)
"""Problems of an envelope that stay what they are: a person is shown them, nothing is retried."""

_STATES: Final = {
    ReceiptStatus.PROCESSED: OutState.PROCESSED,
    ReceiptStatus.REJECTED: OutState.REJECTED,
    ReceiptStatus.EXPIRED: OutState.EXPIRED,
    ReceiptStatus.PARKED: OutState.PARKED,
}


@dataclass(frozen=True, slots=True)
class Word:
    """What a peer has said of letters of one stream: receipts, and the problem that it stopped at.

    `rest` are the ids of what stands in that stream from there on.
    """

    kept: Sequence[tuple[str, OutState, bytes]]
    stopped: Waiting | None = None
    problem: str = ""
    rest: Sequence[str] = ()


def read(peer: Descriptor, waiting: Sequence[Waiting], said: Sequence[batch.Said]) -> Word:
    """Return what was said of these letters of one stream, or raise BadEnvelope.

    Nothing is asked or kept: each receipt is verified, and is for these very bytes.
    """
    kept: list[tuple[str, OutState, bytes]] = []
    for sent, one in zip(waiting, said, strict=False):
        if one.receipt is None:
            rest = [other.id for other in waiting if other.seq >= sent.seq]
            return Word(kept, sent, one.problem or "", rest)
        kept.append((sent.id, _state_by(peer, sent, one.receipt), one.receipt))
    return Word(kept)


def settle(work: Work, peer: str, words: Sequence[Word]) -> int:
    """Keep the receipts that a peer gave; what a problem stopped waits, or is shown.

    Return how many receipts were kept.
    """
    kept = [one for word in words for one in word.kept]
    for _envelope, state, _raw in kept:
        _tell_of(work, peer, state)
    for word in words:
        if word.stopped is not None:
            stop(work, peer, word.stopped, word.problem, word.rest)
    return outbox.settle_all(work, kept)


def answered(waiting: Sequence[Waiting], said: Sequence[batch.Said]) -> list[str]:
    """Return ids of the letters whose receipts came: the logs of both sides name them."""
    return [sent.id for sent, one in zip(waiting, said, strict=False) if one.receipt is not None]


def keep_receipt(work: Work, peer: Descriptor, sent: Waiting, raw: bytes) -> bool:
    """Keep a receipt of this very letter, or raise BadEnvelope; False if it was kept before."""
    state = _state_by(peer, sent, raw)
    _tell_of(work, peer.code, state)
    return outbox.settle(work, sent.id, state, raw)


def _state_by(peer: Descriptor, sent: Waiting, raw: bytes) -> OutState:
    """Return what a receipt of this very letter says, or raise BadEnvelope."""
    receipt = verified(peer, raw)
    if (receipt.id, receipt.digest) != (sent.id, sent.digest):
        raise BadEnvelope
    return _STATES[receipt.status]


def _tell_of(work: Work, peer: str, state: OutState) -> None:
    """People are told of a letter that was refused, or came too late."""
    if state in (OutState.REJECTED, OutState.EXPIRED):
        alarms.sound(work, REJECTED, peer)


def verified(peer: Descriptor, raw: bytes) -> Receipt:
    """Return what a peer has signed, with a key of its descriptor, or raise BadEnvelope."""
    return verify_by_any(raw, {key.kid: key.public for key in peer.signing_keys})


def stop(work: Work, peer: str, sent: Waiting, problem: str, rest: Sequence[str]) -> None:
    """What may pass later waits for it, and so do `rest`; what never will is shown to a person."""
    if problem not in NEVER:
        outbox.postpone(work, rest, later(work, sent.attempts))
        return
    outbox.settle(work, sent.id, OutState.STOPPED, None)
    alarms.sound(work, STOPPED, peer)
    ledger.append(work, reason=problem)


def later(work: Work, attempts: int) -> int:
    """Return when to try again after so many failures: 30 s doubling to 6 h, times 0.8 to 1.4."""
    seconds = min(FIRST_RETRY * 2 ** min(attempts, MOST_DOUBLINGS), LAST_RETRY)
    return work.micros + int(seconds * random.uniform(0.8, 1.4) * 1_000_000)  # noqa: S311 (jitter)
