"""Know other societies: add one, compare its fingerprint, trust, suspend or remove it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from rfl.domain.access import Verb
from rfl.domain.approval import Approves, Exact
from rfl.errors import Conflict, InvalidInput, NotFound
from rfl.exchange import own
from rfl.exchange.descriptor import Descriptor, Mode, parse_descriptor
from rfl.exchange.introduction import DAILY_LIMIT
from rfl.exchange.post import descriptor_of
from rfl.flows.runtime import Call, Runtime, network_of, require_second
from rfl.storage import blob_room, ledger, peers
from rfl.storage.blob_room import Room
from rfl.storage.peers import PeerRow, PeerState
from rfl.storage.work import Work, micros


@dataclass(frozen=True, slots=True)
class Peer:
    """A peer with what it says of itself, the digits that people compare, and its files' room."""

    row: PeerRow
    descriptor: Descriptor
    fingerprint: str
    room: Room


def own_descriptor(rt: Runtime, call: Call) -> bytes:
    """Return what this node says of itself, signed, as it is published; NotFound if nothing."""
    network = rt.rules.network
    if network is None:
        raise NotFound
    with rt.look(call, Verb.PEER_READ) as work:
        work.require()
        return own.published(work, network).to_bytes()


def add_peer(rt: Runtime, call: Call, raw: bytes) -> Peer:
    """Keep a society's descriptor, not trusted yet; return the digits to compare by phone."""
    descriptor = parse_descriptor(raw)
    network = network_of(rt)
    if descriptor.code == network.code:
        raise InvalidInput("descriptor", "must be another society's")
    if network.mode is Mode.LIVE and not descriptor.base_url.startswith("https://"):
        raise InvalidInput("descriptor", "must have an https address")
    if descriptor.mode is not network.mode:
        raise InvalidInput("descriptor", "must be of the same mode: live and exercise never mix")
    row = PeerRow(
        code=descriptor.code,
        state=PeerState.ADDED,
        descriptor=raw,
        introduced_by=None,
        trusted_by=None,
        trusted_at=None,
        assessed_until=None,
        at_risk=False,
        daily_limit=DAILY_LIMIT,
        heard_at=None,
        version=1,
    )
    with _changing(rt, call, descriptor.code) as work:
        peers.add(work, row)
        ledger.append(work, reason="added")
    return Peer(row, descriptor, descriptor.fingerprint(), Room())


def trust_peer(rt: Runtime, call: Call, code: str, fingerprint: str) -> None:
    """Trust a peer whose sixty digits were read out by its own people, or raise Conflict.

    With two administrators on the node, they agree to this peer with these digits.
    """
    with _changing(rt, call, code) as work:
        digits = (_digits(fingerprint),)
        require_second(rt, work, call, Exact(Approves.PEER_TRUST, code, digits))
        row = peers.load(work, code)
        if _digits(fingerprint) != _digits(descriptor_of(row.descriptor).fingerprint()):
            raise Conflict("The digits are not those of the descriptor: do not trust it.")
        if row.state is PeerState.REMOVED:
            raise Conflict("The peer was removed: add it anew.")
        trusted = {"trusted_by": call.actor.id, "trusted_at": work.micros}
        peers.change(work, row, state=PeerState.TRUSTED, **trusted)
        ledger.append(work, reason="trusted")


def suspend_peer(rt: Runtime, call: Call, code: str) -> None:
    """Stop all traffic with a peer at once; what waits for it stays."""
    with _changing(rt, call, code) as work:
        peers.change(work, peers.load(work, code), state=PeerState.SUSPENDED)
        peers.end_introductions(work, code)
        ledger.append(work, reason="suspended")


def remove_peer(rt: Runtime, call: Call, code: str) -> None:
    """Trust a peer no more. Its descriptor stays, since receipts must go on to verify."""
    with _changing(rt, call, code) as work:
        peers.change(work, peers.load(work, code), state=PeerState.REMOVED)
        peers.end_introductions(work, code)
        ledger.append(work, reason="removed")


def assess_peer(rt: Runtime, call: Call, code: str, until: datetime, *, at_risk: bool) -> None:
    """Record until when a destination's data protection is assessed (P-16), and its risk mark."""
    with _changing(rt, call, code) as work:
        row = peers.load(work, code)
        peers.change(work, row, assessed_until=micros(until), at_risk=at_risk)
        ledger.append(work, reason="assessed")


def limit_peer(rt: Runtime, call: Call, code: str, persons_a_day: int) -> None:
    """Set how many distinct sought persons a peer may ask about in a day."""
    with _changing(rt, call, code) as work:
        peers.change(work, peers.load(work, code), daily_limit=persons_a_day)
        ledger.append(work, reason="limited", count=persons_a_day)


def load_peer(rt: Runtime, call: Call, code: str) -> Peer:
    """Return one peer with what it says of itself, or raise NotFound."""
    with rt.look(call, Verb.PEER_READ) as work:
        work.require()
        row, rooms = peers.load(work, code), blob_room.by_peer(work)
    return _peer(row, rooms)


def list_peers(rt: Runtime, call: Call) -> list[Peer]:
    """Return the peers that are known, by code."""
    with rt.look(call, Verb.PEER_READ) as work:
        work.require()
        rows, rooms = peers.every(work), blob_room.by_peer(work)
    return [_peer(row, rooms) for row in rows]


def _peer(row: PeerRow, rooms: Mapping[str, Room]) -> Peer:
    descriptor = descriptor_of(row.descriptor)
    return Peer(row, descriptor, descriptor.fingerprint(), rooms.get(row.code, Room()))


@contextmanager
def _changing(rt: Runtime, call: Call, code: str) -> Iterator[Work]:
    with rt.begin(call, Verb.PEER_CHANGE) as work:
        work.require()
        work.peer = code
        yield work


def _digits(fingerprint: str) -> str:
    """What people typed, whatever stands between the groups."""
    return "".join(letter for letter in fingerprint if letter.isdecimal())
