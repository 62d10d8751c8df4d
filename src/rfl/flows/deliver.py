"""Deliver what waits in the outbox, each stream in its order, and keep the receipts.

No transaction is open while a peer is waited for. A stream is one worker's turn, which ends with
the worker, so that one request is under way for each peer and stream. What fails is tried again
after 30 seconds, doubling to six hours; what arrives twice is given the same receipt.
"""

from collections.abc import Callable, Container, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Final

from rfl.crypto.keyring import HOP
from rfl.domain.access import Verb
from rfl.errors import BadEnvelope, ClockSkew, RflError
from rfl.exchange import batch, calling, own, settling
from rfl.exchange.calling import Carry as Carry
from rfl.exchange.calling import NotReached, Refusing
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.gathering import Gathering
from rfl.exchange.hop import HopResponse
from rfl.exchange.post import callable_peer
from rfl.exchange.settling import REJECTED as REJECTED
from rfl.exchange.settling import STOPPED as STOPPED
from rfl.exchange.settling import Word
from rfl.exchange.signed import Signer
from rfl.flows.runtime import OFFICE_CALL, Runtime, network_of
from rfl.storage import alarms, blob_sends, direct, ledger, outbox, peers
from rfl.storage.outbox import Waiting
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
    """The envelopes of one stream that leave together, where to, and what signs their request.

    `full` if more may wait behind them.
    """

    peer: Descriptor
    stream: int
    waiting: Sequence[Waiting]
    signer: Signer
    full: bool = False


@dataclass(frozen=True, slots=True)
class _Heard:
    """What a peer has said of a load; `goes_on` if the stream's next load is wanted."""

    load: _Load
    word: Word
    goes_on: bool


_Desk = Gathering[_Heard, _Load | None]
"""Where the turns of one peer's streams bring what was said, and are given what leaves next."""


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
    desks: dict[str, _Desk] = {peer: Gathering(_Settling(rt, peer).each) for peer, _ in due}
    if len(due) < 2:
        return _together([_deliver(rt, carry, desks[to[0]], *to) for to in due])
    with ThreadPoolExecutor(min(AT_ONCE, len(due)), "rfl-deliver") as threads:
        turns = threads.map(lambda to: _deliver(rt, carry, desks[to[0]], *to), due)
        return _together(list(turns))


def _together(turns: Sequence[_Done]) -> _Done:
    return _Done(sum(one.kept for one in turns), any(one.had_room for one in turns))


def _deliver(rt: Runtime, carry: Carry, desk: _Desk, peer: str, stream: int) -> _Done:
    """Deliver a stream's batches one after the other; one request is under way for each stream.

    It stops at one that had room: what is written meanwhile gathers until all streams had a turn.
    """
    kept = 0
    with turn(rt.database, f"post-{peer}-{stream}") as mine, desk.joined():
        load = _loaded(rt, peer, stream) if mine else None
        for left in reversed(range(MOST_BATCHES)):
            if load is None:
                break
            word = _sent(rt, carry, load)
            if word is None:
                break
            goes_on = left > 0 and load.full and word.stopped is None
            following = desk.bring(_Heard(load, word, goes_on))
            kept += len(word.kept)
            if not load.full:
                return _Done(kept, had_room=True)
            load = following
    return _Done(kept)


def _sent(rt: Runtime, carry: Carry, load: _Load) -> Word | None:
    """Return what the peer says of these envelopes, or None: they are put off."""
    body = batch.joined([one.body for one in load.waiting])
    try:
        request = calling.post_by(
            load.signer, rt.clock(), load.peer, calling.INBOX, batch.MEDIA_TYPE, body
        )
        return _read(load, carry(request), rt.clock())
    except (OSError, BadEnvelope, ClockSkew, NotReached) as failure:
        _put_off(rt, load, failure)
        return None


def _read(load: _Load, response: HopResponse, now: datetime) -> Word:
    said = batch.parse_answer(calling.read(load.peer, response, now))
    if not said:
        raise BadEnvelope
    return settling.read(load.peer, load.waiting, said)


def _loaded(rt: Runtime, peer: str, stream: int) -> _Load | None:
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        return _loads(rt, work, peer, [stream])[0]


def _loads(rt: Runtime, work: Work, peer: str, streams: Sequence[int]) -> list[_Load | None]:
    """Return what leaves next of each of a peer's streams, in their order; None: nothing does."""
    to = callable_peer(work, network_of(rt), peer) if streams else None
    if to is None:
        return [None] * len(streams)
    lacking, signer = blob_sends.untaken(work, peer), own.signer(work, HOP)
    return [_load(work, to, stream, lacking, signer) for stream in streams]


def _load(
    work: Work, to: Descriptor, stream: int, lacking: Container[str], signer: Signer
) -> _Load | None:
    ready = outbox.take(work, to.code, stream, to.limits.batch)
    whole = list(takewhile(lambda one: one.id not in lacking, ready))
    if not whole:
        return None
    fitting = batch.fitting([one.body for one in whole], to.limits.envelope_bytes)
    full = fitting < len(whole) or len(ready) == to.limits.batch
    return _Load(to, stream, whole[:fitting], signer, full)


class _Settling:
    """Keeps what one peer says of its streams' letters in one round."""

    def __init__(self, rt: Runtime, peer: str) -> None:
        self._rt, self._peer = rt, peer
        self._is_noted = False

    def each(self, heard: Sequence[_Heard]) -> list[_Load | None]:
        """Keep what was said of several streams' letters in one commit; return what each has next.

        What a problem stopped waits, or is shown to people. That the peer was heard is noted once.
        """
        rt, peer, words = self._rt, self._peer, [one.word for one in heard]
        loads = [one.load for one in heard if one.goes_on]
        with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND, ahead=True) as work:
            kept = [one for word in words for one in word.kept]
            said = [] if self._is_noted else _hears(work, peer)
            asked = [peers.asks(peer), blob_sends.asks_untaken(peer), peers.ASKS_OWN]
            asked += [outbox.asks_next(peer, one.stream, one.peer.limits.batch) for one in loads]
            direct.ahead(work.connection, [*outbox.settles(work, kept), *said, *asked])
            work.peer = peer
            work.require()
            for change in said:
                direct.changed(work.connection, *change)
            named = [envelope for envelope, _state, _receipt in kept]
            ledger.append(work, objects=named, count=settling.settle(work, peer, words))
            streams = [one.stream for one in loads]
            following = dict(zip(streams, _loads(rt, work, peer, streams), strict=True))
        self._is_noted = True
        return [following.get(one.load.stream) for one in heard]


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


def _hears(work: Work, peer: str) -> list[direct.Change]:
    """Return what notes that a peer was heard: what was put off for it may leave."""
    ended = [alarms.ends(code, peer) for code in (REFUSES, SKEW)]
    return [peers.hears(work, peer), outbox.hastens(work, peer), *ended]
