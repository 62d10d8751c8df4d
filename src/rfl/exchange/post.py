"""Put a letter into the outbox: sealed in the transaction of the business change, once."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Final

from rfl.domain.ids import new_id
from rfl.errors import AssessmentMissing, BadEnvelope, Conflict
from rfl.exchange import own
from rfl.exchange.descriptor import LABEL, MOST_BYTES, Descriptor, Mode, Reach, parse_descriptor
from rfl.exchange.envelope import Envelope, seal_letter
from rfl.exchange.header import CONTROL_STREAM, VERSION, Header
from rfl.exchange.letter import CONTROL, Letter
from rfl.exchange.network import Network
from rfl.exchange.signed import parse_signed, signed_by
from rfl.storage import blob_sends, blobs, direct, honey, out_streams, outbox, peers, post_queries
from rfl.storage.blobs import Blob
from rfl.storage.outbox import OutState, Waiting
from rfl.storage.peers import PeerRow
from rfl.storage.work import Work

LIFE_SECONDS: Final = 30 * 86_400
"""How long an envelope may wait, and how long after its key's end it can still be opened."""

descriptor_of = lru_cache(maxsize=256)(parse_descriptor)
"""A kept descriptor by its bytes, which were verified when they were kept."""


def post(
    work: Work, network: Network, peer: str, letter: Letter, *, urgent: bool = False
) -> Envelope:
    """Seal a letter for a trusted peer and queue it, or raise Conflict or NotFound.

    Raises AssessmentMissing where it tells of persons and the peer's assessment has ended (P-16).
    """
    stream = stream_of(work, letter)
    asked = (peers.asks(peer), peers.ASKS_OWN, out_streams.asks(peer, stream))
    direct.ahead(work.connection, asked)
    to = trusted(work, network, peer)
    if letter.tells_of_persons:
        _require_assessed(work, peer)
    header = _next_header(work, network, to, stream)
    key = to.sealing_key(header.issued)
    envelope = seal_letter(header, letter, signer=own.signer(work), recipient_key=key.public)
    due = work.micros if urgent else next_tick(work.micros, network.tick_seconds)
    waiting = Waiting(
        id=header.id,
        epoch=header.epoch,
        seq=header.seq,
        body=envelope.body,
        digest=envelope.digest,
        attempts=0,
        expires_at=header.expires * 1_000_000,
    )
    if not honey.is_touched(work):  # What is told of a honey case is told to nobody.
        outbox.put(work, peer, stream, waiting, due_at=due, urgent=urgent)
        _send_attached(work, letter, header, due)
    else:
        blobs.remove(work, [blob.id for blob in _attached(work, letter, to.code)])
    return envelope


def _next_header(work: Work, network: Network, to: Descriptor, stream: int) -> Header:
    """Return the header of the next place in a stream, which is held until the commit."""
    last = out_streams.head(work, to.code, stream)
    seconds = work.micros // 1_000_000
    key = to.sealing_key(seconds)
    return Header(
        id=new_id("env"),
        sender=network.code,
        recipient=to.code,
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


def _send_attached(work: Work, letter: Letter, header: Header, due: int) -> None:
    """Queue what a letter names for its recipient, or raise BadEnvelope: it was not attached."""
    for blob in _attached(work, letter, header.recipient):
        blobs.hold(work, blob.id, header.id)
        blob_sends.add(work, blob.id, header.recipient, header.id, due)


def _attached(work: Work, letter: Letter, peer: str) -> Iterator[Blob]:
    for one in letter.attachments:
        blob = blobs.find(work, peer, one.digest, outgoing=True)
        if blob is None:
            raise BadEnvelope("The letter names what was not attached for this peer.")
        yield blob


def queue_again(work: Work, peer: str, after: Mapping[int, tuple[int, int]]) -> int:
    """Queue again what lies behind a peer's heads, with its blobs; return how many envelopes."""
    queued = outbox.put_again(work, peer, after)
    if queued:
        kept = {one.envelope for one in blob_sends.of_peer(work, peer)}
        again = [one for one in post_queries.sent(work, kept) if one.state is OutState.WAITING]
        blob_sends.again(work, [one.envelope.id for one in again])
    return queued


def trusted(work: Work, network: Network, peer: str) -> Descriptor:
    """Return the descriptor of a peer that is trusted now, or raise Conflict or NotFound.

    Nobody of the other mode is: an exercise and what is live never mix.
    """
    return _trusted(work, network, peers.load(work, peer))


def trusted_peers(work: Work, network: Network) -> list[Descriptor]:
    """Return the peers that are trusted now and of this node's mode, by code."""
    found: list[Descriptor] = []
    for row in peers.every(work):
        with suppress(Conflict):
            found.append(_trusted(work, network, row))
    return found


def callable_peers(work: Work, network: Network) -> list[Descriptor]:
    """Return the trusted peers that can be called: not those that fetch their letters."""
    return [peer for peer in trusted_peers(work, network) if peer.reach is Reach.CALLED]


def callable_peer(work: Work, network: Network, peer: str) -> Descriptor | None:
    """Return a peer that is trusted now and can be called, or None."""
    with suppress(Conflict):
        found = trusted(work, network, peer)
        return found if found.reach is Reach.CALLED else None
    return None


def take_descriptor(work: Work, peer: str, raw: bytes) -> bool:
    """Take a peer's newer descriptor if a key that was trusted signs it; False if it is not newer.

    Raises BadEnvelope for what is another's, of another mode, or signed by nobody known. What it
    was signed with stays: the first key, whose digits people have compared, cannot be replaced.
    """
    row = peers.load(work, peer)
    known, said = descriptor_of(row.descriptor), parse_descriptor(raw)
    if (said.code, said.mode) != (known.code, known.mode):
        raise BadEnvelope
    if said.issued <= known.issued:
        return False
    kept = {(key.kid, key.public) for key in said.signing_keys}
    now = work.micros // 1_000_000
    current = {(one.kid, one.public) for one in known.signing_keys if one.not_after > now}
    if said.fingerprint() != known.fingerprint() or not kept & current:
        raise BadEnvelope
    if not any(signed_by(parse_signed(raw, most=MOST_BYTES), LABEL, *key) for key in current):
        raise BadEnvelope
    peers.change(work, row, descriptor=raw)
    return True


def stream_of(work: Work, letter: Letter) -> int:
    """Return the stream of a letter: of its case by a keyed hash, or the control stream."""
    if letter.type in CONTROL or letter.case_ref is None:
        return CONTROL_STREAM
    digest = work.agent.keyed_hash("stream", letter.case_ref.encode("utf-8"))
    return digest[0] % CONTROL_STREAM


def _require_assessed(work: Work, peer: str) -> None:
    until = peers.load(work, peer).assessed_until
    if until is None or until < work.micros:
        raise AssessmentMissing


def _trusted(work: Work, network: Network, row: PeerRow) -> Descriptor:
    if not row.is_trusted(work.micros):
        raise Conflict("The peer is not trusted.")
    descriptor = descriptor_of(row.descriptor)
    if descriptor.mode is not network.mode:
        raise Conflict("The peer is of the other mode: live and exercise never mix.")
    if VERSION not in descriptor.versions:
        raise Conflict("The peer speaks no version of the protocol that this node speaks.")
    return descriptor


def next_tick(now: int, tick_seconds: int) -> int:
    """Return when what is written now may leave, in microseconds since 1970 as `now` is."""
    if not tick_seconds:
        return now
    tick = tick_seconds * 1_000_000
    return -(-now // tick) * tick
