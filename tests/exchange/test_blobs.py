"""Attachments between two nodes: sealed, in parts, resumed where cut off, true or none."""

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.access import Verb
from rfl.domain.purpose import Purpose
from rfl.errors import BadEnvelope, RflError, TooLarge
from rfl.exchange import attachments, blob_hop, calling, post
from rfl.exchange.attachments import attach
from rfl.exchange.blob_taking import MOST_WAITING
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.letter import Attachment, Letter, LetterType
from rfl.exchange.reasons import Reason
from rfl.exchange.receipt import ReceiptStatus
from rfl.flows import begin_epoch, carry_blobs, keep_post
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import blob_sends, blobs, outbox
from rfl.storage.blobs import PART, PartSink
from rfl.storage.outbox import OutState
from tests.exchange.network import Line, Society, two_societies
from tests.exchange.test_reliability import brought_back, copied, sounding, status_of
from tests.support import Clock

Pair = tuple[Society, Society]
THREE_PARTS = 2 * PART + 1_000
TWENTY = [bytes([number]) for number in range(20)]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    second = tmp_path / "second.db"
    shutil.copy(sqlite_template, second)
    yield from made_pair(sqlite_template, tmp_path, clock, f"sqlite:///{second}")


@pytest.fixture
def mixed_pair(
    sqlite_template: Path, tmp_path: Path, clock: Clock, postgres_url: str
) -> Iterator[Pair]:
    """Skopje on SQLite, Belgrade on PostgreSQL."""
    yield from made_pair(sqlite_template, tmp_path, clock, postgres_url)


def made_pair(template: Path, folder: Path, clock: Clock, second: str) -> Iterator[Pair]:
    first = folder / "first.db"
    shutil.copy(template, first)
    with two_societies((f"sqlite:///{first}", second), folder, clock) as made:
        yield made


def send(
    society: Society,
    to: Society,
    *contents: bytes,
    spoil: Callable[[Attachment], Attachment] = lambda one: one,
) -> str:
    """Queue a letter with these contents attached; return the envelope's id."""
    peer = to.network.code
    with society.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        named = [
            attach(work, society.network, peer, [one], len(one), "image/jpeg") for one in contents
        ]
        letter = Letter(
            type=LetterType.PING,
            purpose=Purpose.TRACING,
            attachments=tuple(spoil(one) for one in named),
        )
        return post.post(work, society.network, peer, letter).header.id


def carry(society: Society) -> int:
    assert society.line is not None
    return carry_blobs.carry_blobs(society.rt, society.line.carry)


def kept(society: Society) -> list[tuple[bool, int, int, bool]]:
    """Direction, size, bytes here and wholeness of what a society keeps."""
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        rows = work.connection.execute(sa.select(blobs.blobs).order_by(blobs.blobs.c.at)).all()
        parts = work.connection.execute(sa.select(blobs.blob_parts.c.blob_id)).all()
    assert {part.blob_id for part in parts} <= {row.id for row in rows}, "no part without its blob"
    return [(row.outgoing, row.size, row.have, row.whole) for row in rows]


def ways(line: Line) -> list[str]:
    return [request.method for request in line.carried if "/blobs/" in request.url]


@pytest.mark.parametrize("size", [0, 1, 16_376, 16_377, PART, THREE_PARTS])
def test_a_letter_arrives_with_what_is_attached_and_nothing_stays_behind(
    pair: Pair, size: int
) -> None:
    skopje, belgrade = pair
    letter = send(skopje, belgrade, os.urandom(size), b"a second page")
    assert skopje.deliver() == 0, "no letter leaves before what it names"
    assert carry(skopje) == 2
    assert skopje.deliver() == 1
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)
    assert kept(belgrade) == []


@pytest.mark.postgres
def test_attachments_travel_both_ways_between_sqlite_and_postgres(
    mixed_pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = mixed_pair
    there, back = send(skopje, belgrade, os.urandom(THREE_PARTS)), send(belgrade, skopje, b"one")
    for society, other, letter in ((skopje, belgrade, there), (belgrade, skopje, back)):
        assert carry(society) == 1
        assert society.deliver() == 1
        assert status_of(society, other, letter) == (ReceiptStatus.PROCESSED, None)
        assert [outgoing for outgoing, *_rest in kept(other)] in ([True], [])
    wrong = put(skopje, belgrade, bytes(32), bytes(900), 0, 900)
    assert wrong.status_code == 422
    clock.move(days=31)
    for society in mixed_pair:
        keep_post.keep_post(society.rt)
        assert kept(society) == []


def test_letters_before_one_that_waits_for_its_attachment_go_on(pair: Pair) -> None:
    skopje, belgrade = pair
    first = skopje.write(belgrade)
    second, third = send(skopje, belgrade, b"a photo"), skopje.write(belgrade)
    assert skopje.deliver() == 1
    assert status_of(skopje, belgrade, first) == (ReceiptStatus.PROCESSED, None)
    carry(skopje)
    assert skopje.deliver() == 2
    assert status_of(skopje, belgrade, second) == (ReceiptStatus.PROCESSED, None)
    assert status_of(skopje, belgrade, third) == (ReceiptStatus.PROCESSED, None)


def test_what_was_cut_off_goes_on_where_it_was(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    letter = send(skopje, belgrade, os.urandom(THREE_PARTS))
    line = skopje.line
    assert line is not None
    sent = line.carry

    def cut(request: HopRequest) -> HopResponse:
        if ways(line).count("PUT") == 1:
            raise ConnectionResetError
        return sent(request)

    assert carry_blobs.carry_blobs(skopje.rt, cut) == 0
    ((_outgoing, size, have, whole),) = kept(belgrade)
    assert (have, whole) == (PART, False)
    assert carry(skopje) == 0, "it waits out its back-off"
    clock.move(minutes=2)
    assert carry(skopje) == 1
    assert ways(line) == ["HEAD", "PUT", "HEAD", "PUT", "PUT"]
    assert size > THREE_PARTS
    skopje.deliver()
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)


def test_an_answer_lost_after_the_commit_repeats_no_part(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    send(skopje, belgrade, os.urandom(THREE_PARTS))
    line = skopje.line
    assert line is not None
    sent = line.carry

    def deaf(request: HopRequest) -> HopResponse:
        answer = sent(request)
        if ways(line).count("PUT") == 2:
            raise TimeoutError
        return answer

    assert carry_blobs.carry_blobs(skopje.rt, deaf) == 0
    clock.move(minutes=2)
    assert carry(skopje) == 1
    assert ways(line).count("PUT") == 3


def put(
    society: Society, to: Society, digest: bytes, content: bytes, first: int, size: int
) -> HopResponse:
    """One part as any other implementation could send it."""
    headers = {
        "content-type": blob_hop.MEDIA_TYPE,
        blob_hop.CONTENT_RANGE: blob_hop.content_range(first, len(content), size),
    }
    path = blob_hop.path_of(digest)
    return call(society, to, "PUT", path, headers, content)


def call(
    society: Society, to: Society, method: str, path: str, headers: dict[str, str], body: bytes
) -> HopResponse:
    with society.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        peer = post.trusted(work, society.network, to.network.code)
        request = calling.signed(work, peer, method, path, headers, body)
    assert society.line is not None
    return society.line.carry(request)


def test_bytes_that_are_not_what_their_address_says_leave_nothing(pair: Pair) -> None:
    skopje, belgrade = pair
    wrong = hashlib.sha256(b"something else").digest()
    answer = put(skopje, belgrade, wrong, bytes(5_000), 0, 5_000)
    assert answer.status_code == 422
    assert b'"wrong-digest"' in answer.body
    assert kept(belgrade) == [(False, 5_000, 0, False)]
    with belgrade.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        assert work.connection.scalar(sa.select(sa.func.count()).select_from(blobs.blob_parts)) == 0


def test_a_part_that_came_twice_or_too_early_changes_nothing(pair: Pair) -> None:
    skopje, belgrade = pair
    content = os.urandom(PART + 10)
    digest, size = hashlib.sha256(content).digest(), len(content)
    assert put(skopje, belgrade, digest, content[PART:], PART, size).headers["upload-offset"] == "0"
    for _again in range(2):
        answer = put(skopje, belgrade, digest, content[:PART], 0, size)
        assert answer.headers["upload-offset"] == str(PART)
    assert put(skopje, belgrade, digest, content[PART:], PART, size).headers[
        "upload-offset"
    ] == str(size)
    assert kept(belgrade) == [(False, size, size, True)]
    assert put(skopje, belgrade, digest, content[:PART], 0, size).status_code == 200


ODD: list[tuple[str, int, int, int, int]] = [
    ("a part of another length", 100, 0, PART + 10, 400),
    ("a part beyond its blob", 100, 0, 90, 400),
    ("a blob of no bytes", 1, 0, 0, 400),
    ("a blob above the limit", PART, 0, 50_000_001, 413),
]


@pytest.mark.parametrize(
    ("length", "first", "size", "status"), [one[1:] for one in ODD], ids=[one[0] for one in ODD]
)
def test_what_is_no_part_of_a_blob_that_is_taken_is_refused(
    pair: Pair, length: int, first: int, size: int, status: int
) -> None:
    skopje, belgrade = pair
    answer = put(skopje, belgrade, bytes(32), bytes(length), first, size)
    assert answer.status_code == status
    assert kept(belgrade) == []


def test_the_headers_that_say_which_bytes_these_are_are_signed(pair: Pair) -> None:
    skopje, belgrade = pair
    content = bytes(1_000)
    digest = hashlib.sha256(content).digest()
    put(skopje, belgrade, digest, content, 0, 1_000)
    line = skopje.line
    assert line is not None
    for change in (
        lambda headers: headers | {"content-range": "bytes 0-999/2000"},
        lambda headers: {name: one for name, one in headers.items() if name != "content-range"},
        lambda headers: headers | {"range": "bytes=0-1"},
    ):
        last = line.carried[-1]
        odd = replace(last, headers=change(dict(last.headers)))
        assert line.carry(odd).status_code == 400


def test_a_society_may_let_so_much_wait_and_no_more(pair: Pair) -> None:
    skopje, belgrade = pair
    with belgrade.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        for number in range(MOST_WAITING):
            blobs.expect(work, "skopje", bytes([number]) * 32, PART + 1)
    assert put(skopje, belgrade, bytes([99]) * 32, bytes(PART), 0, PART + 1).status_code == 503
    assert put(skopje, belgrade, bytes([9]) * 32, bytes(PART), 0, PART + 1).status_code == 200
    with belgrade.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        blobs.remove_unclaimed(work, work.micros + 1)
        for number in range(8):
            blobs.expect(work, "skopje", bytes([number]) * 32, 50_000_000)
    assert put(skopje, belgrade, bytes([99]) * 32, bytes(9), 0, 9).status_code == 503


def test_letters_that_bring_more_than_may_wait_all_arrive(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    letters = [send(skopje, belgrade, *TWENTY) for _each in range(5)]
    for _round in range(4):
        carry(skopje)
        skopje.deliver()
        clock.move(minutes=2)
    said = {status_of(skopje, belgrade, one) for one in letters}
    assert said == {(ReceiptStatus.PROCESSED, None)}
    assert kept(belgrade) == []


def test_nobody_learns_whether_another_society_sent_the_same(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = send(belgrade, skopje, b"to Skopje alone")
    with belgrade.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        (blob,) = work.connection.execute(sa.select(blobs.blobs)).all()
    path = blob_hop.path_of(bytes(blob.digest))
    assert call(skopje, belgrade, "HEAD", path, {}, b"").headers["upload-offset"] == "0"
    given = call(skopje, belgrade, "GET", path, {"range": "bytes=0-1"}, b"")
    assert given.status_code == 206, "it waits for Skopje"
    with belgrade.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.connection.execute(sa.update(blobs.blobs).values(peer="sofia"))
    assert call(skopje, belgrade, "GET", path, {"range": "bytes=0-1"}, b"").status_code == 404
    assert letter


def test_a_letter_whose_attachment_never_came_is_refused_and_shown(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = send(skopje, belgrade, b"a photo")
    with skopje.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        work.connection.execute(sa.update(blob_sends.blob_sends).values(taken_at=work.micros))
    skopje.deliver()
    assert status_of(skopje, belgrade, letter) == (
        ReceiptStatus.REJECTED,
        Reason.ATTACHMENT_MISSING,
    )
    assert "letter-rejected" in sounding(skopje)


def test_a_letter_that_names_a_wrong_key_is_refused(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = send(skopje, belgrade, b"a photo", spoil=lambda one: replace(one, key=bytes(32)))
    carry(skopje)
    skopje.deliver()
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.REJECTED, "bad-envelope")


def test_what_a_peer_will_never_take_stops_its_letter_and_is_shown(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = send(skopje, belgrade, os.urandom(PART))
    small = replace(belgrade.network, limits=type(belgrade.network.limits)(blob_bytes=1_000))
    belgrade.rt.rules = replace(belgrade.rt.rules, network=small)
    assert carry(skopje) == 0
    assert "letter-stopped" in sounding(skopje)
    with skopje.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        row = work.connection.execute(
            sa.select(outbox.outbox).where(outbox.outbox.c.id == letter)
        ).one()
    assert row.state == OutState.STOPPED
    with pytest.raises(TooLarge):
        send(skopje, belgrade, bytes(50_000_001))


def test_a_recipient_brought_back_is_given_the_attachments_again(
    pair: Pair, tmp_path: Path
) -> None:
    skopje, belgrade = pair
    database = belgrade.rt.database.path
    skopje.write(belgrade)
    skopje.deliver()
    copied(database, tmp_path / "copy.db")
    lost = send(skopje, belgrade, os.urandom(THREE_PARTS))
    carry(skopje)
    skopje.deliver()
    brought_back(belgrade, tmp_path / "copy.db", database)
    assert belgrade.line is not None
    begin_epoch.reconcile_peers(belgrade.rt, belgrade.line.carry)
    assert carry(skopje) == 1
    assert skopje.deliver() == 1
    assert status_of(skopje, belgrade, lost) == (ReceiptStatus.PROCESSED, None)


def test_blobs_go_when_nobody_can_ask_for_them_again(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    send(skopje, belgrade, b"a photo")
    carry(skopje)
    skopje.deliver()
    put(skopje, belgrade, hashlib.sha256(bytes(9)).digest(), bytes(9), 0, 9)
    clock.move(days=13)
    keep_post.keep_post(skopje.rt)
    assert len(kept(skopje)) == 1
    clock.move(days=2)
    keep_post.keep_post(skopje.rt)
    assert kept(skopje) == []
    assert len(kept(belgrade)) == 1
    clock.move(days=17)
    keep_post.keep_post(belgrade.rt)
    assert kept(belgrade) == []


def test_a_full_disk_keeps_no_part_and_the_rest_follows(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    letter = send(skopje, belgrade, os.urandom(THREE_PARTS))
    with belgrade.rt.database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    full = [pages + 100]

    def limit(raw: object, _record: object) -> None:
        raw.execute(f"PRAGMA max_page_count = {full[0]}").close()  # type: ignore[attr-defined]

    sa.event.listen(belgrade.rt.database.engine, "connect", limit)
    belgrade.rt.database.dispose()
    assert carry(skopje) == 0
    full[0] = 2**30
    belgrade.rt.database.dispose()
    clock.move(minutes=2)
    assert carry(skopje) == 1
    skopje.deliver()
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)


@given(st.integers(0, 2**40))
def test_sizes_are_rounded_up_by_at_most_an_eighth(length: int) -> None:
    size = attachments.filled(length)
    assert size >= length
    assert size <= max(16_384, length * 1.12)
    assert attachments.filled(size) == size


def test_a_blob_opens_whole_or_not_at_all(pair: Pair) -> None:
    _skopje, belgrade = pair
    content = os.urandom(PART)

    def opened(change: Callable[[bytes], bytes]) -> bytes:
        try:
            with belgrade.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
                made = PartSink(work, "skopje")
                key = attachments.seal_into(made, [content], len(content))
                sealed = b"".join(blobs.parts(work, made.finish()))
                changed = PartSink(work, "sofia")
                changed.write(change(sealed))
                blob = changed.finish()
                found = b"".join(attachments.opened_blob(work, blob, key))
                raise _Undone(found)
        except _Undone as undone:
            return undone.found

    assert opened(lambda sealed: sealed) == content
    for change in (
        lambda sealed: sealed[:-1],
        lambda sealed: sealed + b"x",
        lambda sealed: sealed[:70_000],
        lambda sealed: b"x" + sealed[1:],
        lambda sealed: sealed[:100] + bytes([sealed[100] ^ 1]) + sealed[101:],
        lambda sealed: b"",
    ):
        with pytest.raises(BadEnvelope):
            opened(change)


class _Undone(RflError):
    def __init__(self, found: bytes) -> None:
        super().__init__()
        self.found = found
