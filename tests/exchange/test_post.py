"""Letters between two nodes (C3, C4, C5, C6): once, in order, with receipts, from peers alone."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rfl.domain.access import Verb
from rfl.domain.entry import from_bytes
from rfl.errors import Conflict
from rfl.exchange.receipt import ReceiptStatus, verify_receipt
from rfl.flows import know_peers
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import inbox, ledger, outbox, post_queries
from rfl.storage.outbox import OutState
from tests.exchange.network import Society, two_societies
from tests.support import Clock

Pair = tuple[Society, Society]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def pair(
    request: pytest.FixtureRequest, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> Iterator[Pair]:
    """Skopje on either database writes to Belgrade on SQLite."""
    first = str(request.getfixturevalue(f"{request.param}_url"))
    second = tmp_path / "second.db"
    shutil.copy(sqlite_template, second)
    with two_societies((first, f"sqlite:///{second}"), tmp_path, clock) as made:
        yield made


def states(society: Society) -> dict[str, int]:
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return {state: count for (_peer, state), count in outbox.counts(work).items()}


def arrived(society: Society) -> list[tuple[int, int, str]]:
    """Stream, place and status of what a society took, in the order of places."""
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        rows = work.connection.execute(inbox.inbox.select().order_by(inbox.inbox.c.seq))
        return [(row.stream, row.seq, row.status) for row in rows]


def receipt_of(society: Society, envelope_id: str) -> bytes:
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        raw = post_queries.receipt_of(work, envelope_id)
    assert raw is not None
    return raw


def test_a_letter_arrives_and_its_receipt_verifies_offline(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = skopje.write(belgrade)
    assert skopje.deliver() == 1
    (key,) = belgrade_keys(belgrade)
    receipt = verify_receipt(receipt_of(skopje, letter), *key)
    assert (receipt.status, receipt.id) == (ReceiptStatus.PROCESSED, letter)
    assert states(skopje) == {OutState.PROCESSED: 1}
    assert arrived(belgrade) == [(8, 1, "processed")]


def belgrade_keys(society: Society) -> list[tuple[str, bytes]]:
    peer = know_peers.own_descriptor(society.rt, OFFICE_CALL)
    return [(key.kid, key.public) for key in know_peers.parse_descriptor(peer).signing_keys]


def named(society: Society, verb: Verb) -> list[str]:
    """The letters that a society's own log names, in the order of its entries."""
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        rows = ledger.ledger.select().order_by(ledger.ledger.c.seq)
        entries = [from_bytes(bytes(row.body)) for row in work.connection.execute(rows)]
    said = [one for entry in entries if entry.action == verb for one in entry.objects]
    return [one for one in said if one.startswith("env_")]


def test_letters_of_a_stream_arrive_in_their_order(pair: Pair) -> None:
    skopje, belgrade = pair
    for number in range(50):
        skopje.write(belgrade, str(number))
    while skopje.deliver():
        pass
    assert [place for _stream, place, _status in arrived(belgrade)] == list(range(1, 51))
    assert states(skopje) == {OutState.PROCESSED: 50}


def test_an_answer_that_is_lost_after_the_commit_is_given_again(pair: Pair, clock: Clock) -> None:
    """Who takes a letter names it in the log as it is taken, who sent it once the receipt came."""
    skopje, belgrade = pair
    letter = skopje.write(belgrade)
    assert skopje.line is not None
    skopje.line.lose_answers = 1
    assert skopje.deliver() == 0
    assert arrived(belgrade) == [(8, 1, "processed")]
    assert (named(skopje, Verb.EXCHANGE_SEND), named(belgrade, Verb.EXCHANGE_RECEIVE)) == (
        [],
        [letter],
    )
    clock.move(minutes=5)
    assert skopje.deliver() == 1
    assert arrived(belgrade) == [(8, 1, "processed")]
    assert receipt_of(skopje, letter)
    assert named(skopje, Verb.EXCHANGE_SEND) == named(belgrade, Verb.EXCHANGE_RECEIVE) == [letter]


def test_what_cannot_be_delivered_waits_longer_each_time_and_keeps_its_order(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade, "first")
    assert skopje.line is not None
    skopje.line.down = True
    skopje.deliver()
    skopje.write(belgrade, "second")
    skopje.line.down = False
    assert skopje.deliver() == 0
    clock.move(seconds=20)
    assert skopje.deliver() == 0
    clock.move(seconds=30)
    assert skopje.deliver() == 2
    assert [place for _stream, place, _status in arrived(belgrade)] == [1, 2]


def test_a_replayed_call_is_refused_and_changes_nothing(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    skopje.deliver()
    assert skopje.line is not None
    answer = skopje.line.carry(skopje.line.carried[-1])
    assert answer.status_code == 400
    assert arrived(belgrade) == [(8, 1, "processed")]


def test_a_suspended_society_is_not_heard_and_not_written_to(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    know_peers.suspend_peer(belgrade.rt, OFFICE_CALL, "skopje")
    assert skopje.deliver() == 0
    assert arrived(belgrade) == []
    know_peers.suspend_peer(skopje.rt, OFFICE_CALL, "belgrade")
    with pytest.raises(Conflict):
        skopje.write(belgrade)


def test_wrong_digits_do_not_make_a_peer_trusted(pair: Pair) -> None:
    skopje, _belgrade = pair
    know_peers.suspend_peer(skopje.rt, OFFICE_CALL, "belgrade")
    with pytest.raises(Conflict):
        know_peers.trust_peer(skopje.rt, OFFICE_CALL, "belgrade", "12345 " * 12)


def test_every_answer_is_signed_errors_too(pair: Pair) -> None:
    _skopje, belgrade = pair
    answer = belgrade.client.post("/rfl/v1/inbox", content=b"{}")
    assert answer.status_code == 400
    assert "signature" in answer.headers
    assert answer.json()["type"].endswith("bad-envelope")


def test_an_unsigned_call_is_refused_at_every_address_of_the_exchange(pair: Pair) -> None:
    _skopje, belgrade = pair
    for method, path in (
        ("PUT", "/rfl/v1/inbox/env_1"),
        ("POST", "/rfl/v1/inbox"),
        ("GET", "/rfl/v1/receipts/env_1"),
    ):
        assert belgrade.client.request(method, path, content=b"").status_code == 400
    assert arrived(belgrade) == []
