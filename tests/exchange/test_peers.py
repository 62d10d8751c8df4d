"""Who is trusted, until when and for what (C6): keys after a restore, P-16, back-off, limits."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rfl.app import AppOptions, create_app
from rfl.crypto.hpke import Suite
from rfl.crypto.keyring import HOP
from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.errors import AssessmentMissing, BadEnvelope, KeyUnavailable
from rfl.exchange import hop, own
from rfl.exchange.envelope import parse_envelope
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.letter import ABOUT_PERSONS, Handling, Letter, LetterType
from rfl.exchange.post import post
from rfl.exchange.reasons import Reason
from rfl.exchange.receipt import ReceiptStatus
from rfl.flows import admit, back_up, begin_epoch, know_peers, notice_keys, receive
from rfl.flows.receive import Called
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import in_streams, outbox, peers
from rfl.storage.outbox import OutState
from tests.api.support import entries
from tests.exchange.network import Society, two_societies
from tests.exchange.test_reliability import sounding, states, status_of
from tests.support import Clock, make_runtime

Pair = tuple[Society, Society]
PROCESSED = (ReceiptStatus.PROCESSED, None)


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    urls = []
    for name in ("first.db", "second.db"):
        shutil.copy(sqlite_template, tmp_path / name)
        urls.append(f"sqlite:///{tmp_path / name}")
    with two_societies((urls[0], urls[1]), tmp_path, clock) as made:
        yield made


def say(society: Society, to: Society, kind: LetterType) -> str:
    kept = Handling(retain_until=2**32)
    letter = Letter(type=kind, purpose=Purpose.TRACING, case_ref="a-reference", handling=kept)
    with society.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return post(work, society.network, to.network.code, letter).header.id


def assess(society: Society, peer: Society, days: int, clock: Clock) -> None:
    until = (clock() + timedelta(days=days)).astimezone(UTC)
    know_peers.assess_peer(society.rt, OFFICE_CALL, peer.network.code, until, at_risk=False)


def test_p16_nothing_about_persons_goes_where_nobody_has_assessed_data_protection(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    for days in (None, -1):
        if days is not None:
            assess(skopje, belgrade, days, clock)
        for kind in ABOUT_PERSONS:
            with pytest.raises(AssessmentMissing):
                say(skopje, belgrade, kind)
    assert states(skopje) == {}
    assess(skopje, belgrade, 1, clock)
    for kind in ABOUT_PERSONS:
        assert say(skopje, belgrade, kind)
    assert states(skopje) == {OutState.WAITING: len(ABOUT_PERSONS)}


def test_p16_withdrawal_and_erasure_arrive_also_where_an_assessment_has_ended(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    assess(skopje, belgrade, 1, clock)
    clock.move(days=2)
    for kind in (LetterType.ERASURE_REQUEST, LetterType.CONSENT_CHANGE, LetterType.PEER_RECALL):
        assert say(skopje, belgrade, kind)


def test_what_is_not_a_peers_to_say_is_an_alarm_on_the_third(pair: Pair) -> None:
    """Skopje closes a case that it has never asked Belgrade about."""
    skopje, belgrade = pair
    for number in range(3):
        assert Reason.NOT_YOURS not in sounding(belgrade), number
        sent = say(skopje, belgrade, LetterType.CASE_CLOSE)
        skopje.deliver()
        assert status_of(skopje, belgrade, sent) == (ReceiptStatus.REJECTED, Reason.NOT_YOURS)
    assert Reason.NOT_YOURS in sounding(belgrade)


def test_an_authentic_call_of_the_peer_ends_the_waiting(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    assert skopje.line is not None
    assert belgrade.line is not None
    skopje.line.down = True
    for _attempt in range(3):
        skopje.deliver()
    skopje.line.down = False
    assert skopje.deliver() == 0
    begin_epoch.reconcile_peers(belgrade.rt, belgrade.line.carry)
    assert skopje.deliver() == 1


def test_a_call_that_is_not_authentic_ends_no_waiting(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    assert skopje.line is not None
    skopje.line.down = True
    skopje.deliver()
    skopje.line.down = False
    skopje.client.post("/rfl/v1/reconcile", content=b'{"heads":{}}')
    assert skopje.deliver() == 0


def test_a_peer_that_asks_to_be_left_alone_is(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)

    def busy(request: HopRequest) -> HopResponse:
        called = Called(request.method, "/rfl/v1/inbox", request.headers, request.body)
        headers = {"content-type": "application/problem+json"}
        signed = receive.sign_answer(belgrade.rt, called, 503, headers, b"{}")
        return HopResponse(503, signed | {"Retry-After": "600"}, request, b"{}")

    assert skopje.line is not None
    there, skopje.line.carry = skopje.line.carry, busy  # type: ignore[method-assign]
    assert skopje.deliver() == 0
    skopje.line.carry = there  # type: ignore[method-assign]
    clock.move(seconds=590)
    assert skopje.deliver() == 0
    clock.move(seconds=20)
    assert skopje.deliver() == 1


def test_problems_say_whether_to_come_again(pair: Pair) -> None:
    _skopje, belgrade = pair
    answer = belgrade.client.post("/rfl/v1/inbox", content=b"{}").json()
    assert (answer["code"], answer["retry"]) == ("bad-envelope", "never")
    assert "retry" not in belgrade.client.get("/v1/me").json()


def test_the_limit_of_a_peer_is_kept_with_it(pair: Pair) -> None:
    skopje, _belgrade = pair
    assert know_peers.load_peer(skopje.rt, OFFICE_CALL, "belgrade").row.daily_limit == 200
    know_peers.limit_peer(skopje.rt, OFFICE_CALL, "belgrade", 50)
    assert know_peers.load_peer(skopje.rt, OFFICE_CALL, "belgrade").row.daily_limit == 50


def test_an_old_private_key_is_destroyed_in_the_keyring_and_listed_no_more(
    pair: Pair, clock: Clock, tmp_path: Path
) -> None:
    _skopje, belgrade = pair
    clock.move(days=21)
    notice_keys.notice_keys(belgrade.rt)
    assert len(kept_versions(tmp_path / "belgrade", "seal-s2")) == 2
    clock.move(days=40)
    notice_keys.notice_keys(belgrade.rt)
    assert 1 not in kept_versions(tmp_path / "belgrade", "seal-s2")
    with pytest.raises(KeyUnavailable):
        belgrade.rt.agent.opening_key(Suite.S2, 1)
    published = know_peers.parse_descriptor(know_peers.own_descriptor(belgrade.rt, OFFICE_CALL))
    assert "belgrade-seal-s2-1" not in [key.kid for key in published.sealing_keys]


def kept_versions(folder: Path, name: str) -> list[int]:
    keys = json.loads((folder / "keyring.json").read_text())["keys"]
    return [key["version"] for key in keys if key["name"] == name]


def test_in_the_overlap_letters_to_the_old_key_and_to_the_new_one_are_opened(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    clock.move(days=21)
    to_old = skopje.write(belgrade)
    notice_keys.notice_keys(belgrade.rt)
    belgrade.deliver()
    to_new = skopje.write(belgrade)
    skopje.deliver()
    with skopje.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        bodies = [row.body for row in work.connection.execute(outbox.outbox.select())]
    assert len({parse_envelope(body).header.sealed_to for body in bodies}) == 2
    assert status_of(skopje, belgrade, to_old) == PROCESSED
    assert status_of(skopje, belgrade, to_new) == PROCESSED


def restored(society: Society, folder: Path, sqlite_template: Path, clock: Clock) -> Society:
    """The node on a fresh database that is filled from its backup, with its keyring of today."""
    database = folder / "restored.db"
    shutil.copy(sqlite_template, database)
    society.rt.database.dispose()
    rt = make_runtime(f"sqlite:///{database}", folder / society.network.code, clock)
    rt.rules = society.rt.rules
    app = create_app(rt, AppOptions(matcher=False))
    again = Society(rt, TestClient(app, raise_server_exceptions=False))
    back_up.restore(again.rt, OFFICE_CALL, folder / "backup")
    again.line = society.line
    return again


def test_a_restore_begins_a_new_epoch_and_nothing_forks(
    pair: Pair, tmp_path: Path, sqlite_template: Path, clock: Clock
) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    skopje.deliver()
    back_up.back_up(skopje.rt, OFFICE_CALL, tmp_path / "backup")
    skopje.write(belgrade, "After the backup: the copy does not know it.")
    skopje.deliver()
    again = restored(skopje, tmp_path, sqlite_template, clock)
    sent = again.write(belgrade, "After the restore")
    assert again.deliver() == 1
    assert status_of(again, belgrade, sent) == PROCESSED
    assert "stream-fork" not in sounding(belgrade)
    with belgrade.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        assert in_streams.heads(work, "skopje") == {8: (clock().timestamp() // 60, 1)}


def test_after_a_restore_letters_to_keys_that_are_newer_than_the_copy_are_opened(
    pair: Pair, tmp_path: Path, sqlite_template: Path, clock: Clock
) -> None:
    skopje, belgrade = pair
    back_up.back_up(skopje.rt, OFFICE_CALL, tmp_path / "backup")
    clock.move(days=21)
    notice_keys.notice_keys(skopje.rt)
    skopje.deliver()
    sent = belgrade.write(skopje)
    again = restored(skopje, tmp_path, sqlite_template, clock)
    assert belgrade.line is not None
    belgrade.line.client = again.client
    assert belgrade.deliver() == 1
    assert status_of(belgrade, again, sent) == PROCESSED


def test_after_a_restore_keys_that_were_destroyed_since_are_not_published(
    pair: Pair, tmp_path: Path, sqlite_template: Path, clock: Clock
) -> None:
    skopje, _belgrade = pair
    back_up.back_up(skopje.rt, OFFICE_CALL, tmp_path / "backup")
    for _month in range(3):
        clock.move(days=21)
        notice_keys.notice_keys(skopje.rt)
    assert 1 not in kept_versions(tmp_path / "skopje", "seal-s2")
    again = restored(skopje, tmp_path, sqlite_template, clock)
    published = know_peers.parse_descriptor(know_peers.own_descriptor(again.rt, OFFICE_CALL))
    held = kept_versions(tmp_path / "skopje", "seal-s2")
    listed = [key.kid for key in published.sealing_keys if key.suite is Suite.S2]
    assert listed == [f"skopje-seal-s2-{number}" for number in held]
    with again.rt.ask(OFFICE_CALL, Verb.PEER_READ) as work:
        assert [key.number for key in peers.own(work) if key.name == "society"] == [1]


def refusals(society: Society) -> list[tuple[int | None, str | None]]:
    """Count and reason of every refused call in the log."""
    return [
        (entry["count"], entry["reason"])
        for entry in entries(society.rt, "exchange.receive")
        if entry["decision"] == "denied"
    ]


def test_a_stranger_neither_fills_the_log_nor_waits_for_a_writer(pair: Pair, clock: Clock) -> None:
    _skopje, belgrade = pair

    def call() -> int:
        return belgrade.client.post("/rfl/v1/inbox", content=b"{}").status_code

    assert call() == 400
    assert refusals(belgrade) == [(1, "bad-envelope")]
    with belgrade.rt.database.write():
        assert {call() for _time in range(20)} == {400}
    assert refusals(belgrade) == [(1, "bad-envelope")]
    clock.move(minutes=1)
    admit.enter_failed_sign_ins(belgrade.rt)
    assert refusals(belgrade) == [(1, "bad-envelope"), (20, "bad-envelope")]


def test_a_peer_that_is_suspended_after_its_call_was_proved_is_not_admitted(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    skopje.deliver()
    assert skopje.line is not None
    request = HopRequest("GET", f"{belgrade.network.base_url}/rfl/v1/status", {})
    with skopje.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        hop.sign_request(request, own.signer(work, HOP), work.now)
    headers = {name.lower(): value for name, value in request.headers.items()}
    called = receive.screened(belgrade.rt, Called("GET", "/rfl/v1/status", headers))
    know_peers.suspend_peer(belgrade.rt, OFFICE_CALL, "skopje")
    with pytest.raises(BadEnvelope):
        receive.status(belgrade.rt, called)


def test_when_a_peer_was_heard_is_noted_once_a_second_and_after_the_clock_was_set_back(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    heard: list[int | None] = []
    for step in (0, 400_000, 600_001, -7_200_000_000):
        clock.move(microseconds=step)
        skopje.write(belgrade)
        skopje.deliver()
        with skopje.rt.ask(OFFICE_CALL, Verb.PEER_READ) as work:
            heard.append(peers.load(work, "belgrade").heard_at)
    first = heard[0] or 0
    assert heard == [first, first, first + 1_000_001, first + 1_000_001 - 7_200_000_000]


def test_keys_that_may_be_in_other_hands_end_at_once_and_letters_go_on(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    stolen = HopRequest("GET", f"{belgrade.network.base_url}/rfl/v1/status", {})
    again = HopRequest("GET", stolen.url, {})
    under_way = belgrade.write(skopje)
    with skopje.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        old = own.signer(work, HOP)
    hop.sign_request(stolen, old, clock())
    assert skopje.line is not None
    assert skopje.line.carry(stolen).status_code == 200
    clock.move(seconds=2)
    assert notice_keys.replace_keys(skopje.rt, OFFICE_CALL) == 3
    assert skopje.line.carried[-1] is stolen
    fetched = know_peers.own_descriptor(skopje.rt, OFFICE_CALL)
    assert notice_keys.refresh_peers(belgrade.rt, lambda _url: fetched) == 1
    hop.sign_request(again, old, clock())
    assert skopje.line.carry(again).status_code == 400
    sent = skopje.write(belgrade)
    assert skopje.deliver() == 1
    assert status_of(skopje, belgrade, sent) == PROCESSED
    belgrade.deliver()
    assert status_of(belgrade, skopje, under_way) == PROCESSED
