"""Who calls: a call of another society is admitted by the signature of a trusted peer, once.

Only peers of this node's own mode are admitted: an exercise and what is live never mix.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from rfl.crypto.keyring import HOP
from rfl.domain.access import Actor, Role
from rfl.errors import BadEnvelope, Conflict, NotFound
from rfl.exchange import hop, own
from rfl.exchange.descriptor import Descriptor, PublishedKey
from rfl.exchange.hop import HopRequest, Proof
from rfl.exchange.network import Network
from rfl.exchange.post import trusted, trusted_peers
from rfl.exchange.signed import Signer
from rfl.storage import blob_sends, direct, inbox, outbox, peers
from rfl.storage.work import Work

STRANGER = Actor(id="stranger", role=Role.PEER, branch="*", client="exchange")
"""Who calls, until the call's signature has verified."""


@dataclass(frozen=True, slots=True)
class Known:
    """The keys of calls by their ids, each with whose it is; and what signs this node's answers."""

    keys: Mapping[str, tuple[Descriptor, bytes]]
    signer: Signer


@dataclass(frozen=True, slots=True)
class Called:
    """A call as it came: the target is its path and query, header names are in lower case.

    `proof`: who signed it, once that was verified, and `peer`: which society that is. `signer` is
    the key that its answer is then signed with.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    request: str | None = None
    proof: Proof | None = None
    peer: Descriptor | None = None
    signer: Signer | None = field(default=None, repr=False)

    @property
    def caller(self) -> str:
        """The code of the society that has signed the call; empty until that was proved."""
        return "" if self.peer is None else self.peer.code

    @property
    def key(self) -> tuple[str, bytes] | None:
        """Id and public half of the key that has signed the call; None until that was proved."""
        if self.peer is None or self.proof is None:
            return None
        kid = self.proof.kid
        return next(((kid, key.public) for key in self.peer.hop_keys if key.kid == kid), None)


def known_now(work: Work, network: Network) -> Known:
    """Return whose calls are believed now, and what signs the answers."""
    return Known(_hop_keys(work, network), own.signer(work, HOP))


def proved(known: Known, network: Network, called: Called, now: datetime) -> Called:
    """Return the call with who signed it, or raise BadEnvelope or ClockSkew; nothing is kept."""

    def find_key(kid: str) -> bytes | None:
        return known.keys[kid][1] if kid in known.keys else None

    proof = hop.verify_request(as_request(network, called), find_key, now)
    return replace(called, proof=proof, peer=known.keys[proof.kid][0], signer=known.signer)


def admitted(work: Work, network: Network, called: Called) -> Descriptor:
    """Return the trusted peer that signed the call, once for each nonce; the work is then its.

    Raises BadEnvelope also where the peer was suspended, or its key has changed, since the call
    was proved.
    """
    return admitted_all(work, network, [called])


def admitted_all(work: Work, network: Network, calls: Sequence[Called]) -> Descriptor:
    """Return the trusted peer that signed all of these calls, as `admitted` does that of one."""
    (code,) = {one.caller for one in calls}
    peer = _still_trusted(work, network, code)
    current = {(key.kid, key.public) for key in _current(peer, work.micros)}
    proofs = [one.proof for one in calls if one.proof is not None and one.key in current]
    if len(proofs) < len(calls):
        raise BadEnvelope
    if not inbox.are_new_nonces(work, [(proof.kid, proof.nonce) for proof in proofs]):
        raise BadEnvelope
    speak_for(work, peer.code)
    return peer


def asks(work: Work, calls: Sequence[Called]) -> list[direct.Asked | direct.Change | direct.Words]:
    """Return what `admitted_all` tells PostgreSQL, to be told ahead."""
    peer = calls[0].caller
    nonces = [(one.proof.kid, one.proof.nonce) for one in calls if one.proof is not None]
    return [peers.asks(peer), inbox.keeps_nonces(work, nonces), *_hears(work, peer)]


def speak_for(work: Work, peer: str) -> None:
    """Let the work be a peer's, which was heard with a true signature."""
    work.peer = peer
    work.actor = Actor(id=peer, role=Role.PEER, branch="*", client="exchange")
    work.require()
    with direct.together(work.connection):
        for change in _hears(work, peer):
            direct.changed(work.connection, *change)


def _hears(work: Work, peer: str) -> list[direct.Change]:
    hastened = [one.hastens(work, peer) for one in (outbox, blob_sends)]
    return [peers.hears(work, peer), *hastened]


def _hop_keys(work: Work, network: Network) -> dict[str, tuple[Descriptor, bytes]]:
    return {
        key.kid: (peer, key.public)
        for peer in trusted_peers(work, network)
        for key in _current(peer, work.micros)
    }


def _still_trusted(work: Work, network: Network, peer: str) -> Descriptor:
    try:
        return trusted(work, network, peer)
    except (Conflict, NotFound) as cause:
        raise BadEnvelope from cause


def _current(peer: Descriptor, now: int) -> Iterator[PublishedKey]:
    return (key for key in peer.hop_keys if key.not_after * 1_000_000 > now)


def as_request(network: Network, called: Called) -> HopRequest:
    """Return the call as its caller signed it. The address is the node's own, never the call's."""
    url = network.base_url.rstrip("/") + called.target
    return HopRequest(called.method, url, dict(called.headers), called.body)
