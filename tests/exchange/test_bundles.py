"""The post by file: the same letters, once, in order; a file that is not whole is refused whole."""

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rfl.domain.access import Verb
from rfl.errors import Conflict, MalformedFile
from rfl.exchange.receipt import ReceiptStatus
from rfl.flows import know_peers
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.take_bundle import TakenBundle, take_bundle
from rfl.flows.write_bundle import write_bundle
from rfl.storage import outbox
from rfl.storage.blobs import PART
from rfl.storage.outbox import OutState
from tests.api.support import entries
from tests.exchange.network import Society, make_society, two_societies
from tests.exchange.test_blobs import kept, send
from tests.exchange.test_post import arrived, states
from tests.exchange.test_reliability import hold_back, status_of
from tests.needles import NAMES, PHONE, STORY, found_in
from tests.support import Clock

Pair = tuple[Society, Society]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from made_pair(sqlite_template, tmp_path, clock, f"sqlite:///{tmp_path / 'second.db'}")


@pytest.fixture
def mixed_pair(
    sqlite_template: Path, tmp_path: Path, clock: Clock, postgres_url: str
) -> Iterator[Pair]:
    yield from made_pair(sqlite_template, tmp_path, clock, postgres_url)


def made_pair(template: Path, folder: Path, clock: Clock, second: str) -> Iterator[Pair]:
    for name in ("first.db", "second.db"):
        shutil.copy(template, folder / name)
    with two_societies((f"sqlite:///{folder / 'first.db'}", second), folder, clock) as made:
        yield made


def out(society: Society, to: Society) -> bytes:
    sink = io.BytesIO()
    write_bundle(society.rt, OFFICE_CALL, to.network.code, sink)
    return sink.getvalue()


def take(society: Society, raw: bytes) -> TakenBundle:
    return take_bundle(society.rt, OFFICE_CALL, io.BytesIO(raw))


@pytest.mark.postgres
def test_letters_go_by_file_and_their_receipts_come_back_by_file(mixed_pair: Pair) -> None:
    skopje, belgrade = mixed_pair
    letters = [skopje.write(belgrade, str(number)) for number in range(40)]
    letters.append(send(skopje, belgrade, os.urandom(2 * PART), b"a second page"))
    taken = take(belgrade, out(skopje, belgrade))
    assert taken.envelopes == {"processed": 41}
    assert taken.blobs == {"taken": 2}
    assert [place for _stream, place, _status in arrived(belgrade)] == [*range(1, 42)]
    assert kept(belgrade) == []
    assert states(skopje) == {OutState.WAITING: 41}, "nobody has said anything yet"
    back = out(belgrade, skopje)
    assert take(skopje, back).receipts == {"settled": 41}
    assert states(skopje) == {OutState.PROCESSED: 41}
    for letter in letters:
        assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)
    assert take(skopje, back).receipts == {"repeated": 41}
    assert len(out(belgrade, skopje)) < 1_000, "receipts leave once, until they are owed again"


def test_a_bundle_that_comes_twice_changes_nothing_and_owes_its_receipts_again(pair: Pair) -> None:
    skopje, belgrade = pair
    send(skopje, belgrade, b"a photo")
    file = out(skopje, belgrade)
    take(belgrade, file)
    out(belgrade, skopje)
    again = take(belgrade, file)
    assert (again.envelopes, again.repeated) == ({"processed": 1}, 1)
    assert arrived(belgrade) == [(8, 1, "processed")]
    assert kept(belgrade) == []
    assert take(skopje, out(belgrade, skopje)).receipts == {"settled": 1}


def test_file_and_network_are_one_stream(pair: Pair) -> None:
    skopje, belgrade = pair
    by_file = [skopje.write(belgrade) for _one in range(3)]
    file = out(skopje, belgrade)
    hold_back(skopje, by_file[0], OutState.STOPPED)
    skopje.deliver()
    assert {status for _s, _p, status in arrived(belgrade)} == {"parked"}
    taken = take(belgrade, file)
    assert (taken.envelopes, taken.repeated) == ({"processed": 3}, 2)
    hold_back(skopje, by_file[0], OutState.WAITING)
    assert skopje.deliver() == 1, "the network says the same"
    assert arrived(belgrade) == [(8, place, "processed") for place in (1, 2, 3)]


def test_bundles_in_the_wrong_order_park_and_catch_up(pair: Pair) -> None:
    skopje, belgrade = pair
    first = send(skopje, belgrade, b"the first")
    early = out(skopje, belgrade)
    hold_back(skopje, first, OutState.STOPPED)
    second = send(skopje, belgrade, b"the second")
    late = out(skopje, belgrade)
    hold_back(skopje, first, OutState.WAITING)
    assert take(belgrade, late).envelopes == {"parked": 1}
    assert take(skopje, out(belgrade, skopje)).receipts == {"settled": 1}
    assert status_of(skopje, belgrade, second) == (ReceiptStatus.PARKED, None)
    assert take(belgrade, early).envelopes == {"processed": 1}
    assert take(belgrade, out(skopje, belgrade)).repeated == 2, "what is parked is asked about"
    take(skopje, out(belgrade, skopje))
    assert status_of(skopje, belgrade, second) == (ReceiptStatus.PROCESSED, None)
    assert kept(belgrade) == []


BROKEN: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("empty", lambda raw: b""),
    ("another file", lambda raw: b"PK\x03\x04" + raw),
    ("cut off in the manifest", lambda raw: raw[:200]),
    ("cut off after the manifest", lambda raw: raw[: raw.index(b"\n", 20) + 1]),
    ("cut off by one byte", lambda raw: raw[:-1]),
    ("one byte more", lambda raw: raw + b"x"),
    ("a letter edited", lambda raw: raw[:-40] + b"A" + raw[-39:]),
    ("the manifest edited", lambda raw: raw.replace(b'"p":"', b'"p":"A', 1)),
    ("signed by nobody", lambda raw: raw.replace(b'"kid":"skopje-', b'"kid":"sofia-', 1)),
]


@pytest.mark.parametrize("change", [one[1] for one in BROKEN], ids=[one[0] for one in BROKEN])
def test_a_file_that_is_not_whole_is_refused_whole(
    pair: Pair, change: Callable[[bytes], bytes]
) -> None:
    skopje, belgrade = pair
    send(skopje, belgrade, b"a photo")
    file = change(out(skopje, belgrade))
    with pytest.raises(MalformedFile):
        take(belgrade, file)
    assert arrived(belgrade) == []
    assert kept(belgrade) == []
    assert entries(belgrade.rt)[-1]["decision"] == "denied"


def test_a_bundle_is_for_one_society_by_one_that_is_trusted(
    pair: Pair, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    file = out(skopje, belgrade)
    with pytest.raises(MalformedFile):
        take(skopje, file)
    know_peers.suspend_peer(belgrade.rt, OFFICE_CALL, "skopje")
    with pytest.raises(MalformedFile):
        take(belgrade, file)
    shutil.copy(sqlite_template, tmp_path / "third.db")
    sofia = make_society(f"sqlite:///{tmp_path / 'third.db'}", tmp_path / "sofia", clock, "sofia")
    with pytest.raises(MalformedFile):
        take(sofia, file)
    with pytest.raises(Conflict):
        out(belgrade, skopje)
    assert arrived(belgrade) == []


def test_a_letter_that_is_refused_is_named_and_what_follows_it_waits(pair: Pair) -> None:
    skopje, belgrade = pair
    odd, fine = skopje.write(belgrade), skopje.write(belgrade)
    with skopje.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        table = outbox.outbox
        mine = table.c.id == odd
        (row,) = work.connection.execute(table.select().where(mine)).all()
        spoilt = bytes(row.body).replace(b'"c":"', b'"c":"AAAA')
        digest = hashlib.sha256(spoilt).digest()
        work.connection.execute(table.update().where(mine).values(body=spoilt, digest=digest))
    assert take(belgrade, out(skopje, belgrade)).envelopes == {"parked": 1, "bad-envelope": 1}
    take(skopje, out(belgrade, skopje))
    assert status_of(skopje, belgrade, fine) == (ReceiptStatus.PARKED, None)


def test_what_waits_for_a_tick_does_not_leave_by_file_before_it(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    clock.move(seconds=1)
    slow = replace(skopje.network, tick_seconds=300)
    skopje.rt.rules = replace(skopje.rt.rules, network=slow)
    skopje.write(belgrade)
    assert take(belgrade, out(skopje, belgrade)).envelopes == {}
    clock.move(minutes=5)
    assert take(belgrade, out(skopje, belgrade)).envelopes == {"processed": 1}


def test_a_stick_and_both_databases_hold_no_word_of_what_travels(
    pair: Pair, tmp_path: Path
) -> None:
    skopje, belgrade = pair
    words = "\n".join((*NAMES, STORY, PHONE))
    skopje.write(belgrade, words)
    send(skopje, belgrade, words.encode() * 9)
    file = out(skopje, belgrade)
    assert take(belgrade, file).envelopes == {"processed": 2}
    for raw in (file, out(belgrade, skopje)):
        assert found_in(raw) == []
    for society in pair:
        for path in society.rt.database.path.parent.iterdir():
            assert not path.is_file() or found_in(path.read_bytes()) == [], path.name
