"""Who calls: a call of another society is admitted by the signature of a trusted peer, once.

Only peers of this node's own mode are admitted: an exercise and what is live never mix.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rfl.domain.access import Actor, Role
from rfl.errors import BadEnvelope, UnknownKey
from rfl.exchange import hop
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.hop import HopRequest
from rfl.exchange.network import Network
from rfl.exchange.post import trusted_peers
from rfl.storage import blob_sends, inbox, outbox, peers
from rfl.storage.work import Work

STRANGER = Actor(id="stranger", role=Role.PEER, branch="*", client="exchange")
"""Who calls, until the call's signature has verified."""


@dataclass(frozen=True, slots=True)
class Called:
    """A call as it came: the target is its path and query, header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)
    request: str | None = None


def admitted(work: Work, network: Network, called: Called) -> Descriptor:
    """Return the trusted peer that signed the call, once for each nonce; the work is then its.

    Raises UnknownKey, BadEnvelope or ClockSkew.
    """
    known = {
        key.kid: (peer, key.public)
        for peer in trusted_peers(work, network)
        for key in peer.hop_keys
        if key.not_after * 1_000_000 > work.micros
    }

    def find_key(kid: str) -> bytes | None:
        return known[kid][1] if kid in known else None

    proof = hop.verify_request(as_request(network, called), find_key, work.now)
    if proof.kid not in known:
        raise UnknownKey
    forget = work.micros - 2 * hop.WINDOW_SECONDS * 1_000_000
    if not inbox.is_new_nonce(work, proof.kid, proof.nonce, forget):
        raise BadEnvelope
    peer = known[proof.kid][0]
    speak_for(work, peer.code)
    return peer


def speak_for(work: Work, peer: str) -> None:
    """Let the work be a peer's, which was heard with a true signature."""
    work.peer = peer
    work.actor = Actor(id=peer, role=Role.PEER, branch="*", client="exchange")
    work.require()
    peers.heard(work, peer)
    outbox.hasten(work, peer)
    blob_sends.hasten(work, peer)


def as_request(network: Network, called: Called) -> HopRequest:
    """Return the call as its caller signed it. The address is the node's own, never the call's."""
    url = network.base_url.rstrip("/") + called.target
    return HopRequest(called.method, url, dict(called.headers), called.body)
