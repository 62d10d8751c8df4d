"""Take in what another society has sent by file: by the same code as what comes over the network.

The whole file is read and checked against its signed manifest first. Then its receipts are kept,
its attachments, and its letters; the receipts for these leave with the next bundle there.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Final

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, NotFound, RflError
from rfl.exchange import batch, blob_taking, settling
from rfl.exchange.admission import STRANGER, speak_for
from rfl.exchange.bundle import (
    Bundle,
    Item,
    Kind,
    chunks,
    read_manifest,
    require_ours,
    require_whole,
)
from rfl.exchange.descriptor import Descriptor
from rfl.exchange.envelope import parse_envelope
from rfl.exchange.obedience import reception_of
from rfl.exchange.post import trusted_peers
from rfl.exchange.taking import take_each
from rfl.flows.runtime import Call, Runtime, network_of
from rfl.storage import blobs, inbox, ledger, owed, post_queries
from rfl.storage.inbox import PARKED
from rfl.storage.work import Work

_CALL: Final = Call(STRANGER, Purpose.ADMINISTRATION)


@dataclass(slots=True)
class TakenBundle:
    """What became of a bundle's items; by code, how many.

    Letters: their receipt's status, or the code of a problem; `repeated` of them were here before.
    Receipts: `settled`, or `repeated`, or why not. Blobs: `taken`, or why not.
    """

    bundle: str
    peer: str
    receipts: Counter[str] = field(default_factory=Counter)
    blobs: Counter[str] = field(default_factory=Counter)
    envelopes: Counter[str] = field(default_factory=Counter)
    repeated: int = 0


def take_bundle(rt: Runtime, call: Call, source: BinaryIO) -> TakenBundle:
    """Take a bundle in, or raise MalformedFile and take nothing of it."""
    with rt.attempt(call, Verb.EXCHANGE_RECEIVE):
        bundle, peer = _checked(rt, call, source)
        taken = TakenBundle(bundle.id, peer.code)
        source.seek(0)
        read_manifest(source)
        waiting: list[bytes] = []
        for item in bundle.items:
            if item.kind is Kind.BLOB:
                taken.blobs[_take_blob(rt, peer, item, source)] += 1
                continue
            raw = b"".join(chunks(source, item))
            if item.kind is Kind.RECEIPT:
                taken.receipts[_take_receipt(rt, peer, raw)] += 1
                continue
            waiting.append(raw)
            if len(waiting) == batch.MOST:
                _take_letters(rt, peer, waiting, taken)
                waiting = []
        _take_letters(rt, peer, waiting, taken)
        _tidy_blobs(rt, peer, bundle, taken)
    return taken


def _checked(rt: Runtime, call: Call, source: BinaryIO) -> tuple[Bundle, Descriptor]:
    signed, bundle = read_manifest(source)
    with rt.begin(call, Verb.EXCHANGE_RECEIVE) as work:
        network = network_of(rt)
        peer = require_ours(signed, bundle, trusted_peers(work, network), network)
        require_whole(source, bundle)
        speak_for(work, peer.code)
        ledger.append(work, count=len(bundle.items), reason="bundle")
    return bundle, peer


def _take_receipt(rt: Runtime, peer: Descriptor, raw: bytes) -> str:
    try:
        with rt.begin(_CALL, Verb.EXCHANGE_RECEIVE) as work:
            speak_for(work, peer.code)
            receipt = settling.verified(peer, raw)
            found = post_queries.sent(work, [receipt.id])
            if not found or found[0].peer != peer.code:
                raise BadEnvelope
            new = settling.keep_receipt(work, peer, found[0].envelope, raw)
            named = [found[0].envelope.id]
            ledger.append(work, objects=named, count=int(new), reason="bundle-receipt")
    except BadEnvelope as failure:
        return failure.code
    return "settled" if new else "repeated"


def _take_blob(rt: Runtime, peer: Descriptor, item: Item, source: BinaryIO) -> str:
    """Take a blob's parts, as far as they are not here; whatever fails, read on to its end."""
    first, said = 0, "taken"
    for content in chunks(source, item):
        try:
            if said == "taken":
                _keep_part(rt, peer, item, first, content)
        except RflError as failure:
            said = failure.code
        first += len(content)
    return said


def _keep_part(rt: Runtime, peer: Descriptor, item: Item, first: int, content: bytes) -> None:
    """Keep a part. The last one makes the blob whole: its digest was checked with the file's."""
    with rt.begin(_CALL, Verb.EXCHANGE_RECEIVE) as work:
        speak_for(work, peer.code)
        one, network = (item.digest, item.size), network_of(rt)
        blob = blob_taking.expected(work, network, peer.code, one, by_file=True)
        blob = blob_taking.take_part(work, blob, first, content)
        if blob.have == blob.size and not blob.whole:
            true = blob_taking.is_true(work, blob)
            blob_taking.conclude(work, blob, true=true)
        ledger.append(work, reason="blob-part")


def _take_letters(rt: Runtime, peer: Descriptor, raws: Sequence[bytes], taken: TakenBundle) -> None:
    """Take letters in. One that is refused stops nothing but what follows it in its stream."""
    while raws:
        with rt.begin(_CALL, Verb.EXCHANGE_RECEIVE) as work:
            speak_for(work, peer.code)
            given = take_each(
                work, reception_of(network_of(rt), rt.rules.policy, rt.moment, peer), raws
            )
            ids = [
                parse_envelope(raw).header.id
                for raw, one in zip(raws, given, strict=False)
                if one.receipt
            ]
            owed.owe(work, peer.code, ids)
            ledger.append(work, count=len(ids), reason="bundle-letters")
            statuses = iter([_status(work, one) for one in ids])
        if work.destroyed:
            rt.database.scrub()
        for one in given:
            taken.envelopes[one.failure.code if one.failure else next(statuses)] += 1
            taken.repeated += one.repeated
        raws = raws[len(given) :]


def _status(work: Work, envelope: str) -> str:
    kept = inbox.taken(work, envelope)
    return kept.status if kept is not None else NotFound.code


def _tidy_blobs(rt: Runtime, peer: Descriptor, bundle: Bundle, taken: TakenBundle) -> None:
    """Remove what no letter has taken, as of a bundle that came twice; a parked one may yet."""
    if PARKED in taken.envelopes:
        return
    digests = [item.digest for item in bundle.items if item.kind is Kind.BLOB]
    with rt.begin(_CALL, Verb.EXCHANGE_RECEIVE) as work:
        speak_for(work, peer.code)
        found = (blobs.find(work, peer.code, one, outgoing=False) for one in digests)
        blobs.remove(work, [blob.id for blob in found if blob is not None])
