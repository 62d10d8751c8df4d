"""Fetch letters from peers, for a node behind NAT that nobody can call.

The envelopes come first and are kept in memory, then the blobs that they name: those were listed
before an envelope could be given. Then all is taken in as if it had been brought.

One thread of all of a node's processes fetches from a peer at a time: two would ask for the same
parts of a blob, and the second answer would be kept as what follows the first.
"""

from collections.abc import Sequence
from typing import Final

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, ClockSkew, RflError, StorageBusy, TooLarge
from rfl.exchange import batch, blob_hop, blob_taking, calling
from rfl.exchange.admission import STRANGER, speak_for
from rfl.exchange.blob_hop import Listed
from rfl.exchange.calling import Carry, NotReached
from rfl.exchange.descriptor import Descriptor, Reach
from rfl.exchange.envelope import parse_envelope
from rfl.exchange.hop import HopRequest
from rfl.exchange.obedience import reception_of
from rfl.exchange.post import callable_peers
from rfl.exchange.taking import Given, attached_to, take_each
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime, network_of
from rfl.storage import ledger
from rfl.storage.blobs import PART, Blob
from rfl.storage.turns import turn

MOST_TURNS: Final = 64
FETCHED: Final = "fetched"
_CALL: Final = Call(STRANGER, Purpose.ADMINISTRATION)


def fetch_mail(rt: Runtime, carry: Carry) -> int:
    """Fetch what waits at each peer that can be called; return how many envelopes were taken in."""
    with rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        known = callable_peers(work, network_of(rt))
    return sum(_fetched(rt, carry, peer) for peer in known)


def fetches(rt: Runtime) -> bool:
    """Tell whether this node fetches its letters, since nobody can call it."""
    return network_of(rt).reach is Reach.MAILBOX


def _fetched(rt: Runtime, carry: Carry, peer: Descriptor) -> int:
    with turn(rt.database, f"mail-{peer.code}") as mine:
        return _fetched_all(rt, carry, peer) if mine else 0


def _fetched_all(rt: Runtime, carry: Carry, peer: Descriptor) -> int:
    done = 0
    try:
        for _turn in range(MOST_TURNS):
            given_now = batch.parted(_got(rt, carry, peer, calling.MAILBOX))
            if not given_now:
                break
            raws = _with_blobs(rt, carry, peer, given_now)
            given = _taken(rt, peer, raws)
            _tell(rt, carry, peer, raws, given)
            fresh = sum(one.failure is None and not one.repeated for one in given)
            done += fresh
            if not fresh:
                break
    except (OSError, BadEnvelope, ClockSkew, NotReached) as failure:
        _enter(rt, peer, failure.code if isinstance(failure, RflError) else "not-reached")
    return done


def _got(rt: Runtime, carry: Carry, peer: Descriptor, path: str, **headers: str) -> bytes:
    with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        request = calling.signed(work, peer, "GET", path, headers)
    return _answer(rt, carry, peer, request)


def _answer(rt: Runtime, carry: Carry, peer: Descriptor, request: HopRequest) -> bytes:
    response = carry(request)
    with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return calling.answered(work, peer, response)


def _with_blobs(
    rt: Runtime, carry: Carry, peer: Descriptor, raws: Sequence[bytes]
) -> Sequence[bytes]:
    """Fetch what these letters name; return those that can be taken now, up to the first whose
    attachments have no room beside what waits here. They are given again.
    """
    listed = blob_hop.parse_listing(_got(rt, carry, peer, blob_hop.PATH))
    waiting = {one.digest: one for one in listed}
    for number, raw in enumerate(raws if waiting else ()):
        try:
            for digest in _names(rt, peer, raw) & waiting.keys():
                _fetch_blob(rt, carry, peer, waiting[digest])
        except TooLarge as failure:
            _enter(rt, peer, failure.code)
        except StorageBusy as failure:
            _enter(rt, peer, failure.code)
            return raws[:number]
    return raws


def _names(rt: Runtime, peer: Descriptor, raw: bytes) -> frozenset[bytes]:
    with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        ready = reception_of(network_of(rt), rt.rules.policy, rt.moment, peer)
        return frozenset(one.digest for one in attached_to(work, ready, raw))


def _fetch_blob(rt: Runtime, carry: Carry, peer: Descriptor, listed: Listed) -> None:
    blob = _kept(rt, peer, listed)
    while blob.have < blob.size:
        wanted = f"bytes={blob.have}-{min(blob.have + PART, blob.size) - 1}"
        content = _got(rt, carry, peer, blob_hop.path_of(listed.digest), range=wanted)
        before, blob = blob.have, _kept(rt, peer, listed, (blob.have, content))
        if blob.have <= before:
            raise NotReached
    if not blob.whole:
        with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
            true = blob_taking.is_true(work, blob)
        with rt.begin(_CALL, Verb.EXCHANGE_RECEIVE) as work:
            speak_for(work, peer.code)
            blob_taking.conclude(work, blob, true=true)
            ledger.append(work, count=1, reason="blob-whole" if true else "wrong-digest")


def _kept(
    rt: Runtime, peer: Descriptor, listed: Listed, part: tuple[int, bytes] | None = None
) -> Blob:
    """Return what is here of a blob, with the part that begins at a place if it is the next."""
    with rt.begin(_CALL, Verb.EXCHANGE_RECEIVE) as work:
        speak_for(work, peer.code)
        network = network_of(rt)
        one = (listed.digest, listed.size)
        blob = blob_taking.expected(work, network, peer.code, one)
        if part is not None:
            blob = blob_taking.take_part(work, blob, *part)
            ledger.append(work, reason="blob-part")
    return blob


def _taken(rt: Runtime, peer: Descriptor, raws: Sequence[bytes]) -> list[Given]:
    with rt.begin(_CALL, Verb.EXCHANGE_RECEIVE) as work:
        speak_for(work, peer.code)
        given = take_each(
            work, reception_of(network_of(rt), rt.rules.policy, rt.moment, peer), raws
        )
        settled = [one for each in given for one in each.settled]
        count = sum(one.failure is None for one in given)
        ledger.append(work, objects=settled, count=count, reason=FETCHED)
    if work.destroyed:
        rt.database.scrub()
    return given


def _tell(
    rt: Runtime, carry: Carry, peer: Descriptor, raws: Sequence[bytes], given: Sequence[Given]
) -> None:
    """Say what became of each, by its id: what nobody could read has none, and is not spoken of."""
    said = [one for one in map(_said, raws, given) if one.id is not None]
    with rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        body = batch.answer(said)
        request = calling.post_to(work, peer, calling.MAILBOX, batch.ANSWER_TYPE, body)
    _answer(rt, carry, peer, request)


def _said(raw: bytes, given: Given) -> batch.Said:
    try:
        envelope_id = parse_envelope(raw).header.id
    except BadEnvelope:
        envelope_id = None
    return batch.Said(given.receipt, given.failure.code if given.failure else None, envelope_id)


def _enter(rt: Runtime, peer: Descriptor, reason: str) -> None:
    with rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.require()
        work.peer = peer.code
        ledger.append(work, reason=reason)
