"""Receive what another society sends: its call is verified, its envelopes are taken in once.

One call is one transaction: the nonce of the hop, every envelope's effect, the heads of streams,
the entries of the log and the signed receipts. The answer leaves after the commit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rfl.crypto.keyring import HOP
from rfl.domain.access import Actor, Role, Verb
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, NotFound, RflError, StreamFork, UnknownKey
from rfl.exchange import batch, heads, hop, own, recall_letters, reception
from rfl.exchange.case_letters import CaseLetters
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.effects import EFFECTS
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.network import Network
from rfl.exchange.post import descriptor_of
from rfl.exchange.reception import NOT_YOURS, Reception
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import alarms, inbox, ledger, outbox, peers
from rfl.storage.peers import PeerState
from rfl.storage.work import Work

MOST_NOT_YOURS = 3
ANSWER = batch.ANSWER_TYPE
HEADS = heads.MEDIA_TYPE
RECEIPT = "application/rfl-receipt+json"

STRANGER = Actor(id="stranger", role=Role.PEER, branch="*", client="exchange")


@dataclass(frozen=True, slots=True)
class Called:
    """A call as it came: the target is its path and query, header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """What is said about one envelope: the receipt, or the failure that stopped the batch."""

    receipt: bytes | None
    repeated: bool = False
    failure: RflError | None = None


def receive(
    rt: Runtime, called: Called, raws: Sequence[bytes], *, named: str | None = None
) -> list[Given]:
    """Take envelopes in, up to the first that fails; raise what is wrong with the call.

    `named` is the id that the address of a single envelope says.
    """
    network = _network(rt)
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = _admitted(work, network, called)
        effects = EFFECTS | recall_letters.EFFECTS | CaseLetters(network, rt.rules.policy).effects
        given: list[Given] = []
        for raw in raws[: network.limits.batch]:
            given.append(_taken(work, Reception(network, peer, effects), raw, named))
            if given[-1].failure is not None:
                break
        _watch(work, peer.code, given)
        ledger.append(work, count=sum(1 for one in given if one.failure is None))
    if work.destroyed:
        rt.database.scrub()
    return given


def most_bytes(rt: Runtime) -> int:
    """Return how long the body of a call may be: one envelope, or a batch of smaller ones."""
    return _network(rt).limits.envelope_bytes


def parted(body: bytes) -> list[bytes]:
    """Return the envelopes of a request of several."""
    return batch.parted(body)


def said(given: Sequence[Given]) -> bytes:
    """Return the answer to a request of several, a line each."""
    lines = [batch.Said(one.receipt, one.failure.code if one.failure else None) for one in given]
    return batch.answer(lines)


def receipt(rt: Runtime, called: Called, envelope_id: str) -> bytes:
    """Return the receipt that was given for an envelope of the calling peer, or raise NotFound."""
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = _admitted(work, _network(rt), called)
        kept = inbox.taken(work, envelope_id)
        if kept is None or kept.peer != peer.code:
            raise NotFound
        ledger.append(work)
    return kept.receipt


def receipts(rt: Runtime, called: Called) -> bytes:
    """Return the receipts of the envelopes that a peer asks about, a line each."""
    ids = batch.parse_questions(called.body)
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = _admitted(work, _network(rt), called)
        kept = [inbox.taken(work, one) for one in ids]
        ledger.append(work, count=len(ids))
    return batch.answer([_again(one, peer.code) for one in kept])


def reconcile(rt: Runtime, called: Called) -> bytes:
    """Queue again what the calling peer does not have, and say how far its streams came here."""
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = _admitted(work, _network(rt), called)
        queued = outbox.put_again(work, peer.code, heads.parse(called.body))
        ledger.append(work, count=queued, reason="reconciled")
        return heads.to_bytes(inbox.heads(work, peer.code))


def status(rt: Runtime, called: Called) -> bytes:
    """Return what this node takes and what time it has, as a peer asks."""
    network = _network(rt)
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        _admitted(work, network, called)
        ledger.append(work)
        return network.status(work.micros // 1_000_000)


def sign_answer(
    rt: Runtime, called: Called, status: int, headers: dict[str, str], body: bytes
) -> dict[str, str]:
    """Return the headers with a signature over this answer to this call, errors too."""
    network = _network(rt)
    response = HopResponse(status, dict(headers), _request(network, called), body)
    with rt.look(OFFICE_CALL, Verb.PEER_READ) as work:
        hop.sign_response(response, own.signer(work, HOP), work.now)
    return dict(response.headers)


def _again(kept: inbox.Taken | None, peer: str) -> batch.Said:
    if kept is None or kept.peer != peer:
        return batch.Said(None, NotFound.code)
    return batch.Said(kept.receipt)


def _watch(work: Work, peer: str, given: Sequence[Given]) -> None:
    """Tell people of a forked stream at once, and of what was not a peer's to say on the third."""
    if any(isinstance(one.failure, StreamFork) for one in given):
        alarms.sound(work, StreamFork.code, peer)
    if inbox.refused(work, peer, NOT_YOURS) >= MOST_NOT_YOURS:
        alarms.sound(work, NOT_YOURS, peer, once=True)


def _taken(work: Work, ready: Reception, raw: bytes, named: str | None) -> Given:
    try:
        with work.connection.begin_nested():
            envelope = reception.checked(ready, raw)
            if named not in (None, envelope.header.id):
                raise BadEnvelope
            answer = reception.take(work, ready, envelope)
    except RflError as failure:
        return Given(None, failure=failure)
    return Given(answer.receipt, answer.repeated)


def _call(called: Called) -> Call:
    return Call(STRANGER, Purpose.ADMINISTRATION, request=called.request)


def _network(rt: Runtime) -> Network:
    if rt.rules.network is None:
        raise NotFound
    return rt.rules.network


def _admitted(work: Work, network: Network, called: Called) -> Descriptor:
    """Return the trusted peer that signed the call, once for each nonce."""
    known = {
        key.kid: (descriptor, key.public)
        for row in peers.every(work)
        if row.state is PeerState.TRUSTED
        for descriptor in (descriptor_of(row.descriptor),)
        for key in descriptor.hop_keys
        if key.not_after * 1_000_000 > work.micros
    }

    def find_key(kid: str) -> bytes | None:
        return known[kid][1] if kid in known else None

    proof = hop.verify_request(_request(network, called), find_key, work.now)
    if proof.kid not in known:
        raise UnknownKey
    forget = work.micros - 2 * hop.WINDOW_SECONDS * 1_000_000
    if not inbox.is_new_nonce(work, proof.kid, proof.nonce, forget):
        raise BadEnvelope
    peer = known[proof.kid][0]
    work.peer = peer.code
    work.actor = Actor(id=peer.code, role=Role.PEER, branch="*", client="exchange")
    work.require()
    peers.heard(work, peer.code)
    outbox.hasten(work, peer.code)
    return peer


def _request(network: Network, called: Called) -> HopRequest:
    """The address is the node's own, never the one that the call names."""
    url = network.base_url.rstrip("/") + called.target
    return HopRequest(called.method, url, dict(called.headers), called.body)
