"""Receive what another society sends: its call is verified, its envelopes are taken in once.

One call is one transaction: the nonce of the hop, every envelope's effect, the heads of streams,
the entries of the log and the signed receipts. The answer leaves after the commit.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from itertools import accumulate

from rfl.crypto.keyring import HOP
from rfl.domain.access import Verb
from rfl.domain.entry import Decision
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, ClockSkew, NotFound, RflError, TooManyCalls
from rfl.exchange import batch, heads, hop, own
from rfl.exchange.admission import (
    STRANGER,
    admitted,
    admitted_all,
    as_request,
    asks,
    known_now,
    proved,
)
from rfl.exchange.admission import Called as Called
from rfl.exchange.hop import HopResponse
from rfl.exchange.network import Network
from rfl.exchange.obedience import reception_of
from rfl.exchange.post import queue_again
from rfl.exchange.signed import Signer
from rfl.exchange.sitting import Sitting
from rfl.exchange.taking import Brought, Desk, Read, read, take_all
from rfl.exchange.taking import Given as Given
from rfl.exchange.taking import said as said
from rfl.exchange.tray import Tray
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import alarms, direct, honey, in_streams, inbox, ledger, peers
from rfl.storage.work import micros

ANSWER = batch.ANSWER_TYPE
HEADS = heads.MEDIA_TYPE
RECEIPT = "application/rfl-receipt+json"
MOST_BYTES = batch.MOST_BYTES + batch.MOST
SIGNED_HEADERS = hop.SIGNED_HEADERS
FLOODED = "peer-calls-too-often"

_Taking = tuple[Called, Read]


class _Apart(Exception):
    """Calls that cannot share a commit: nothing of them was kept, each goes by itself."""


def screened(rt: Runtime, called: Called) -> Called:
    """Return the call with who signed it, before anything is locked or written, or raise.

    A stranger may call as often as it likes, and a society too often: neither holds up a writer,
    and of each minute the first refusal is an entry at once, and all that follow are one.
    """
    try:
        found = _proved(rt, called)
    except (BadEnvelope, ClockSkew) as refused:
        count = rt.strangers.add(micros(rt.clock()))
        if count:
            with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
                ledger.append(work, count=count, decision=Decision.DENIED, reason=refused.code)
        raise
    _require_left(rt, found)
    return found


def recognised(rt: Runtime, called: Called) -> Called | None:
    """Return the call with who signed it, or None where the database has to be asked (`screened`).

    For the event loop: nothing is waited for.
    """
    lately = rt.entrance.known()
    if lately is None:
        return None
    with suppress(BadEnvelope, ClockSkew):
        found = proved(lately, _network(rt), called, rt.clock())
        if rt.calls.take(found.caller, micros(rt.clock())):
            return found
    return None


def bring(
    rt: Runtime, called: Called, raws: Sequence[bytes], *, named: str | None = None
) -> Future[list[Given]]:
    """Bring envelopes to the desk of the society that has signed the call, and do not wait.

    They are taken in up to the first that fails; what is wrong with the call is raised. `named` is
    the id that the address of a single envelope says. Calls of one society that come while others
    are being taken in share the next commit; one alone waits for nobody.
    """
    if called.peer is None:
        raise BadEnvelope
    brought = Brought(called, raws[: _network(rt).limits.batch], named)
    made: Desk = Tray(partial(_take_together, rt), _fitting, rt.entrance.threads)
    return rt.entrance.desks.setdefault(called.caller, made).put(brought)


def most_bytes(rt: Runtime) -> int:
    """Return how long the body of a call may be: one envelope, or a batch of smaller ones."""
    return max(_network(rt).limits.envelope_bytes, MOST_BYTES)


def parted(body: bytes) -> list[bytes]:
    """Return the envelopes of a request of several."""
    return batch.parted(body)


def receipt(rt: Runtime, called: Called, envelope_id: str) -> bytes:
    """Return the receipt that was given for an envelope of the calling peer, or raise NotFound."""
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, _network(rt), called)
        kept = inbox.taken(work, envelope_id)
        if kept is None or kept.peer != peer.code:
            raise NotFound
        ledger.append(work)
    return kept.receipt


def receipts(rt: Runtime, called: Called) -> bytes:
    """Return the receipts of the envelopes that a peer asks about, a line each."""
    ids = batch.parse_questions(called.body)
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, _network(rt), called)
        kept = [inbox.taken(work, one) for one in ids]
        ledger.append(work, count=len(ids))
    return batch.answer([_again(one, peer.code) for one in kept])


def reconcile(rt: Runtime, called: Called) -> bytes:
    """Queue again what the calling peer does not have, and say how far its streams came here."""
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, _network(rt), called)
        queued = queue_again(work, peer.code, heads.parse(called.body))
        ledger.append(work, count=queued, reason="reconciled")
        return heads.to_bytes(in_streams.heads(work, peer.code))


def status(rt: Runtime, called: Called) -> bytes:
    """Return what this node takes and what time it has, as a peer asks."""
    network = _network(rt)
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        admitted(work, network, called)
        ledger.append(work)
        return network.status(work.micros // 1_000_000)


def sign_answer(
    rt: Runtime, called: Called, status: int, headers: dict[str, str], body: bytes
) -> dict[str, str]:
    """Return the headers with a signature over this answer to this call, errors too."""
    network = _network(rt)
    response = HopResponse(status, dict(headers), as_request(network, called), body)
    hop.sign_response(response, called.signer or _signer(rt), rt.clock())
    return dict(response.headers)


def _fitting(calls: Sequence[Brought]) -> int:
    """Return how many of these calls share a commit: they bring no more than one full batch."""
    counts = accumulate(len(one.raws) for one in calls)
    return max(sum(count <= batch.MOST for count in counts), 1)


def _take_together(rt: Runtime, brought: Sequence[Brought]) -> Sequence[list[Given] | Exception]:
    """Take what these calls of one society bring in by one commit, in the order of its streams.

    If anything is wrong with one, nothing was kept of all, and each goes by itself: what is wrong
    is said to that one alone.
    """
    calls = [_read(rt, one) for one in brought]
    if len(calls) > 1:
        order = sorted(range(len(calls)), key=lambda number: calls[number][1].place)
        with suppress(Exception):  # the call that it belongs to meets it again
            taken = _taken(rt, [calls[number] for number in order])
            given = dict(zip(order, taken, strict=True))
            return [given[number] for number in range(len(calls))]
    return [_taken_alone(rt, call) for call in calls]


def _taken_alone(rt: Runtime, call: _Taking) -> list[Given] | Exception:
    try:
        return _taken(rt, [call])[0]
    except Exception as refused:  # noqa: BLE001 (the others of this lot have done nothing wrong)
        return refused


def _read(rt: Runtime, brought: Brought) -> _Taking:
    called = brought.called
    assert called.peer is not None  # noqa: S101 (else it was not brought here)
    return called, read(_network(rt), called.peer, brought.raws, brought.named, called.request)


def _taken(rt: Runtime, calls: Sequence[_Taking]) -> list[list[Given]]:
    """Take what these calls of one society bring in by one commit, or raise what is wrong.

    Each call has its entry in the log, which names what was dealt with, in order, so that a log
    alone shows that nothing came twice.
    """
    network = _network(rt)
    call = _call(calls[0][0])
    with rt.begin(call, Verb.EXCHANGE_RECEIVE, ahead=True) as work, _apart(calls):
        callers = [called for called, _read in calls]
        envelopes = [one for _called, read in calls for one in read.envelopes]
        asked = Sitting.asks(callers[0].caller, envelopes)
        direct.ahead(work.connection, [*asks(work, callers), peers.ASKS_OWN, *asked])
        peer = admitted_all(work, network, callers)
        ready = reception_of(network, rt.rules.policy, rt.moment, peer)
        taken = take_all(work, ready, [read for _called, read in calls])
        for (called, _read), given in zip(calls, taken, strict=True):
            work.request = called.request
            settled = [one for each in given for one in each.settled]
            ledger.append(work, objects=settled, count=sum(1 for one in given if not one.failure))
        # What is told in a work that has touched a honey case is told to nobody.
        if len(calls) > 1 and honey.is_touched(work):
            raise _Apart
    if work.destroyed:
        rt.database.scrub()
    return taken


@contextmanager
def _apart(calls: Sequence[_Taking]) -> Iterator[None]:
    """A refusal is not entered in the log for calls that share a commit: one of them is refused."""
    try:
        yield
    except RflError as refused:
        if len(calls) == 1:
            raise
        raise _Apart from refused


def _proved(rt: Runtime, called: Called) -> Called:
    """Prove a call by whom the node knew a moment ago; if that fails, by whom it knows now."""
    network, lately = _network(rt), rt.entrance.known()
    if lately is not None:
        with suppress(BadEnvelope):
            return proved(lately, network, called, rt.clock())
    with rt.ask(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        known = known_now(work, network)
    if lately is not None and known.keys == lately.keys:
        raise BadEnvelope
    rt.entrance.keep(known)
    return proved(known, network, called, rt.clock())


def _require_left(rt: Runtime, called: Called) -> None:
    """Count the call, or raise TooManyCalls: no society keeps this node from the others."""
    at = micros(rt.clock())
    if rt.calls.take(called.caller, at):
        return
    count = rt.calls.refuse(called.caller, at)
    if count:
        with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
            work.peer = called.caller
            alarms.sound(work, FLOODED, called.caller, once=True)
            ledger.append(work, count=count, decision=Decision.DENIED, reason=TooManyCalls.code)
    raise TooManyCalls


def _signer(rt: Runtime) -> Signer:
    with rt.ask(OFFICE_CALL, Verb.PEER_READ) as work:
        return own.signer(work, HOP)


def _again(kept: inbox.Taken | None, peer: str) -> batch.Said:
    if kept is None or kept.peer != peer:
        return batch.Said(None, NotFound.code)
    return batch.Said(kept.receipt)


def _call(called: Called) -> Call:
    return Call(STRANGER, Purpose.ADMINISTRATION, request=called.request)


def _network(rt: Runtime) -> Network:
    if rt.rules.network is None:
        raise NotFound
    return rt.rules.network
