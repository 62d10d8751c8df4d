"""Ask peers what became of letters that they had parked: their last word is still to come."""

from collections.abc import Sequence
from dataclasses import dataclass

from rfl.domain.access import Verb
from rfl.errors import BadEnvelope, ClockSkew
from rfl.exchange import batch, calling, settling
from rfl.exchange.calling import Carry, NotReached
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.post import callable_peer
from rfl.flows.runtime import OFFICE_CALL, Runtime, network_of
from rfl.storage import ledger, outbox
from rfl.storage.outbox import OutState, Waiting


@dataclass(frozen=True, slots=True)
class _Question:
    """A request that asks a peer what became of these envelopes."""

    peer: Descriptor
    waiting: Sequence[Waiting]
    request: HopRequest


def ask_for_receipts(rt: Runtime, carry: Carry) -> int:
    """Ask peers what became of what they had parked; return how many receipts were kept.

    A peer that knows nothing of an envelope any more, as after a restore, is sent it again.
    """
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        waiting = outbox.parking(work)
    kept = 0
    for peer in waiting:
        asked = _questioned(rt, peer)
        if asked is None:
            continue
        try:
            kept += _settle_questions(rt, asked, carry(asked.request))
        except (OSError, BadEnvelope, ClockSkew, NotReached):
            continue
    return kept


def _questioned(rt: Runtime, peer: str) -> _Question | None:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        to = callable_peer(work, network_of(rt), peer)
        waiting = outbox.parked(work, peer, batch.MOST)
        if to is None or not waiting:
            return None
        body = batch.questions([one.id for one in waiting])
        request = calling.post_to(work, to, calling.RECEIPTS, batch.QUESTIONS_TYPE, body)
    return _Question(to, waiting, request)


def _settle_questions(rt: Runtime, asked: _Question, response: HopResponse) -> int:
    kept = 0
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.peer = asked.peer.code
        work.require()
        said = batch.parse_answer(calling.answered(work, asked.peer, response))
        for waiting, one in zip(asked.waiting, said, strict=False):
            if one.receipt is not None:
                kept += settling.keep_receipt(work, asked.peer, waiting, one.receipt)
            else:
                outbox.settle(work, waiting.id, OutState.WAITING, None)
        ledger.append(work, objects=settling.answered(asked.waiting, said), count=kept)
    return kept
