"""Begin a new epoch of the streams to a peer, and compare with peers what each has of the other.

A node that was restored from a copy has forgotten places that it gave out and letters it took.
"""

from collections.abc import Iterable

from rfl.domain.access import Verb
from rfl.errors import BadEnvelope, ClockSkew
from rfl.exchange import calling, heads
from rfl.exchange.calling import Carry, NotReached
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.post import callable_peers, queue_again
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, network_of
from rfl.storage import in_streams, ledger, out_streams, outbox, peers


def begin_epoch(rt: Runtime, call: Call, peer: str | None = None) -> int:
    """Begin a new epoch of every stream to a peer, or to all; return how many streams."""
    with rt.begin(call, Verb.PEER_CHANGE) as work:
        work.require()
        work.peer = peer
        known = [peers.load(work, peer)] if peer is not None else peers.every(work)
        count = out_streams.raise_epochs(work, [row.code for row in known])
        ledger.append(work, count=count, reason="new-epoch")
    return count


def reconcile_peers(rt: Runtime, carry: Carry) -> int:
    """Tell each trusted peer how far its streams have come here, and hear the same.

    Each side queues again what the other does not have. Where a peer has seen a stream further
    than this node remembers, a new epoch begins. Return how many were queued here.
    """
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        known = callable_peers(work, network_of(rt))
    return _compared(rt, carry, known)


def reconcile_gaps(rt: Runtime, carry: Carry) -> int:
    """Compare with the peers that keep letters parked for one that they lack; return as above.

    Such a peer has lost what it gave a receipt for. Everything behind waits, so it is soon.
    """
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        waiting = outbox.parking(work)
        known = [one for one in callable_peers(work, network_of(rt)) if one.code in waiting]
    return _compared(rt, carry, known)


def _compared(rt: Runtime, carry: Carry, known: Iterable[Descriptor]) -> int:
    queued = 0
    for peer in known:
        try:
            queued += _reconciled(rt, peer, carry(_asked(rt, peer)))
        except (OSError, BadEnvelope, ClockSkew, NotReached):
            continue
    return queued


def _asked(rt: Runtime, peer: Descriptor) -> HopRequest:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        work.peer = peer.code
        ledger.append(work, reason="asked")
        body = heads.to_bytes(in_streams.heads(work, peer.code))
        return calling.post_to(work, peer, calling.RECONCILE, heads.MEDIA_TYPE, body)


def _reconciled(rt: Runtime, peer: Descriptor, response: HopResponse) -> int:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.peer = peer.code
        work.require()
        theirs = heads.parse(calling.answered(work, peer, response))
        queued = queue_again(work, peer.code, theirs)
        ledger.append(work, count=queued, reason="reconciled")
        if forgotten := out_streams.begin_behind(work, peer.code, theirs):
            ledger.append(work, count=forgotten, reason="new-epoch")
    return queued
