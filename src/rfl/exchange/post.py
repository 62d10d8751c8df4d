"""Put a letter into the outbox: sealed in the transaction of the business change, once."""

from functools import lru_cache
from typing import Final

from rfl.domain.ids import new_id
from rfl.errors import Conflict
from rfl.exchange import own
from rfl.exchange.descriptor import Descriptor, Mode, parse_descriptor
from rfl.exchange.envelope import Envelope, seal_letter
from rfl.exchange.header import CONTROL_STREAM, Header
from rfl.exchange.letter import CONTROL, Letter
from rfl.exchange.network import Network
from rfl.storage import outbox, peers
from rfl.storage.outbox import Waiting
from rfl.storage.peers import PeerState
from rfl.storage.work import Work

LIFE_SECONDS: Final = 30 * 86_400
"""How long an envelope may wait, and how long after its key's end it can still be opened."""

descriptor_of = lru_cache(maxsize=256)(parse_descriptor)
"""A kept descriptor by its bytes, which were verified when they were kept."""


def post(
    work: Work, network: Network, peer: str, letter: Letter, *, urgent: bool = False
) -> Envelope:
    """Seal a letter for a trusted peer and queue it, or raise Conflict or NotFound."""
    to = trusted(work, peer)
    stream = stream_of(work, letter)
    last = outbox.head(work, peer, stream)
    seconds = work.micros // 1_000_000
    key = to.sealing_key(seconds)
    header = Header(
        id=new_id("env"),
        sender=network.code,
        recipient=peer,
        sealed_to=key.kid,
        suite=key.suite or network.minimum_suite,
        stream=stream,
        epoch=last.epoch,
        seq=last.seq + 1,
        prev=last.prev,
        issued=seconds,
        expires=seconds + LIFE_SECONDS,
        exercise=network.mode is Mode.EXERCISE,
    )
    envelope = seal_letter(header, letter, signer=own.signer(work), recipient_key=key.public)
    waiting = Waiting(
        id=header.id,
        epoch=header.epoch,
        seq=header.seq,
        body=envelope.body,
        digest=envelope.digest,
        attempts=0,
        expires_at=header.expires * 1_000_000,
    )
    due = work.micros if urgent else _next_tick(work.micros, network.tick_seconds)
    outbox.put(work, peer, stream, waiting, due_at=due, urgent=urgent)
    return envelope


def trusted(work: Work, peer: str) -> Descriptor:
    """Return the descriptor of a peer that is trusted now, or raise Conflict or NotFound."""
    row = peers.load(work, peer)
    if row.state is not PeerState.TRUSTED:
        raise Conflict("The peer is not trusted.")
    return descriptor_of(row.descriptor)


def stream_of(work: Work, letter: Letter) -> int:
    """Return the stream of a letter: of its case by a keyed hash, or the control stream."""
    if letter.type in CONTROL or letter.case_ref is None:
        return CONTROL_STREAM
    digest = work.agent.keyed_hash("stream", letter.case_ref.encode("utf-8"))
    return digest[0] % CONTROL_STREAM


def _next_tick(now: int, tick_seconds: int) -> int:
    if not tick_seconds:
        return now
    tick = tick_seconds * 1_000_000
    return -(-now // tick) * tick
