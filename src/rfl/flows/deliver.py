"""Deliver what waits in the outbox, each stream in its order, and keep the receipts.

No transaction is open while a peer is waited for. A stream is one worker's turn, which ends with
the worker, so that one request is under way for each peer and stream. What fails is tried again
after 30 seconds, doubling to six hours; what arrives twice is given the same receipt.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from rfl.domain.access import Verb
from rfl.errors import BadEnvelope, ClockSkew, Conflict, RflError
from rfl.exchange import batch, calling, settling
from rfl.exchange.calling import Carry as Carry
from rfl.exchange.calling import NotReached, Refusing
from rfl.exchange.descriptor import Descriptor, Reach
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.post import trusted
from rfl.exchange.settling import REJECTED as REJECTED
from rfl.exchange.settling import STOPPED as STOPPED
from rfl.flows.runtime import OFFICE_CALL, Runtime, network_of
from rfl.storage import alarms, blob_sends, direct, ledger, outbox, peers
from rfl.storage.outbox import OutState, Waiting
from rfl.storage.turns import turn
from rfl.storage.work import Work

AT_ONCE: Final = 8
MOST_BATCHES: Final = 16
"""Of a stream, one after the other, before it is asked again which streams have something due."""

GATHER_SECONDS: Final = 0.2

REFUSES, SKEW = "peer-refuses", "clock-skew"
_SECOND: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class _Load:
    """The envelopes of one stream that leave together, and where to; `full` if more may wait."""

    peer: Descriptor
    stream: int
    waiting: Sequence[Waiting]
    request: HopRequest
    full: bool = False


@dataclass(frozen=True, slots=True)
class _Done:
    """How many receipts were kept, and whether a batch had room for more letters."""

    kept: int = 0
    had_room: bool = False


def deliver_waiting(rt: Runtime, carry: Carry, rest: Callable[[float], bool]) -> None:
    """Deliver until nothing may leave any more, or until `rest` says that it is time to end.

    `rest` waits for so many seconds. One letter alone is not waited with. Where there are several
    and their batches had room, more gather, so that fewer calls carry them.
    """
    while (done := _round(rt, carry)).kept:
        gathers = done.had_room and done.kept > 1
        if rest(GATHER_SECONDS if gathers else 0.0):
            return


def deliver_due(rt: Runtime, carry: Carry) -> int:
    """Deliver what may leave now, each stream in its turn; return how many receipts were kept."""
    return _round(rt, carry).kept


def _round(rt: Runtime, carry: Carry) -> _Done:
    """Let each stream that has something due have a turn.

    Several are under way at once, so that one slow peer does not hold up the others.
    """
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        due = outbox.streams_due(work)
    if len(due) < 2:
        return _together([_deliver(rt, carry, peer, stream) for peer, stream in due])
    with ThreadPoolExecutor(min(AT_ONCE, len(due)), "rfl-deliver") as threads:
        return _together(list(threads.map(lambda to: _deliver(rt, carry, *to), due)))


def _together(turns: Sequence[_Done]) -> _Done:
    return _Done(sum(one.kept for one in turns), any(one.had_room for one in turns))


def ask_for_receipts(rt: Runtime, carry: Carry) -> int:
    """Ask peers what became of what they had parked; return how many receipts were kept.

    A peer that knows nothing of an envelope any more, as after a restore, is sent it again.
    """
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        waiting = outbox.parking(work)
    kept = 0
    for peer in waiting:
        load = _questioned(rt, peer)
        if load is None:
            continue
        try:
            kept += _settle_questions(rt, load, carry(load.request))
        except (OSError, BadEnvelope, ClockSkew, NotReached):
            continue
    return kept


def _deliver(rt: Runtime, carry: Carry, peer: str, stream: int) -> _Done:
    """Deliver a stream's batches one after the other; one request is under way for each stream.

    It stops at one that had room: what is written meanwhile gathers until all streams had a turn.
    """
    kept = 0
    with turn(rt.database, f"post-{peer}-{stream}") as mine:
        for _batch in range(MOST_BATCHES if mine else 0):
            load = _loaded(rt, peer, stream)
            if load is None:
                break
            done = _sent(rt, carry, load)
            kept += done
            if done < len(load.waiting) or not load.full:
                return _Done(kept, had_room=not load.full)
    return _Done(kept)


def _sent(rt: Runtime, carry: Carry, load: _Load) -> int:
    try:
        return _settle(rt, load, carry(load.request))
    except (OSError, BadEnvelope, ClockSkew, NotReached) as failure:
        _put_off(rt, load, failure)
        return 0


def _loaded(rt: Runtime, peer: str, stream: int) -> _Load | None:
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        to = _trusted(rt, work, peer)
        if to is None or to.reach is Reach.MAILBOX:
            return None
        lacking = blob_sends.untaken(work, peer)
        ready = outbox.take(work, peer, stream, to.limits.batch)
        whole = list(takewhile(lambda one: one.id not in lacking, ready))
        if not whole:
            return None
        fitting = batch.fitting([one.body for one in whole], to.limits.envelope_bytes)
        waiting = whole[:fitting]
        body = batch.joined([one.body for one in waiting])
        request = calling.post_to(work, to, calling.INBOX, batch.MEDIA_TYPE, body)
    full = fitting < len(whole) or len(ready) == to.limits.batch
    return _Load(to, stream, waiting, request, full)


def _settle(rt: Runtime, load: _Load, response: HopResponse) -> int:
    """Keep the receipts of what was taken; what a problem stopped waits, or is shown to people."""
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.peer = load.peer.code
        work.require()
        said = batch.parse_answer(calling.answered(work, load.peer, response))
        if not said:
            raise BadEnvelope
        kept = settling.settle(work, load.peer, load.waiting, said)
        ledger.append(work, count=kept)
        with direct.together(work.connection):
            peers.heard(work, load.peer.code)
            outbox.hasten(work, load.peer.code)
            _end_alarms(work, load.peer.code)
    return kept


def _put_off(rt: Runtime, load: _Load, failure: Exception) -> None:
    """Try again later. A clock or a refusal that a person must see is an alarm at once."""
    code = failure.code if isinstance(failure, RflError) else "not-reached"
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.peer = load.peer.code
        work.require()
        if isinstance(failure, Refusing):
            alarms.sound(work, REFUSES, load.peer.code, once=True)
        if isinstance(failure, ClockSkew):
            alarms.sound(work, SKEW, load.peer.code, once=True)
        attempts = max(one.attempts for one in load.waiting)
        asked = failure.after if isinstance(failure, NotReached) else 0
        until = max(settling.later(work, attempts), work.micros + asked * _SECOND)
        outbox.postpone(work, [one.id for one in load.waiting], until)
        ledger.append(work, reason=code)


def _end_alarms(work: Work, peer: str) -> None:
    for code in (REFUSES, SKEW):
        alarms.end(work, code, peer)


def _questioned(rt: Runtime, peer: str) -> _Load | None:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        to = _trusted(rt, work, peer)
        waiting = outbox.parked(work, peer, batch.MOST)
        if to is None or to.reach is Reach.MAILBOX or not waiting:
            return None
        body = batch.questions([one.id for one in waiting])
        request = calling.post_to(work, to, calling.RECEIPTS, batch.QUESTIONS_TYPE, body)
    return _Load(to, 0, waiting, request)


def _settle_questions(rt: Runtime, load: _Load, response: HopResponse) -> int:
    kept = 0
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.peer = load.peer.code
        work.require()
        said = batch.parse_answer(calling.answered(work, load.peer, response))
        for waiting, one in zip(load.waiting, said, strict=False):
            if one.receipt is not None:
                kept += settling.keep_receipt(work, load.peer, waiting, one.receipt)
            else:
                outbox.settle(work, waiting.id, OutState.WAITING, None)
        ledger.append(work, count=kept)
    return kept


def _trusted(rt: Runtime, work: Work, peer: str) -> Descriptor | None:
    try:
        return trusted(work, network_of(rt), peer)
    except Conflict:
        return None
