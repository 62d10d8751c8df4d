"""The walk of test_completeness through the exchange: two societies that write to each other."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace

from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.audit.witness import Answer, Refusal
from rfl.crypto.keyring import HOP
from rfl.domain.access import Verb
from rfl.exchange import blob_hop, heads, hop, introduction, own
from rfl.exchange.batch import ANSWER_TYPE, QUESTIONS_TYPE, Said, answer, questions
from rfl.exchange.hop import HopRequest
from rfl.exchange.introduction import Introduces
from rfl.exchange.signed import Signer
from rfl.flows import (
    ask_receipts,
    begin_epoch,
    carry_blobs,
    carry_log,
    deliver,
    fetch_mail,
    introduce,
    know_peers,
    notice_keys,
    ping,
    recall_all,
    take_bundle,
    write_bundle,
)
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import blob_sends, blobs, outbox
from rfl.storage.outbox import OutState
from rfl.storage.work import from_micros
from tests.audit.walks_between import cases_come, cases_go, messages_come
from tests.audit.walks_by_hand import steps_by_hand
from tests.audit.walks_handover import handovers_pass
from tests.exchange.letters import SOFIA
from tests.exchange.network import Line, Society, make_network

Steps = Iterator[tuple[str, Callable[[], object]]]
START = (0, "")
NORTH, SOUTH = "north", "south"

CLEAR_EXCHANGE = {
    "deliver.deliver_waiting": "delivers, by a flow that is walked, until nothing is due",
    "runtime.network_of": "says what the society has set",
    "know_peers.own_descriptor": "signs what this node publishes of itself",
    "know_peers.list_peers": "shows what societies publish of themselves",
    "know_correspondents.list_correspondents": "shows what people decided about societies",
    "know_peers.load_peer": "shows what a society publishes of itself",
    "keep_post.count_post": "says numbers",
    "keep_post.keep_post": "an alarm, which is an entry",
    "fetch_mail.fetches": "says what the society has set",
    "list_post.list_post": "shows ids and digests, and the words of receipts",
    "carry_log.waiting_mail": "shows checkpoints, which are public",
    "ping.receipt_of": "shows a signature over ids and digests",
    "receive.sign_answer": "signs an answer, whose call is an entry",
    "receive.most_bytes": "says what the society has set",
    "receive.recognised": "looks at a signature; what it does not know is screened",
    "receive.screened": "looks at a signature; its refusals are entries, counted by the minute",
}


def exchange_steps(rt: Runtime, other: Runtime) -> Steps:
    """Every flow of the exchange. `other` is a second society."""
    north, south = _society(rt, NORTH), _society(other, SOUTH)
    north.line, south.line = Line(south.client), Line(north.client)
    sent: list[str] = []
    yield "notice_keys.notice_keys", lambda: notice_keys.notice_keys(rt)
    notice_keys.notice_keys(other)
    raw = know_peers.own_descriptor(other, OFFICE_CALL)
    digits = know_peers.parse_descriptor(raw).fingerprint()
    yield "know_peers.add_peer", lambda: know_peers.add_peer(rt, OFFICE_CALL, raw)
    yield "know_peers.trust_peer", lambda: know_peers.trust_peer(rt, OFFICE_CALL, SOUTH, digits)
    until = from_micros(0)
    yield (
        "know_peers.assess_peer",
        lambda: know_peers.assess_peer(rt, OFFICE_CALL, SOUTH, until, at_risk=False),
    )
    yield "know_peers.limit_peer", lambda: know_peers.limit_peer(rt, OFFICE_CALL, SOUTH, 50)
    peer = know_peers.add_peer(other, OFFICE_CALL, know_peers.own_descriptor(rt, OFFICE_CALL))
    know_peers.trust_peer(other, OFFICE_CALL, NORTH, peer.fingerprint)
    yield "ping.ping", lambda: sent.append(ping.ping(rt, OFFICE_CALL, SOUTH))
    yield "deliver.deliver_due", lambda: _one(deliver.deliver_due(rt, north.line.carry))
    yield from _called(north, south)
    line = north.line.carry
    yield from _attached(north, south)
    yield "ask_receipts.ask_for_receipts", lambda: _parked(north)
    yield "begin_epoch.reconcile_gaps", lambda: _one(begin_epoch.reconcile_gaps(rt, line))
    yield "begin_epoch.reconcile_peers", lambda: begin_epoch.reconcile_peers(rt, line)
    yield "begin_epoch.begin_epoch", lambda: begin_epoch.begin_epoch(rt, OFFICE_CALL)
    yield "notice_keys.refresh_peers", lambda: _one(_refreshed(rt, other))
    yield "carry_log.answer_mail", lambda: _mail(north, south)
    yield from cases_come(north, south)
    yield from messages_come(north, south)
    yield from cases_go(north, south)
    yield from _introduced(north, south)
    yield from handovers_pass(north, south)
    yield from steps_by_hand(north)
    yield "recall_all.recall_all", lambda: recall_all.recall_all(rt, OFFICE_CALL, SOUTH)
    yield "notice_keys.replace_keys", lambda: notice_keys.replace_keys(rt, OFFICE_CALL)
    yield "know_peers.suspend_peer", lambda: know_peers.suspend_peer(rt, OFFICE_CALL, SOUTH)
    yield "know_peers.remove_peer", lambda: know_peers.remove_peer(rt, OFFICE_CALL, SOUTH)


def _society(rt: Runtime, code: str) -> Society:
    rt.rules = replace(rt.rules, society=code, network=make_network(code))
    app = create_app(rt, AppOptions(matcher=False))
    return Society(rt, TestClient(app, raise_server_exceptions=False))


def _called(north: Society, south: Society) -> Steps:
    """What the other society asks of this one."""
    letter: list[str] = []

    def write() -> None:
        letter.append(south.write(north))
        _one(south.deliver())

    yield "receive.bring", write
    path = "/rfl/v1/receipts"
    yield "receive.receipt", lambda: _ask(south, north, "GET", f"{path}/{letter[0]}")
    yield (
        "receive.receipts",
        lambda: _ask(south, north, "POST", path, QUESTIONS_TYPE, questions(letter)),
    )
    body = heads.to_bytes({8: (1, 1)})
    yield (
        "receive.reconcile",
        lambda: _ask(south, north, "POST", "/rfl/v1/reconcile", heads.MEDIA_TYPE, body),
    )
    yield "receive.status", lambda: _ask(south, north, "GET", "/rfl/v1/status")


def _attached(north: Society, south: Society) -> Steps:
    """Attachments, the mailbox and the post by file."""
    assert north.line is not None
    assert south.line is not None
    there, back = north.line.carry, south.line.carry
    path = "/rfl/v1/blobs"
    empty = blob_hop.path_of(bytes(32))
    ping.ping(north.rt, OFFICE_CALL, SOUTH, attached=9)
    yield "carry_blobs.carry_blobs", lambda: _one(carry_blobs.carry_blobs(north.rt, there))
    _one(north.deliver())
    yield "take_blobs.look_for_blob", lambda: _ask(south, north, "HEAD", empty)
    part = (blob_hop.MEDIA_TYPE, bytes(blobs.PART))
    span = blob_hop.content_range(0, blobs.PART, blobs.PART + 9)
    yield (
        "take_blobs.take_part",
        lambda: _ask(south, north, "PUT", empty, *part, content_range=span),
    )
    ping.ping(north.rt, OFFICE_CALL, SOUTH, attached=9)
    yield "take_blobs.list_blobs", lambda: _ask(south, north, "GET", path)
    with north.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        ((send,),) = [one.blobs for one in blob_sends.waiting(work)]
        blob = blobs.load(work, send.blob_id)
    assert blob is not None
    given = blob_hop.path_of(blob.digest)
    yield "take_blobs.give_part", lambda: _ask(south, north, "GET", given, range="bytes=0-9")
    yield "give_mail.give_mail", lambda: _ask(south, north, "GET", "/rfl/v1/mailbox")
    nothing = (ANSWER_TYPE, answer([Said(None, "not-found", "env_1")]))
    yield "give_mail.take_word", lambda: _ask(south, north, "POST", "/rfl/v1/mailbox", *nothing)
    yield "fetch_mail.fetch_mail", lambda: _one(fetch_mail.fetch_mail(south.rt, back))
    yield "write_bundle.write_bundle", lambda: _bundle(north, SOUTH)
    file = _bundle(south, NORTH)
    yield "take_bundle.take_bundle", lambda: take_bundle.take_bundle(north.rt, OFFICE_CALL, file)


def _introduced(north: Society, south: Society) -> Steps:
    """South vouches to North for a society that North does not know."""
    said: list[bytes] = []
    counts = Introduces.KNOWN
    yield (
        "introduce.let_introduce",
        lambda: introduce.let_introduce(north.rt, OFFICE_CALL, SOUTH, counts),
    )
    yield (
        "introduce.introduce",
        lambda: said.append(introduce.introduce(north.rt, OFFICE_CALL, SOUTH, days=9)),
    )
    with south.rt.look(OFFICE_CALL, Verb.PEER_READ) as work:
        signer = own.signer(work)
    yield (
        "introduce.take_introduction",
        lambda: introduce.take_introduction(north.rt, OFFICE_CALL, _word(signer, north)),
    )


def _word(signer: Signer, north: Society) -> bytes:
    now = int(north.rt.clock().timestamp())
    return introduction.introduce(SOUTH, SOFIA.published(), signer, now, 9)


def _bundle(society: Society, peer: str) -> io.BytesIO:
    sink = io.BytesIO()
    write_bundle.write_bundle(society.rt, OFFICE_CALL, peer, sink)
    sink.seek(0)
    return sink


def _ask(
    who: Society,
    whom: Society,
    method: str,
    path: str,
    media_type: str = "",
    body: bytes = b"",
    **more: str,
) -> None:
    headers = {"content-type": media_type} if body else {}
    headers |= {name.replace("_", "-"): value for name, value in more.items()}
    request = HopRequest(method, whom.network.base_url + path, headers, body)
    with who.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        hop.sign_request(request, own.signer(work, HOP), work.now)
    assert who.line is not None
    assert who.line.carry(request).status_code in (200, 206)


def _parked(north: Society) -> None:
    """Two letters of which the first never arrives: the second is parked, and asked about."""
    first = ping.ping(north.rt, OFFICE_CALL, SOUTH)
    with north.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        outbox.settle(work, first, OutState.STOPPED, None)
    ping.ping(north.rt, OFFICE_CALL, SOUTH)
    _one(north.deliver())
    assert north.line is not None
    _one(ask_receipts.ask_for_receipts(north.rt, north.line.carry))


def _refreshed(rt: Runtime, other: Runtime) -> int:
    rt.clock.move(seconds=2)  # type: ignore[attr-defined]
    fetched = know_peers.own_descriptor(other, OFFICE_CALL)
    return notice_keys.refresh_peers(rt, lambda _url: fetched)


def _mail(north: Society, south: Society) -> None:
    refusal = Answer(Refusal.UNKNOWN_LOG, None).to_bytes()
    carry_log.LogCarrier(south.rt).carry(NORTH, b"old 0\n\nnot a checkpoint")
    _one(south.deliver())
    (mail,) = carry_log.waiting_mail(north.rt)
    carry_log.answer_mail(north.rt, mail, refusal)
    north.deliver()  # the parked one of before is with it
    assert [one.message for one in carry_log.waiting_mail(south.rt)] == [refusal]


def _one(count: int) -> None:
    assert count == 1
