"""Whom a node knew a moment ago opens nothing: who may call is asked with each call."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rfl.api.routers import exchange
from rfl.domain.access import Verb
from rfl.domain.call_rate import CallRate
from rfl.domain.entry import from_bytes
from rfl.errors import BadEnvelope
from rfl.exchange import batch, calling, entrance
from rfl.exchange.admission import Called, admitted
from rfl.exchange.entrance import Entrance
from rfl.exchange.post import trusted
from rfl.flows import know_peers, receive
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import ledger
from tests.exchange.network import Society, befriend, make_society, two_societies
from tests.support import Clock

Pair = tuple[Society, Society]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    files = [tmp_path / "first.db", tmp_path / "second.db"]
    urls = [f"sqlite:///{shutil.copy(sqlite_template, file)}" for file in files]
    with two_societies((urls[0], urls[1]), tmp_path, clock) as made:
        made[0].write(made[1])
        assert made[0].deliver() == 1  # now Belgrade knows whom it knows
        yield made


def call_of(society: Society) -> Called:
    """A signed call to Belgrade that brings nothing."""
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        to = trusted(work, society.network, "belgrade")
        signed = calling.post_to(work, to, calling.INBOX, batch.MEDIA_TYPE, b"")
    headers = {name.lower(): value for name, value in signed.headers.items()}
    return Called("POST", calling.INBOX, headers)


def test_a_society_is_heard_as_soon_as_it_is_trusted(
    pair: Pair, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    file = shutil.copy(sqlite_template, tmp_path / "third.db")
    sofia = make_society(f"sqlite:///{file}", tmp_path / "sofia", clock, "sofia")
    befriend(sofia, pair[1])
    sofia.write(pair[1])
    assert sofia.deliver() == 1
    sofia.rt.database.dispose()


def test_a_call_of_whom_the_node_knew_a_moment_ago_takes_no_thread_of_the_offices(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    skopje, belgrade = pair

    async def none_left(*_words: object) -> None:
        raise AssertionError

    monkeypatch.setattr(entrance, "MOMENT_SECONDS", 3_600.0)
    monkeypatch.setattr(exchange, "run_in_threadpool", none_left)
    for text in ("known", "known still"):
        skopje.write(belgrade, text)
        assert skopje.deliver() == 1
    belgrade.rt.entrance = Entrance()
    skopje.write(belgrade, "unknown")
    assert skopje.deliver() == 0


def test_a_society_that_calls_too_often_is_told_so_though_it_is_known(pair: Pair) -> None:
    skopje, belgrade = pair
    belgrade.rt.calls = CallRate(1)
    delivered = []
    for text in ("first", "second"):
        skopje.write(belgrade, text)
        delivered.append(skopje.deliver())
    assert delivered == [1, 0]
    with belgrade.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        (last,) = (from_bytes(body) for body in ledger.latest(work, 1))
    assert (last.reason, last.peer) == ("too-many-calls", "skopje")


def test_a_society_is_refused_as_soon_as_it_is_suspended(pair: Pair) -> None:
    skopje, belgrade = pair
    know_peers.suspend_peer(belgrade.rt, OFFICE_CALL, "skopje")
    called = receive.screened(belgrade.rt, call_of(skopje))
    assert called.caller == "skopje"
    with pytest.raises(BadEnvelope):
        receive.bring(belgrade.rt, called, []).result()
    skopje.write(belgrade)
    assert skopje.deliver() == 0


def test_a_call_that_another_key_of_the_same_name_has_signed_is_refused(pair: Pair) -> None:
    skopje, belgrade = pair
    called = receive.screened(belgrade.rt, call_of(skopje))
    assert called.peer is not None
    keys = tuple(replace(key, public=bytes(32)) for key in called.peer.hop_keys)
    before = replace(called, peer=replace(called.peer, hop_keys=keys))
    with (
        pytest.raises(BadEnvelope),
        belgrade.rt.begin(OFFICE_CALL, Verb.EXCHANGE_RECEIVE) as work,
    ):
        admitted(work, belgrade.network, before)


def test_a_call_with_a_wrong_signature_is_refused_by_what_is_known_and_by_what_is_read(
    pair: Pair,
) -> None:
    skopje, belgrade = pair
    called = call_of(skopje)
    for _time in range(2):
        with pytest.raises(BadEnvelope):
            receive.screened(belgrade.rt, replace(called, target="/rfl/v1/status"))
    assert receive.screened(belgrade.rt, called).caller == "skopje"
