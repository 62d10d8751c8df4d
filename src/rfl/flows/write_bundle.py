"""Write what waits for a society into a file, for where there is no network.

What is written goes on waiting until the peer's receipts come back, by file or otherwise: a stick
that is lost costs a second one, and what arrives twice is taken once.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from rfl.domain.access import Verb
from rfl.domain.ids import new_id
from rfl.exchange import own
from rfl.exchange.bundle import Bundle, Item, Kind, sign_bundle
from rfl.exchange.descriptor import Mode
from rfl.exchange.post import trusted
from rfl.flows.runtime import Call, Runtime, network_of
from rfl.storage import blob_sends, blobs, inbox, ledger, owed, post_queries
from rfl.storage.work import Work

MOST_LETTERS: Final = 4_000
MOST_RECEIPTS: Final = 4_000


@dataclass(frozen=True, slots=True)
class Written:
    """What stands in a bundle that was written."""

    bundle: str
    receipts: int
    blobs: int
    envelopes: int
    bytes: int


@dataclass(frozen=True, slots=True)
class _Plan:
    bundle: Bundle
    head: bytes
    receipts: list[str]
    blobs: list[str]
    envelopes: list[str]


def write_bundle(rt: Runtime, call: Call, peer: str, sink: BinaryIO) -> Written:
    """Write receipts, attachments and envelopes for a trusted peer; the entry is kept first."""
    with rt.attempt(call, Verb.EXCHANGE_SEND):
        plan = _planned(rt, call, peer)
        size = 0
        with rt.look(call, Verb.EXCHANGE_SEND) as work:
            for part in _contents(work, plan):
                size += sink.write(part)
        sink.flush()
        with rt.begin(call, Verb.EXCHANGE_SEND) as work:
            work.peer = peer
            owed.paid(work, plan.receipts)
            ledger.append(work, count=len(plan.bundle.items), reason="bundle-written")
    counts = (len(plan.receipts), len(plan.blobs), len(plan.envelopes))
    return Written(plan.bundle.id, *counts, size)


def _planned(rt: Runtime, call: Call, peer: str) -> _Plan:
    network = network_of(rt)
    with rt.begin(call, Verb.EXCHANGE_SEND) as work:
        work.require()
        work.peer = peer
        trusted(work, network, peer)
        receipts, receipt_items = _receipts(work, peer)
        envelopes = post_queries.unsettled(work, peer, MOST_LETTERS)
        names = {one.id for one in envelopes}
        sends = [one for one in blob_sends.of_peer(work, peer) if one.envelope in names]
        found = [blob for blob in (blobs.load(work, one.blob_id) for one in sends) if blob]
        items = [
            *receipt_items,
            *(Item(Kind.BLOB, one.digest, one.size) for one in found),
            *(Item(Kind.ENVELOPE, one.digest, one.size) for one in envelopes),
        ]
        bundle = Bundle(
            id=new_id("bun"),
            sender=network.code,
            recipient=peer,
            exercise=network.mode is Mode.EXERCISE,
            issued=work.micros // 1_000_000,
            items=tuple(items),
        )
        head = sign_bundle(bundle, own.signer(work))
        ledger.append(work, count=len(items), reason="bundle")
    ids = [one.id for one in found], [one.id for one in envelopes]
    return _Plan(bundle, head, receipts, *ids)


def _receipts(work: Work, peer: str) -> tuple[list[str], list[Item]]:
    names, items = [], []
    for envelope in owed.owed(work, peer, MOST_RECEIPTS):
        kept = inbox.taken(work, envelope)
        if kept is not None:
            names.append(envelope)
            digest = hashlib.sha256(kept.receipt).digest()
            items.append(Item(Kind.RECEIPT, digest, len(kept.receipt)))
    return names, items


def _contents(work: Work, plan: _Plan) -> Iterator[bytes]:
    """Yield the file, one item or part of a blob in memory."""
    yield plan.head
    for envelope in plan.receipts:
        kept = inbox.taken(work, envelope)
        yield kept.receipt if kept is not None else b""
    for blob_id in plan.blobs:
        blob = blobs.load(work, blob_id)
        if blob is not None:
            yield from blobs.parts(work, blob)
    for envelope in plan.envelopes:
        for one in post_queries.sent(work, [envelope]):
            yield one.envelope.body
