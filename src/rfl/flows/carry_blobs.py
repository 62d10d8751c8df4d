"""Carry attachments to peers before the envelopes that name them, part by part.

A peer is asked how much it has, and given what follows: what was cut off goes on where it was. No
lock is held while a peer is waited for; a blob is claimed for a while, by one worker.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rfl.domain.access import Verb
from rfl.errors import BadEnvelope, ClockSkew, Conflict, RflError, TooLarge
from rfl.exchange import blob_hop, calling, settling
from rfl.exchange.calling import Carry, NotReached, Refusing
from rfl.exchange.descriptor import Descriptor, Reach
from rfl.exchange.post import trusted
from rfl.flows.runtime import OFFICE_CALL, Runtime, network_of
from rfl.storage import alarms, blob_sends, blobs, ledger, outbox
from rfl.storage.blob_sends import BlobSend, Sending
from rfl.storage.blobs import PART, Blob
from rfl.storage.outbox import OutState

CLAIM_MICROS: Final = 60 * 1_000_000
"""Longer than a part may take. A blob that outlives its claim is given twice and taken once."""

REFUSED: Final = "blob-refused"


@dataclass(frozen=True, slots=True)
class _Load:
    send: BlobSend
    peer: Descriptor
    blob: Blob


def carry_blobs(rt: Runtime, carry: Carry) -> int:
    """Carry what may leave now; return how many blobs their peers have whole.

    So few may wait at a peer that halves of many letters, or letters that come after one that
    lacks its own, would leave room for none that can be read. So one letter's blobs go before
    the next one's begin, in the order of their stream, and none after one that failed.
    """
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        letters, now = blob_sends.waiting(work), work.micros
    theirs = groupby(letters, lambda one: one.peer)
    return sum(_carry_letters(rt, carry, list(mine), now) for _peer, mine in theirs)


def _carry_letters(rt: Runtime, carry: Carry, letters: Sequence[Sending], now: int) -> int:
    """Carry the blobs of one peer's letters: first of those that are begun, then by stream."""
    done, waits = 0, set[int]()
    for letter in sorted(letters, key=lambda one: not one.begun):
        if letter.due_at > now and letter.begun:
            break
        if letter.due_at > now or letter.stream in waits:
            waits.add(letter.stream)
            continue
        for send in letter.blobs:
            if not _carry(rt, carry, send):
                return done
            done += 1
    return done


def _carry(rt: Runtime, carry: Carry, send: BlobSend) -> bool:
    load = _claimed(rt, send)
    if load is None:
        return False
    try:
        given = 0
        have = _ask(rt, carry, load)
        while have < load.blob.size:
            before, have = have, _give(rt, carry, load, have)
            given += have > before
            if have <= before:
                raise NotReached
    except (OSError, BadEnvelope, ClockSkew, NotReached) as failure:
        _put_off(rt, load, failure)
        return False
    _done(rt, load, given)
    return True


def _claimed(rt: Runtime, send: BlobSend) -> _Load | None:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        try:
            to = trusted(work, network_of(rt), send.peer)
        except Conflict:
            return None
        blob = blobs.load(work, send.blob_id)
        if blob is None or to.reach is Reach.MAILBOX:
            return None
        if not blob_sends.claim(work, send.blob_id, CLAIM_MICROS):
            return None
    return _Load(send, to, blob)


def _ask(rt: Runtime, carry: Carry, load: _Load) -> int:
    """Return how many bytes the peer has."""
    path = blob_hop.path_of(load.blob.digest)
    with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        request = calling.signed(work, load.peer, "HEAD", path, {})
    response = carry(request)
    with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        calling.answered(work, load.peer, response)
    return blob_hop.offset(response.headers)


def _give(rt: Runtime, carry: Carry, load: _Load, have: int) -> int:
    """Give the part that follows; return how many bytes the peer then has."""
    path = blob_hop.path_of(load.blob.digest)
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        content = blobs.part(work, load.blob, have // PART)[have % PART :]
        span = blob_hop.content_range(have, len(content), load.blob.size)
        headers = {"content-type": blob_hop.MEDIA_TYPE, blob_hop.CONTENT_RANGE: span}
        request = calling.signed(work, load.peer, "PUT", path, headers, content)
        blob_sends.go_on(work, load.blob.id)
    response = carry(request)
    with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        calling.answered(work, load.peer, response)
    return blob_hop.offset(response.headers)


def _done(rt: Runtime, load: _Load, given: int) -> None:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        work.peer = load.peer.code
        blob_sends.taken(work, load.blob.id)
        alarms.end(work, REFUSED, load.peer.code)
        ledger.append(work, count=given, reason="blob-taken")


def _put_off(rt: Runtime, load: _Load, failure: Exception) -> None:
    """Try again later. What a peer will never take stops its letter, and is shown to a person."""
    code = failure.code if isinstance(failure, (RflError, Refusing)) else "not-reached"
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        work.peer = load.peer.code
        blob_sends.postpone(work, load.blob.id, settling.later(work, load.send.attempts))
        if isinstance(failure, Refusing):
            alarms.sound(work, REFUSED, load.peer.code, once=True)
        ledger.append(work, reason=code or REFUSED)
        if code == TooLarge.code:
            blob_sends.taken(work, load.blob.id)
            outbox.settle(work, load.send.envelope, OutState.STOPPED, None)
            alarms.sound(work, settling.STOPPED, load.peer.code)
