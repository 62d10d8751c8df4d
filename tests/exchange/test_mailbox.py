"""Letters for a node that nobody can call: it fetches them, once each, in order, with receipts."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from rfl.domain.access import Verb
from rfl.exchange.descriptor import Reach
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.receipt import ReceiptStatus
from rfl.flows import fetch_mail
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import outbox
from rfl.storage.blobs import PART
from rfl.storage.outbox import OutState
from tests.exchange.network import Society, two_societies
from tests.exchange.test_blobs import TWENTY, call, carry, kept, send
from tests.exchange.test_post import arrived, states
from tests.exchange.test_reliability import hold_back, sounding, status_of
from tests.support import Clock

Pair = tuple[Society, Society]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    """Skopje is behind NAT: nobody can call it. Belgrade can be called."""
    second = tmp_path / "second.db"
    shutil.copy(sqlite_template, second)
    yield from behind_nat(sqlite_template, tmp_path, clock, f"sqlite:///{second}")


@pytest.fixture
def mixed_pair(
    sqlite_template: Path, tmp_path: Path, clock: Clock, postgres_url: str
) -> Iterator[Pair]:
    yield from behind_nat(sqlite_template, tmp_path, clock, postgres_url)


def behind_nat(template: Path, folder: Path, clock: Clock, second: str) -> Iterator[Pair]:
    first = folder / "first.db"
    shutil.copy(template, first)
    urls = (f"sqlite:///{first}", second)
    with two_societies(urls, folder, clock, reach=Reach.MAILBOX) as made:
        line = made[1].line
        assert line is not None
        line.down = True
        yield made


def fetch(society: Society) -> int:
    assert society.line is not None
    return fetch_mail.fetch_mail(society.rt, society.line.carry)


def test_what_waits_is_fetched_in_order_and_its_receipts_come_back(pair: Pair) -> None:
    skopje, belgrade = pair
    letters = [belgrade.write(skopje, str(number)) for number in range(40)]
    assert belgrade.deliver() == 0
    assert fetch(skopje) == 40
    assert [place for _stream, place, _status in arrived(skopje)] == [*range(1, 41)]
    assert states(belgrade) == {OutState.PROCESSED: 40}
    for letter in (letters[0], letters[-1]):
        assert status_of(belgrade, skopje, letter) == (ReceiptStatus.PROCESSED, None)
    assert fetch(skopje) == 0


@pytest.mark.postgres
def test_its_own_letters_leave_by_calls_and_attachments_go_both_ways(mixed_pair: Pair) -> None:
    skopje, belgrade = mixed_pair
    out, back = send(skopje, belgrade, b"one"), send(belgrade, skopje, os.urandom(PART), b"two")
    assert carry(skopje) == 1
    assert carry(belgrade) == 0, "nobody can call Skopje"
    assert skopje.deliver() == 1
    assert fetch(skopje) == 1
    assert status_of(skopje, belgrade, out) == (ReceiptStatus.PROCESSED, None)
    assert status_of(belgrade, skopje, back) == (ReceiptStatus.PROCESSED, None)
    assert kept(skopje) == [entry for entry in kept(skopje) if entry[0]]


def test_nobody_is_called_who_cannot_be(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    belgrade.write(skopje)
    for _day in range(3):
        assert belgrade.deliver() == 0
        clock.move(hours=1)
    assert belgrade.line is not None
    assert belgrade.line.carried == []
    with belgrade.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        assert [one.attempts for one in outbox.take(work, "skopje", 8, 9)] == [0]


def test_receipts_that_are_lost_on_the_way_are_given_again(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = belgrade.write(skopje)
    line = skopje.line
    assert line is not None

    def deaf(request: HopRequest) -> HopResponse:
        if request.method == "POST":
            raise TimeoutError
        return line.carry(request)

    fetch_mail.fetch_mail(skopje.rt, deaf)
    assert states(belgrade) == {OutState.WAITING: 1}
    assert fetch(skopje) == 0, "it was taken before"
    assert arrived(skopje) == [(8, 1, "processed")]
    assert status_of(belgrade, skopje, letter) == (ReceiptStatus.PROCESSED, None)


def test_letters_that_bring_more_than_may_wait_are_fetched_in_turn(pair: Pair) -> None:
    skopje, belgrade = pair
    letters = [send(belgrade, skopje, *TWENTY) for _each in range(5)]
    assert fetch(skopje) == 5
    said = {status_of(belgrade, skopje, one) for one in letters}
    assert said == {(ReceiptStatus.PROCESSED, None)}
    assert [entry for entry in kept(skopje) if not entry[0]] == []


def test_an_attachment_cut_off_is_fetched_from_where_it_was(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = send(belgrade, skopje, os.urandom(2 * PART))
    line = skopje.line
    assert line is not None

    def cut(request: HopRequest) -> HopResponse:
        if request.headers.get("range", "").startswith(f"bytes={PART}-"):
            raise ConnectionResetError
        return line.carry(request)

    assert fetch_mail.fetch_mail(skopje.rt, cut) == 0
    assert arrived(skopje) == [], "no letter before what it names"
    assert [have for _out, _size, have, _whole in kept(skopje)] == [PART]
    asked = len(line.carried)
    assert fetch(skopje) == 1
    ranges = [one.headers["range"] for one in line.carried[asked:] if "range" in one.headers]
    assert ranges[0].startswith(f"bytes={PART}-")
    assert status_of(belgrade, skopje, letter) == (ReceiptStatus.PROCESSED, None)


def test_two_who_fetch_at_once_do_not_write_one_part_of_an_attachment_twice(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = send(belgrade, skopje, os.urandom(2 * PART))
    assert skopje.line is not None
    plain, other = skopje.line.carry, []

    def carry_beside(request: HopRequest) -> HopResponse:
        answer = plain(request)
        if "range" in request.headers:
            other.append(fetch_mail.fetch_mail(skopje.rt, plain))
        return answer

    assert fetch_mail.fetch_mail(skopje.rt, carry_beside) == 1
    assert status_of(belgrade, skopje, letter) == (ReceiptStatus.PROCESSED, None)
    assert set(other) == {0}


def test_what_is_parked_is_given_again_until_its_gap_is_filled(pair: Pair) -> None:
    skopje, belgrade = pair
    first, second = belgrade.write(skopje), belgrade.write(skopje)
    hold_back(belgrade, first, OutState.STOPPED)
    fetch(skopje)
    assert status_of(belgrade, skopje, second) == (ReceiptStatus.PARKED, None)
    hold_back(belgrade, first, OutState.WAITING)
    assert fetch(skopje) == 1
    fetch(skopje)
    assert states(belgrade) == {OutState.PROCESSED: 2}


def test_a_letter_that_can_never_be_taken_is_stopped_and_shown_to_its_sender(pair: Pair) -> None:
    skopje, belgrade = pair
    odd = belgrade.write(skopje)
    with belgrade.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        table = outbox.outbox
        (row,) = work.connection.execute(table.select()).all()
        spoilt = bytes(row.body).replace(b'"c":"', b'"c":"AAAA')
        work.connection.execute(table.update().values(body=spoilt))
    assert fetch(skopje) == 0
    assert states(belgrade) == {OutState.STOPPED: 1}
    assert "letter-stopped" in sounding(belgrade)
    assert odd


def test_a_mailbox_is_the_callers_alone_and_takes_no_receipt_of_another(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = belgrade.write(skopje)
    assert belgrade.client.get("/rfl/v1/mailbox").status_code == 400
    assert belgrade.client.post("/rfl/v1/mailbox", content=b"{}").status_code == 400
    forged = b'{"id":"%s","receipt":"e30"}\n' % letter.encode()
    headers = {"content-type": "application/rfl-receipts+jsonl"}
    assert call(skopje, belgrade, "POST", "/rfl/v1/mailbox", headers, forged).status_code == 400
    unknown = b'{"id":"env_00000000000000000000000000","problem":"bad-envelope"}\n'
    assert call(skopje, belgrade, "POST", "/rfl/v1/mailbox", headers, unknown).status_code == 200
    assert states(belgrade) == {OutState.WAITING: 1}
