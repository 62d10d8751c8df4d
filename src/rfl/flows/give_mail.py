"""Give a society behind NAT the letters that wait for it, and take what it says of them.

It calls, since nobody can call it. What it was given and has not spoken of is given again.
"""

from collections.abc import Sequence

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.exchange import batch, settling
from rfl.exchange.admission import STRANGER, Called, admitted
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.header import CONTROL_STREAM
from rfl.flows.runtime import Call, Runtime, network_of
from rfl.storage import ledger, outbox, post_queries
from rfl.storage.outbox import OutState, Waiting
from rfl.storage.work import Work

MEDIA_TYPE = batch.MEDIA_TYPE
_OPEN = (OutState.WAITING, OutState.PARKED)


def give_mail(rt: Runtime, called: Called) -> bytes:
    """Return the next envelopes of one stream for the caller, as lines; none if nothing waits.

    The control stream comes first. What waits for a tick, or behind what was refused, stays. When
    nothing else waits, what was parked there is given again: its receipt may have changed.
    """
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, network_of(rt), called)
        waiting = _next(work, peer)
        ledger.append(work, count=len(waiting), reason="mailbox")
    return batch.joined([one.body for one in waiting])


def take_word(rt: Runtime, called: Called) -> int:
    """Keep the receipts, and heed the refusals, of what the caller was given; return how many."""
    said = batch.parse_answer(called.body)[: batch.MOST]
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, network_of(rt), called)
        kept = _heeded(work, peer, said)
        ledger.append(work, objects=kept, count=len(kept), reason="mailbox-receipts")
    return len(kept)


def _next(work: Work, peer: Descriptor) -> Sequence[Waiting]:
    for stream in (CONTROL_STREAM, *range(CONTROL_STREAM)):
        waiting = outbox.take(work, peer.code, stream, min(peer.limits.batch, batch.MOST))
        if waiting:
            return waiting[: batch.fitting(one.body for one in waiting)]
    parked = outbox.parked(work, peer.code, batch.MOST)
    return parked[: batch.fitting(one.body for one in parked)]


def _heeded(work: Work, peer: Descriptor, said: Sequence[batch.Said]) -> list[str]:
    """Return the letters whose receipts are new."""
    found = {one.envelope.id: one for one in post_queries.sent(work, [str(s.id) for s in said])}
    kept: list[str] = []
    for one in said:
        sent = found.get(one.id or "")
        if sent is None or sent.peer != peer.code or sent.state not in _OPEN:
            continue
        if one.receipt is None:
            settling.stop(work, peer.code, sent.envelope, one.problem or "", [sent.envelope.id])
        elif settling.keep_receipt(work, peer, sent.envelope, one.receipt):
            kept.append(sent.envelope.id)
    return kept


def _call(called: Called) -> Call:
    return Call(STRANGER, Purpose.ADMINISTRATION, request=called.request)
