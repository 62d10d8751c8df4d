"""An exercise never meets what is live (C9), and a node talks to an older and a newer one (C11)."""

import io
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from rfl.crypto.keyring import HOP, SOCIETY
from rfl.domain.access import Verb
from rfl.errors import Conflict, InvalidInput, MalformedFile, Misconfigured
from rfl.exchange import heads, hop, own
from rfl.exchange.batch import ANSWER_TYPE, QUESTIONS_TYPE
from rfl.exchange.batch import MEDIA_TYPE as BATCH
from rfl.exchange.descriptor import LABEL, Mode
from rfl.exchange.encoding import strict_object
from rfl.exchange.envelope import MEDIA_TYPE as ENVELOPE
from rfl.exchange.hop import HopRequest
from rfl.exchange.receipt import ReceiptStatus
from rfl.exchange.signed import parse_signed, sign_document
from rfl.flows import ask_receipts, begin_epoch, fetch_mail, know_peers, notice_keys
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.take_bundle import take_bundle
from rfl.flows.write_bundle import write_bundle
from tests.exchange.network import Society, make_society, two_societies
from tests.exchange.test_post import arrived, states
from tests.exchange.test_reliability import status_of
from tests.support import Clock

Pair = tuple[Society, Society]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    for name in ("first.db", "second.db"):
        shutil.copy(sqlite_template, tmp_path / name)
    urls = (f"sqlite:///{tmp_path / 'first.db'}", f"sqlite:///{tmp_path / 'second.db'}")
    with two_societies(urls, tmp_path, clock) as made:
        yield made


def go_live(society: Society) -> None:
    """What happens if somebody switches the setting of a node."""
    live = replace(society.network, mode=Mode.LIVE)
    society.rt.rules = replace(society.rt.rules, network=live)


ENTRANCES = [
    ("PUT", "/rfl/v1/inbox/env_1", ENVELOPE, b"{}"),
    ("POST", "/rfl/v1/inbox", BATCH, b"{}\n"),
    ("GET", "/rfl/v1/receipts/env_1", "", b""),
    ("POST", "/rfl/v1/receipts", QUESTIONS_TYPE, b"env_1\n"),
    ("POST", "/rfl/v1/reconcile", heads.MEDIA_TYPE, b'{"heads":{}}'),
    ("GET", "/rfl/v1/status", "", b""),
    ("GET", "/rfl/v1/blobs", "", b""),
    ("HEAD", f"/rfl/v1/blobs/{'A' * 43}", "", b""),
    ("GET", f"/rfl/v1/blobs/{'A' * 43}", "", b""),
    ("PUT", f"/rfl/v1/blobs/{'A' * 43}", "application/octet-stream", b"x"),
    ("GET", "/rfl/v1/mailbox", "", b""),
    ("POST", "/rfl/v1/mailbox", ANSWER_TYPE, b""),
]


def call(who: Society, whom: Society, method: str, path: str, kind: str, body: bytes) -> int:
    headers = {"content-type": kind} if body else {}
    request = HopRequest(method, whom.network.base_url + path, headers, body)
    with who.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        hop.sign_request(request, own.signer(work, HOP), work.now)
    assert who.line is not None
    return who.line.carry(request).status_code


@pytest.mark.parametrize("switched", ["caller", "called"])
def test_every_entrance_is_closed_to_the_other_mode(pair: Pair, switched: str) -> None:
    """Both ways: an exercise calls what is live, and what is live calls an exercise."""
    skopje, belgrade = pair
    before = [call(skopje, belgrade, *entrance) for entrance in ENTRANCES]
    assert before.count(400) == 3, "an odd letter, and a part without its range"
    if switched == "called":
        go_live(belgrade)
        answers = [call(skopje, belgrade, *entrance) for entrance in ENTRANCES]
    else:
        go_live(skopje)
        answers = [call(belgrade, skopje, *entrance) for entrance in ENTRANCES]
    assert answers == [400] * len(ENTRANCES), "a key that is unknown in this mode"
    assert arrived(skopje) == arrived(belgrade) == []


def sealed_in_exercise(skopje: Society, belgrade: Society) -> None:
    skopje.write(belgrade)
    go_live(skopje)


WAYS: list[tuple[str, Callable[[Society, Society], object]]] = [
    ("delivery", lambda one, _other: one.deliver()),
    ("questions", lambda one, _o: ask_receipts.ask_for_receipts(one.rt, _line(one))),
    ("reconciliation", lambda one, _o: begin_epoch.reconcile_peers(one.rt, _line(one))),
    ("mailbox", lambda one, _o: fetch_mail.fetch_mail(one.rt, _line(one))),
]


def _line(society: Society) -> Callable[..., object]:
    assert society.line is not None
    return society.line.carry


@pytest.mark.parametrize("way", [one[1] for one in WAYS], ids=[one[0] for one in WAYS])
def test_what_was_sealed_in_an_exercise_never_leaves_a_live_node(
    pair: Pair, way: Callable[[Society, Society], object]
) -> None:
    skopje, belgrade = pair
    sealed_in_exercise(skopje, belgrade)
    assert skopje.line is not None
    skopje.line.carried.clear()
    way(skopje, belgrade)
    assert skopje.line.carried == []
    assert arrived(belgrade) == []
    with pytest.raises(Conflict):
        skopje.write(belgrade)


def test_a_file_of_an_exercise_is_refused_by_a_live_node(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    sink = io.BytesIO()
    write_bundle(skopje.rt, OFFICE_CALL, "belgrade", sink)
    go_live(belgrade)
    with pytest.raises(MalformedFile, match="malformed-file"):
        take_bundle(belgrade.rt, OFFICE_CALL, io.BytesIO(sink.getvalue()))
    assert arrived(belgrade) == []
    go_live(skopje)
    with pytest.raises(Conflict):
        write_bundle(skopje.rt, OFFICE_CALL, "belgrade", io.BytesIO())


def test_a_node_that_was_switched_publishes_nothing(pair: Pair) -> None:
    skopje, belgrade = pair
    go_live(skopje)
    with pytest.raises(Misconfigured):
        know_peers.own_descriptor(skopje.rt, OFFICE_CALL)
    with pytest.raises(Misconfigured):
        notice_keys.notice_keys(skopje.rt)
    assert belgrade.client.get("/.well-known/rfl-node").status_code == 200


def test_a_live_node_adds_no_society_of_an_exercise(
    pair: Pair, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    skopje, _belgrade = pair
    shutil.copy(sqlite_template, tmp_path / "live.db")
    url = f"sqlite:///{tmp_path / 'live.db'}"
    live = make_society(url, tmp_path / "live", clock, "vienna", mode=Mode.LIVE, tick_seconds=300)
    for one, other in ((live, skopje), (skopje, live)):
        raw = know_peers.own_descriptor(other.rt, OFFICE_CALL)
        with pytest.raises(InvalidInput):
            know_peers.add_peer(one.rt, OFFICE_CALL, raw)
    live.rt.database.dispose()


def published(society: Society, change: Callable[[dict[str, object]], None]) -> bytes:
    """What a node of another version publishes of itself, signed by itself."""
    raw = know_peers.own_descriptor(society.rt, OFFICE_CALL)
    said = strict_object(parse_signed(raw, most=65_536).document)
    change(said)
    with society.rt.look(OFFICE_CALL, Verb.PEER_READ) as work:
        signer = own.signer(work, SOCIETY)
    return sign_document(LABEL, msgspec.json.encode(said), [signer]).to_bytes()


def newer(said: dict[str, object]) -> None:
    """Version N+1: a suite, a key for it, members and limits that nobody knows here."""
    keys, suites = said["sealing_keys"], said["suites"]
    assert isinstance(keys, list)
    assert isinstance(suites, list)
    keys.insert(0, {"kid": "new", "key": "AAAA", "not_after": 4_000_000_000, "suite": "S3"})
    suites.insert(0, "S3")
    said["versions"] = [1, 2]
    said["payloads"] = {"case.request": [1, 2]}
    said["limits"] = said["limits"] | {"pages": 9}  # type: ignore[operator]


def older(said: dict[str, object]) -> None:
    """Version N-1: before there was a reach, which then is: it is called."""
    del said["reach"]


@pytest.mark.parametrize("version", [newer, older])
def test_a_node_writes_to_one_of_the_version_after_and_of_that_before(
    pair: Pair, version: Callable[[dict[str, object]], None]
) -> None:
    skopje, belgrade = pair
    raw = published(belgrade, version)
    know_peers.remove_peer(skopje.rt, OFFICE_CALL, "belgrade")
    peer = know_peers.add_peer(skopje.rt, OFFICE_CALL, raw)
    know_peers.trust_peer(skopje.rt, OFFICE_CALL, "belgrade", peer.fingerprint)
    letter = skopje.write(belgrade)
    assert skopje.deliver() == 1
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)


def test_a_node_without_a_common_version_is_written_to_by_nobody(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)

    def later(said: dict[str, object]) -> None:
        said["versions"] = [2, 3]

    raw = published(belgrade, later)
    know_peers.remove_peer(skopje.rt, OFFICE_CALL, "belgrade")
    peer = know_peers.add_peer(skopje.rt, OFFICE_CALL, raw)
    know_peers.trust_peer(skopje.rt, OFFICE_CALL, "belgrade", peer.fingerprint)
    assert skopje.deliver() == 0
    assert states(skopje) == {"waiting": 1}
    with pytest.raises(Conflict):
        skopje.write(belgrade)
