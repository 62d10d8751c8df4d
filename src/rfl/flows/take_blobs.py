"""Take attachments from another society, and give those that wait for it, in signed parts.

A call is one transaction and one entry. When the last part is here its digest is checked outside
of any, since a large blob takes a while to read: until then no letter can name it.
"""

from dataclasses import replace

from rfl.domain.access import Actor, Role, Verb
from rfl.domain.purpose import Purpose
from rfl.errors import NotFound, WrongDigest
from rfl.exchange import blob_hop, blob_taking
from rfl.exchange.admission import STRANGER, Called, admitted
from rfl.exchange.blob_hop import Listed
from rfl.flows.runtime import Call, Runtime, network_of
from rfl.storage import blob_sends, blobs, ledger
from rfl.storage.blobs import PART, Blob
from rfl.storage.work import Work

MEDIA_TYPE = blob_hop.MEDIA_TYPE
LIST_TYPE = blob_hop.LIST_TYPE


def look_for_blob(rt: Runtime, called: Called, name: str) -> dict[str, str]:
    """Say how many bytes of the caller's blob are here: 0 of one that never came."""
    digest = blob_hop.digest_in(name)
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, network_of(rt), called)
        blob = blobs.find(work, peer.code, digest, outgoing=False)
        ledger.append(work, reason="blob-asked")
    return _offset(blob.have if blob is not None and (blob.whole or blob.have < blob.size) else 0)


def take_part(rt: Runtime, called: Called, name: str) -> dict[str, str]:
    """Keep a part, and say how many bytes are here then; WrongDigest if the whole is not true."""
    digest = blob_hop.digest_in(name)
    network = network_of(rt)
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, network, called)
        first, size = blob_hop.carried(called.headers, len(called.body))
        blob = blob_taking.expected(work, network, peer.code, (digest, size))
        blob = blob_taking.take_part(work, blob, first, called.body)
        ledger.append(work, reason="blob-part")
    if blob.have == blob.size and not blob.whole:
        blob = _concluded(rt, called, peer.code, blob)
    return _offset(blob.have)


def give_part(rt: Runtime, called: Called, name: str) -> tuple[bytes, dict[str, str]]:
    """Return the part of a blob that the caller asks for by its first byte, or raise NotFound."""
    digest = blob_hop.digest_in(name)
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, network_of(rt), called)
        first = blob_hop.asked(called.headers)
        blob = blobs.find(work, peer.code, digest, outgoing=True)
        if blob is None or first >= blob.size or first % PART:
            raise NotFound
        content = blobs.part(work, blob, first // PART)
        ledger.append(work, reason="blob-given")
    return content, {blob_hop.CONTENT_RANGE: blob_hop.content_range(first, len(content), blob.size)}


def list_blobs(rt: Runtime, called: Called) -> bytes:
    """Return the blobs that wait for the caller, a line each."""
    with rt.begin(_call(called), Verb.EXCHANGE_RECEIVE) as work:
        peer = admitted(work, network_of(rt), called)
        found = _waiting_for(work, peer.code)
        ledger.append(work, count=len(found), reason="blobs-listed")
    return blob_hop.listing([Listed(one.digest, one.size) for one in found])


def _waiting_for(work: Work, peer: str) -> list[Blob]:
    wanted = blob_sends.untaken(work, peer)
    sends = [one for one in blob_sends.of_peer(work, peer) if one.envelope in wanted]
    found = (blobs.load(work, one.blob_id) for one in sends)
    return [blob for blob in found if blob is not None]


def _concluded(rt: Runtime, called: Called, peer: str, blob: Blob) -> Blob:
    actor = Actor(id=peer, role=Role.PEER, branch="*", client="exchange")
    call = replace(_call(called), actor=actor)
    with rt.look(call, Verb.EXCHANGE_RECEIVE) as work:
        true = blob_taking.is_true(work, blob)
    with rt.begin(call, Verb.EXCHANGE_RECEIVE) as work:
        work.require()
        work.peer = peer
        blob = blob_taking.conclude(work, blob, true=true)
        ledger.append(work, count=1, reason="blob-whole" if true else WrongDigest.code)
    if not true:
        raise WrongDigest
    return blob


def _call(called: Called) -> Call:
    return Call(STRANGER, Purpose.ADMINISTRATION, request=called.request)


def _offset(have: int) -> dict[str, str]:
    return {blob_hop.OFFSET: str(have)}
