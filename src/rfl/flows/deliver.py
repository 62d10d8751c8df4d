"""Deliver what waits in the outbox, each stream in its order, and keep the receipts.

No lock is held while a peer is waited for: a stream is claimed for a while, so that one request
is under way for each peer and stream, by any number of workers. What fails is tried again after 30
seconds, doubling to six hours; what arrives twice is given the same receipt.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rfl.crypto.keyring import HOP
from rfl.domain.access import Verb
from rfl.errors import BadEnvelope, ClockSkew, Conflict, RflError
from rfl.exchange import batch, hop, own
from rfl.exchange.descriptor import Descriptor, PublishedKey
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.post import trusted
from rfl.exchange.receipt import Receipt, ReceiptStatus, verify_receipt
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import ledger, outbox, peers
from rfl.storage.outbox import OutState, Waiting

FIRST_RETRY: Final = 30.0
LAST_RETRY: Final = 6 * 3_600.0
CLAIM_SECONDS: Final = 120
_SECOND: Final = 1_000_000
_STATES: Final = {
    ReceiptStatus.PROCESSED: OutState.PROCESSED,
    ReceiptStatus.REJECTED: OutState.REJECTED,
    ReceiptStatus.EXPIRED: OutState.EXPIRED,
    ReceiptStatus.PARKED: OutState.PARKED,
}

Carry = Callable[[HopRequest], HopResponse]
"""Carries a request to its address and returns the answer, or raises OSError."""


class NotReached(Exception):
    """A peer did not answer, or its answer is to be asked for again."""


@dataclass(frozen=True, slots=True)
class _Load:
    """The envelopes of one stream that leave together, and where to."""

    peer: Descriptor
    stream: int
    waiting: Sequence[Waiting]
    request: HopRequest


def deliver_due(rt: Runtime, carry: Carry) -> int:
    """Deliver what may leave now, a batch of each stream; return how many receipts were kept."""
    with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        due = outbox.streams_due(work)
    return sum(_deliver(rt, carry, peer, stream) for peer, stream in due)


def expire_waiting(rt: Runtime) -> list[str]:
    """Give up what has passed its end; return the ids, which a person is to be told."""
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        gone = outbox.expire(work)
        if gone:
            ledger.append(work, count=len(gone), reason="expired")
    return gone


def _deliver(rt: Runtime, carry: Carry, peer: str, stream: int) -> int:
    load = _claimed(rt, peer, stream)
    if load is None:
        return 0
    try:
        said = _said(rt, load, carry(load.request))
        return _settle(rt, load, said)
    except (OSError, BadEnvelope, ClockSkew, NotReached) as failure:
        _put_off(rt, load, failure.code if isinstance(failure, RflError) else "not-reached")
        return 0


def _claimed(rt: Runtime, peer: str, stream: int) -> _Load | None:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        try:
            to = trusted(work, peer)
        except Conflict:
            return None
        if not outbox.claim(work, peer, stream, CLAIM_SECONDS * _SECOND):
            return None
        waiting = outbox.take(work, peer, stream, to.limits.batch)
        if not waiting:
            outbox.release(work, peer, stream)
            return None
        headers = {"content-type": batch.MEDIA_TYPE}
        body = batch.joined([one.body for one in waiting])
        request = HopRequest("POST", f"{to.base_url.rstrip('/')}/rfl/v1/inbox", headers, body)
        hop.sign_request(request, own.signer(work, HOP), work.now)
    return _Load(to, stream, waiting, request)


def _said(rt: Runtime, load: _Load, response: HopResponse) -> list[batch.Said]:
    """Return what the peer says about each envelope; only its own signed word counts."""
    keys = {key.kid: key.public for key in load.peer.hop_keys}
    hop.verify_response(response, keys.get, rt.clock())
    if response.status_code != 200:
        raise NotReached
    return batch.parse_answer(response.body)


def _settle(rt: Runtime, load: _Load, said: Sequence[batch.Said]) -> int:
    """Keep the receipts of what was taken; what a problem stopped waits, or is shown to people."""
    kept = 0
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.peer = load.peer.code
        work.require()
        for waiting, one in zip(load.waiting, said, strict=False):
            if one.receipt is None:
                outbox.settle(work, waiting.id, OutState.STOPPED, None)
                ledger.append(work, reason=one.problem)
                break
            receipt = _verified(load.peer, one.receipt, waiting)
            kept += outbox.settle(work, waiting.id, _STATES[receipt.status], one.receipt)
        ledger.append(work, count=kept)
        peers.heard(work, load.peer.code)
        outbox.hasten(work, load.peer.code)
        outbox.release(work, load.peer.code, load.stream)
    return kept


def _verified(peer: Descriptor, raw: bytes, waiting: Waiting) -> Receipt:
    receipt = verify_receipt(raw, *_receipt_key(peer))
    if (receipt.id, receipt.digest) != (waiting.id, waiting.digest):
        raise BadEnvelope
    return receipt


def _receipt_key(peer: Descriptor) -> tuple[str, bytes]:
    key: PublishedKey = max(peer.signing_keys, key=lambda one: one.not_after)
    return key.kid, key.public


def _put_off(rt: Runtime, load: _Load, reason: str) -> None:
    attempts = max(one.attempts for one in load.waiting)
    seconds = min(FIRST_RETRY * 2**attempts, LAST_RETRY) * random.uniform(0.8, 1.4)  # noqa: S311 (jitter)
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.peer = load.peer.code
        work.require()
        until = work.micros + int(seconds * _SECOND)
        outbox.postpone(work, [one.id for one in load.waiting], until)
        outbox.release(work, load.peer.code, load.stream)
        ledger.append(work, reason=reason)
