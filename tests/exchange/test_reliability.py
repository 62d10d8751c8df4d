"""What goes wrong between two nodes (C4, C6, C7, C12): gaps, forks, epochs, keys and clocks."""

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from rfl.background import answer_waiting
from rfl.domain.access import Verb
from rfl.domain.call_rate import CallRate
from rfl.domain.purpose import Purpose
from rfl.errors import UnknownKey
from rfl.exchange import batch, calling, reception
from rfl.exchange.descriptor import Limits
from rfl.exchange.header import CONTROL_STREAM
from rfl.exchange.hop import HopRequest, HopResponse
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.post import post, trusted
from rfl.exchange.receipt import ReceiptStatus, verify_by_any
from rfl.flows import (
    appoint,
    ask_receipts,
    begin_epoch,
    deliver,
    keep_post,
    know_peers,
    notice_keys,
    receive,
)
from rfl.flows.carry_log import LogCarrier
from rfl.flows.know_peers import parse_descriptor
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.witness_log import note_silence, offer_to_all
from rfl.storage import alarms, direct, in_streams, inbox, outbox, peers, post_queries
from rfl.storage.database import Database
from rfl.storage.outbox import OutState
from rfl.storage.work import Work
from tests.audit.societies import grow, open_alarms
from tests.exchange.network import Society, two_societies
from tests.postgres import APP, OWNER
from tests.support import Clock

Pair = tuple[Society, Society]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def pair(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    """Skopje and Belgrade, each with a database of its own, on either kind."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        files = [tmp_path / "first.db", tmp_path / "second.db"]
        urls = [f"sqlite:///{shutil.copy(template, file)}" for file in files]
        with two_societies((urls[0], urls[1]), tmp_path, clock) as made:
            yield made
        return
    server, databases = (request.getfixturevalue(one) for one in ("postgres", "databases"))
    names = [databases.take() for _society in range(2)]
    with two_societies(
        (server.url(names[0], APP), server.url(names[1], APP)), tmp_path, clock
    ) as two:
        yield two
    for name in names:
        databases.give_back(name)
        server.execute("postgres", f"DROP DATABASE IF EXISTS {name}copy WITH (FORCE)")


def sounding(society: Society) -> set[str]:
    with society.rt.ask(OFFICE_CALL, Verb.ALARM_READ) as work:
        return {one.code for one in alarms.newest(work, 50) if one.state != "over"}


def states(society: Society) -> dict[str, int]:
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return {state: count for (_peer, state), count in outbox.counts(work).items()}


def status_of(society: Society, by: Society, envelope_id: str) -> tuple[ReceiptStatus, str | None]:
    descriptor = parse_descriptor(know_peers.own_descriptor(by.rt, OFFICE_CALL))
    keys = {key.kid: key.public for key in descriptor.signing_keys}
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        receipt = verify_by_any(post_queries.receipt_of(work, envelope_id) or b"", keys)
    return receipt.status, receipt.reason


def hold_back(society: Society, envelope_id: str, state: OutState) -> None:
    """Put a letter aside, or back: as if it were lost on the way for a while."""
    with society.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        table = outbox.outbox
        mine = table.update().where(table.c.id == envelope_id)
        work.connection.execute(mine.values(state=state, receipt=None))


def test_what_comes_before_its_turn_is_parked_and_takes_effect_after_the_gap(pair: Pair) -> None:
    skopje, belgrade = pair
    first, second = skopje.write(belgrade, "first"), skopje.write(belgrade, "second")
    hold_back(skopje, first, OutState.STOPPED)
    skopje.deliver()
    assert status_of(skopje, belgrade, second) == (ReceiptStatus.PARKED, None)
    hold_back(skopje, first, OutState.WAITING)
    skopje.deliver()
    assert skopje.line is not None
    assert ask_receipts.ask_for_receipts(skopje.rt, skopje.line.carry) == 1
    assert status_of(skopje, belgrade, second) == (ReceiptStatus.PROCESSED, None)
    assert states(skopje) == {OutState.PROCESSED: 2}


def test_what_was_parked_in_an_epoch_that_its_sender_left_is_refused_and_shown(pair: Pair) -> None:
    skopje, belgrade = pair
    first, second = skopje.write(belgrade), skopje.write(belgrade)
    hold_back(skopje, first, OutState.STOPPED)
    skopje.deliver()
    assert begin_epoch.begin_epoch(skopje.rt, OFFICE_CALL, "belgrade") == 9
    third = skopje.write(belgrade)
    skopje.deliver()
    assert skopje.line is not None
    ask_receipts.ask_for_receipts(skopje.rt, skopje.line.carry)
    assert status_of(skopje, belgrade, third) == (ReceiptStatus.PROCESSED, None)
    assert status_of(skopje, belgrade, second) == (ReceiptStatus.REJECTED, "superseded")
    assert deliver.REJECTED in sounding(skopje)


def test_a_sender_brought_back_without_a_new_epoch_forks_its_stream(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    skopje.deliver()
    keep_copy(skopje)
    skopje.write(belgrade)
    skopje.deliver()
    bring_back(skopje)
    skopje.write(belgrade, "Another letter at the same place")
    skopje.deliver()
    assert "stream-fork" in sounding(belgrade)
    assert deliver.STOPPED in sounding(skopje)
    begin_epoch.begin_epoch(skopje.rt, OFFICE_CALL)
    third = skopje.write(belgrade)
    skopje.deliver()
    assert status_of(skopje, belgrade, third) == (ReceiptStatus.PROCESSED, None)


def test_a_copy_that_knew_nothing_of_a_stream_begins_it_in_a_new_epoch(pair: Pair) -> None:
    skopje, belgrade = pair
    keep_copy(skopje)
    for _restore in range(2):
        skopje.write(belgrade)
        skopje.deliver()
        bring_back(skopje)
        begin_epoch.begin_epoch(skopje.rt, OFFICE_CALL)
        letter = skopje.write(belgrade, "What came after the copy is not in it")
        skopje.deliver()
        assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)
        clock_of(skopje).move(minutes=2)
    assert "stream-fork" not in sounding(belgrade)


def test_a_node_that_has_forgotten_what_it_sent_learns_so_from_its_peer(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    skopje.deliver()
    keep_copy(skopje)
    skopje.write(belgrade)
    skopje.deliver()
    bring_back(skopje)
    assert skopje.line is not None
    begin_epoch.reconcile_peers(skopje.rt, skopje.line.carry)
    letter = skopje.write(belgrade)
    skopje.deliver()
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)


def test_a_recipient_brought_back_is_sent_again_what_it_had_lost(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    skopje.deliver()
    keep_copy(belgrade)
    lost = [skopje.write(belgrade, str(number)) for number in range(40)]
    while skopje.deliver():
        pass
    bring_back(belgrade)
    assert belgrade.line is not None
    begin_epoch.reconcile_peers(belgrade.rt, belgrade.line.carry)
    assert states(skopje)[OutState.WAITING] == len(lost)
    while skopje.deliver():
        pass
    with belgrade.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        assert in_streams.heads(work, "skopje") == {8: (1, 41)}
        assert all(inbox.taken(work, one) is not None for one in lost)


def test_a_gap_that_shows_by_what_is_parked_behind_it_is_mended_from_the_sender(pair: Pair) -> None:
    skopje, belgrade = pair
    keep_copy(belgrade)
    skopje.write(belgrade, "Forgotten with the copy, after its receipt was given")
    skopje.deliver()
    bring_back(belgrade)
    skopje.write(belgrade)
    skopje.deliver()
    assert skopje.line is not None
    assert states(skopje) == {OutState.PROCESSED: 1, OutState.PARKED: 1}
    assert begin_epoch.reconcile_gaps(skopje.rt, skopje.line.carry) == 2
    skopje.deliver()
    assert states(skopje) == {OutState.PROCESSED: 2}
    assert begin_epoch.reconcile_gaps(skopje.rt, skopje.line.carry) == 0


def test_a_society_that_calls_too_often_is_told_to_wait_and_a_stranger_is_told_nothing_more(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    belgrade.rt.calls = CallRate(2)
    for _call in range(2):
        skopje.write(belgrade)
        assert skopje.deliver() == 1
    skopje.write(belgrade)
    assert skopje.deliver() == 0
    assert receive.FLOODED in sounding(belgrade)
    assert belgrade.client.get("/rfl/v1/status").status_code == 400
    clock.move(seconds=15)
    assert skopje.deliver() == 0, "it keeps to Retry-After"
    clock.move(seconds=30)
    assert skopje.deliver() == 1
    assert states(skopje) == {OutState.PROCESSED: 3}


def test_new_keys_are_told_by_letter_and_used_while_the_old_ones_still_hold(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    before = know_peers.load_peer(belgrade.rt, OFFICE_CALL, "skopje")
    clock.move(days=21)
    assert notice_keys.notice_keys(skopje.rt) == 2
    assert skopje.deliver() == 1
    after = know_peers.load_peer(belgrade.rt, OFFICE_CALL, "skopje")
    assert len(after.descriptor.sealing_keys) == 4
    assert after.fingerprint == before.fingerprint
    letter = belgrade.write(skopje)
    belgrade.deliver()
    assert status_of(belgrade, skopje, letter) == (ReceiptStatus.PROCESSED, None)


def test_a_descriptor_that_no_known_key_signs_is_not_believed(pair: Pair, clock: Clock) -> None:
    _skopje, belgrade = pair
    own = know_peers.own_descriptor(belgrade.rt, OFFICE_CALL)
    clock.move(days=21)
    assert notice_keys.refresh_peers(belgrade.rt, lambda _url: own) == 0
    assert know_peers.load_peer(belgrade.rt, OFFICE_CALL, "skopje").descriptor.code == "skopje"


def test_clocks_too_far_apart_are_an_alarm_and_nothing_is_lost(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    fast = Clock()
    fast.move(minutes=10)
    belgrade.rt.clock = fast
    letter = skopje.write(belgrade)
    assert skopje.deliver() == 0
    assert "clock-skew" in sounding(skopje)
    belgrade.rt.clock = clock
    clock.move(minutes=5)
    assert skopje.deliver() == 1
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)
    assert "clock-skew" not in sounding(skopje)


def test_what_was_written_by_a_clock_that_was_set_back_does_not_wait_for_its_time(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    clock.move(minutes=10)
    letter = skopje.write(belgrade)
    clock.move(minutes=-10)
    assert skopje.deliver() == 0
    keep_post.keep_post(skopje.rt)
    assert skopje.deliver() == 1
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.PROCESSED, None)


def test_what_waits_for_a_day_and_what_has_ended_is_shown_to_people(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    letter = skopje.write(belgrade)
    clock.move(days=1, seconds=1)
    assert keep_post.keep_post(skopje.rt) == 1
    assert sounding(skopje) == {"peer-overdue"}
    clock.move(days=30)
    keep_post.keep_post(skopje.rt)
    assert sounding(skopje) == {"peer-overdue", "letter-expired"}
    for society in pair:
        notice_keys.notice_keys(society.rt)
    skopje.deliver()
    assert status_of(skopje, belgrade, letter) == (ReceiptStatus.EXPIRED, None)
    keep_post.keep_post(skopje.rt)
    assert "peer-overdue" not in sounding(skopje)


def test_bodies_and_ids_are_forgotten_when_nobody_can_ask_again(pair: Pair, clock: Clock) -> None:
    skopje, belgrade = pair
    letter = skopje.write(belgrade)
    skopje.deliver()
    assert skopje.line is not None
    again = skopje.line.carried[-1].body
    clock.move(days=15)
    keep_post.keep_post(skopje.rt)
    with skopje.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        bodies = work.connection.execute(outbox.outbox.select()).all()
        assert [row.body for row in bodies] == [None]
        assert post_queries.receipt_of(work, letter) is not None
    clock.move(days=45)
    keep_post.keep_post(belgrade.rt)
    with belgrade.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        assert inbox.taken(work, letter) is None
        assert in_streams.heads(work, "skopje") == {8: (1, 1)}
    assert again


def test_a_letter_of_a_kind_that_is_not_understood_uses_up_its_place(pair: Pair) -> None:
    skopje, belgrade = pair
    letter = Letter(type=LetterType.MESSAGE_UNDELIVERABLE, purpose=Purpose.TRACING)
    with skopje.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        odd = post(work, skopje.network, "belgrade", letter).header.id
    fine = skopje.write(belgrade)
    skopje.deliver()
    assert status_of(skopje, belgrade, odd) == (ReceiptStatus.REJECTED, "not-understood")
    assert status_of(skopje, belgrade, fine) == (ReceiptStatus.PROCESSED, None)


def test_a_checkpoint_travels_as_a_letter_and_comes_back_cosigned(pair: Pair) -> None:
    skopje, belgrade = pair
    page = appoint.view_watch(skopje.rt, OFFICE_CALL)
    theirs = appoint.view_watch(belgrade.rt, OFFICE_CALL)
    appoint.appoint(belgrade.rt, OFFICE_CALL, "skopje", page.log_key)
    appoint.appoint(skopje.rt, OFFICE_CALL, "belgrade", theirs.witness_key)
    grow(skopje.rt)
    assert offer_to_all(skopje.rt, LogCarrier(skopje.rt)) == 0
    skopje.deliver()
    assert answer_waiting(belgrade.rt) == 1
    belgrade.deliver()
    assert answer_waiting(skopje.rt) == 1
    watch = appoint.view_watch(skopje.rt, OFFICE_CALL).as_json()
    (witness,) = watch["witnesses"]
    assert (witness["peer"], witness["size"]) == ("belgrade", 1024)


def test_thirty_minutes_without_a_letter_are_an_alarm_on_both_sides_and_end_with_one(
    pair: Pair, clock: Clock
) -> None:
    """The letters lie in the outbox while the peer is down; nobody has to be told."""
    skopje, belgrade = pair
    page = appoint.view_watch(skopje.rt, OFFICE_CALL)
    theirs = appoint.view_watch(belgrade.rt, OFFICE_CALL)
    appoint.appoint(belgrade.rt, OFFICE_CALL, "skopje", page.log_key)
    appoint.appoint(skopje.rt, OFFICE_CALL, "belgrade", theirs.witness_key)
    for minutes in (0, 15, 16):
        clock.move(minutes=minutes)
        grow(skopje.rt)
        offer_to_all(skopje.rt, LogCarrier(skopje.rt))
    assert note_silence(skopje.rt) == note_silence(belgrade.rt) == 1
    assert open_alarms(skopje.rt) == [("witness-silent", "belgrade")]
    assert open_alarms(belgrade.rt) == [("log-silent", "skopje")]
    skopje.deliver()
    assert answer_waiting(belgrade.rt) == 3
    belgrade.deliver()
    answer_waiting(skopje.rt)
    assert open_alarms(skopje.rt) == open_alarms(belgrade.rt) == []
    assert note_silence(skopje.rt) == note_silence(belgrade.rt) == 0


def test_a_stream_in_which_too_many_are_parked_is_tried_again_and_nothing_is_stopped(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception, "MOST_PARKED", 1)
    skopje, belgrade = pair
    first, second, third = (skopje.write(belgrade, str(number)) for number in range(3))
    hold_back(skopje, first, OutState.STOPPED)
    skopje.deliver()
    assert status_of(skopje, belgrade, second) == (ReceiptStatus.PARKED, None)
    assert states(skopje)[OutState.WAITING] == 1
    hold_back(skopje, first, OutState.WAITING)
    clock_of(skopje).move(minutes=1)
    skopje.deliver()
    assert status_of(skopje, belgrade, third) == (ReceiptStatus.PROCESSED, None)
    assert deliver.STOPPED not in sounding(skopje)


def test_of_repeats_at_one_time_each_is_given_the_same_receipt_and_none_is_a_fork(
    pair: Pair,
) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    given: list[bytes] = []

    def carry_often(request: HopRequest) -> HopResponse:
        """As workers that outlived their turns would, each with a signature of its own."""
        assert skopje.line is not None
        with skopje.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
            to = trusted(work, skopje.network, "belgrade")
            types = (calling.INBOX, batch.MEDIA_TYPE, request.body)
            calls = [calling.post_to(work, to, *types) for _repeat in range(6)]
        with ThreadPoolExecutor(6) as threads:
            given.extend(one.body for one in threads.map(skopje.line.carry, calls))
        return skopje.line.carry(request)

    assert deliver.deliver_due(skopje.rt, carry_often) == 1
    assert len(given) == 6
    assert len(set(given)) == 1
    assert "stream-fork" not in sounding(belgrade)


def clock_of(society: Society) -> Clock:
    assert isinstance(society.rt.clock, Clock)
    return society.rt.clock


def keep_copy(society: Society) -> None:
    """Keep what the database is now, as a backup by other means than `rfl backup` does."""
    database = society.rt.database
    if database.is_sqlite:
        copied(database.path, database.path.with_suffix(".copy"))
        return
    name = database.url.database
    _replace_database(database, f"{name}copy", template=str(name))


def bring_back(society: Society) -> None:
    """Put that copy in place of the database, under the running node."""
    database = society.rt.database
    if database.is_sqlite:
        brought_back(society, database.path.with_suffix(".copy"), database.path)
        return
    name = database.url.database
    _replace_database(database, str(name), template=f"{name}copy")


def _replace_database(database: Database, name: str, *, template: str) -> None:
    database.dispose()
    owner = create_engine(
        database.url.set(username=OWNER, database="postgres"), isolation_level="AUTOCOMMIT"
    )
    with owner.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {APP}"))
    owner.dispose()


def copied(database: Path, to: Path) -> None:
    """Copy a database of one moment, as a backup does."""
    with sqlite3.connect(database) as source, sqlite3.connect(to) as target:
        source.backup(target)


def brought_back(society: Society, copy: Path, database: Path) -> None:
    """Put a copy in place of the database, under the running node."""
    society.rt.database.dispose()
    for end in ("-wal", "-shm"):
        Path(f"{database}{end}").unlink(missing_ok=True)
    # A new file, as a restore makes it: what is still open somewhere stays the old one.
    shutil.copy(copy, f"{database}.copy")
    Path(f"{database}.copy").replace(database)


def test_what_is_written_while_a_round_lasts_gathers_until_the_next(pair: Pair) -> None:
    skopje, belgrade = pair
    rests: list[float] = []
    assert skopje.line is not None
    carry = skopje.line.carry

    def carry_and_write(request: HopRequest) -> HopResponse:
        if len(states(skopje)) == 1:
            skopje.write(belgrade, "written meanwhile")
        return carry(request)

    def rest(seconds: float) -> bool:
        rests.append(seconds)
        return False

    skopje.write(belgrade)
    assert deliver.deliver_due(skopje.rt, carry_and_write) == 1
    deliver.deliver_waiting(skopje.rt, carry, rest)
    skopje.write(belgrade, "one")
    skopje.write(belgrade, "two", ref="of another stream")
    deliver.deliver_waiting(skopje.rt, carry, rest)
    assert rests == [0.0, deliver.GATHER_SECONDS]
    assert states(skopje) == {OutState.PROCESSED: 4}


def test_nothing_is_waited_for_where_a_peer_takes_one_a_request(
    sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    files = [shutil.copy(sqlite_template, tmp_path / f"{code}.db") for code in ("one", "other")]
    urls = (f"sqlite:///{files[0]}", f"sqlite:///{files[1]}")
    rests: list[float] = []
    limits = {"limits": Limits(batch=1)}
    with two_societies(urls, tmp_path, clock, both=limits) as (skopje, belgrade):
        assert skopje.line is not None
        for number in range(3):
            skopje.write(belgrade, str(number))
        deliver.deliver_waiting(
            skopje.rt, skopje.line.carry, lambda seconds: bool(rests.append(seconds))
        )
        assert states(skopje) == {OutState.PROCESSED: 3}
    assert rests == [0.0]


def test_that_a_peer_was_heard_is_noted_once_a_round(
    sqlite_template: Path, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [shutil.copy(sqlite_template, tmp_path / f"{code}.db") for code in ("one", "other")]
    urls = (f"sqlite:///{files[0]}", f"sqlite:///{files[1]}")
    heard: list[str] = []
    hears = peers.hears
    monkeypatch.setattr(peers, "hears", lambda work, of: (heard.append(of), hears(work, of))[1])
    with two_societies(urls, tmp_path, clock, both={"limits": Limits(batch=1)}) as pair:
        skopje, belgrade = pair
        for kept in (3, 2):
            for number in range(kept):
                skopje.write(belgrade, str(number))
            heard.clear()
            assert skopje.deliver() == kept
            assert heard.count("belgrade") == 1


def test_the_first_places_of_a_stream_are_given_out_one_at_a_time(pair: Pair) -> None:
    skopje, belgrade = pair
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: skopje.write(belgrade, str(number)), range(12)))
    assert skopje.deliver() == 12
    assert states(skopje) == {OutState.PROCESSED: 12}


def test_a_problem_that_may_pass_puts_a_letter_off_though_the_peer_was_heard(
    pair: Pair, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It said so in an answer, which clears the back-off of what was put off before alone."""
    skopje, belgrade = pair

    def not_yet(*_asked: object) -> None:
        raise UnknownKey

    skopje.write(belgrade)
    with monkeypatch.context() as patched:
        patched.setattr(reception, "judge", not_yet)
        assert skopje.deliver() == 0
    assert skopje.deliver() == 0
    clock.move(seconds=50)
    assert skopje.deliver() == 1


def test_whoever_looks_for_post_reads_no_letter(pair: Pair) -> None:
    skopje, belgrade = pair
    skopje.write(belgrade)
    with skopje.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work, plans_of(work) as plans:
        assert outbox.streams_due(work) == [("belgrade", CONTROL_STREAM)]
        assert outbox.ended(work) == outbox.parking(work) == outbox.overdue(work, 0) == []
        direct.changed(work.connection, *outbox.hastens(work, "belgrade"))
        assert inbox.parked(work, "belgrade", 0) == inbox.refused(work, "belgrade", "no") == 0
    scans = [one for one in plans if one.startswith("SCAN")]
    assert all("COVERING INDEX" in one or "subquery" in one.lower() for one in scans), scans


@contextmanager
def plans_of(work: Work) -> Iterator[list[str]]:
    """How SQLite finds what is asked in the block; PostgreSQL keeps letters beside their rows."""
    plans: list[str] = []
    raw = work.connection.connection.dbapi_connection
    if not isinstance(raw, sqlite3.Connection):
        yield plans
        return
    said: list[str] = []
    raw.set_trace_callback(said.append)
    yield plans
    raw.set_trace_callback(None)
    for one in said:
        plans += [str(row[3]) for row in raw.execute(f"EXPLAIN QUERY PLAN {one}")]
    assert len(plans) > len(said) > 6
