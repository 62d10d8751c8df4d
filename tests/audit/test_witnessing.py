"""Two nodes: one has a log, the other witnesses it."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rfl import background, logs
from rfl.audit import checkpoint, notes, witness
from rfl.audit.checkpoint import LogBehind
from rfl.audit.notes import Checkpoint
from rfl.audit.witness import Agreement, Refusal
from rfl.background import Background
from rfl.errors import Conflict, InvalidInput, MalformedFile, NotFound
from rfl.flows import alert, appoint
from rfl.flows.cosign import cosign, show_checkpoint
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.flows.witness_log import note_silence, offer_to_all
from tests.api.support import entries
from tests.audit.logs import add_entries, check_whole
from tests.audit.societies import (
    Wire,
    all_alarms,
    answer_of,
    answered,
    befriend,
    evidence_of,
    grow,
    make_society,
    offered,
    open_alarms,
    refusal_of,
    restored,
    size_of,
    take,
    witnessed,
)
from tests.support import Clock


@pytest.fixture
def north(rt: Runtime) -> Runtime:
    """A log on either database."""
    return rt


@pytest.fixture
def south(north: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A witness of north."""
    made = make_society("south", sqlite_template, tmp_path, clock)
    befriend(north, made)
    yield made
    made.database.dispose()


def own_note(rt: Runtime, size: int, root: bytes) -> notes.Note:
    """What a log signs if it lies."""
    key = checkpoint.log_key(rt.agent, rt.rules.society)
    text = Checkpoint(key.name, size, root).to_text()
    return notes.signed(text, key, lambda content: rt.agent.sign("log", content))


def forked_offer(rt: Runtime, by: Runtime, size: int | None = None) -> bytes:
    """The offer with another root, signed by the log's own key."""
    offer = witness.parse_offer(offered(rt, by))
    said = notes.parse_checkpoint(offer.note.text)
    return replace(offer, note=own_note(rt, size or said.size, bytes(32))).to_bytes()


def test_a_log_is_witnessed_with_a_size_that_tells_nothing(north: Runtime, south: Runtime) -> None:
    grow(north, 5)
    assert witnessed(north, south).refusal is None
    page = appoint.view_watch(north, OFFICE_CALL)
    assert [(one.peer, one.size) for one in page.witnesses] == [("south", 1024)]
    grow(north, 5)
    assert witnessed(north, south).size == 2048
    sequence_waiting(north)
    check_whole(north)
    found = entries(south, "log.witness")
    assert [(one["peer"], one["reason"]) for one in found] == [("north", "cosigned")] * 2
    said = [one["reason"] for one in entries(north, "log.witness")]
    assert said == ["offered", "witnessed"] * 2


def test_the_cosignature_is_one_of_the_c2sp_form(north: Runtime, south: Runtime) -> None:
    grow(north)
    note = answer_of(answered(north, south)).note
    assert note is not None
    south_key = notes.parse_key(appoint.view_watch(south, OFFICE_CALL).witness_key)
    assert notes.cosigned_at(note, south_key) == south.clock()
    assert notes.signed_by(note, checkpoint.log_key(north.agent, "north"))


def test_messages_are_read_as_they_were_written(north: Runtime, south: Runtime) -> None:
    grow(north)
    witnessed(north, south)
    grow(north)
    message = offered(north, south)
    assert message.startswith(b"old 1024\n")
    assert witness.parse_offer(message).to_bytes() == message
    answer = cosign(south, OFFICE_CALL, message)
    assert answer_of(answer).to_bytes() == answer
    refused = cosign(south, OFFICE_CALL, forked_offer(north, south))
    assert answer_of(refused).to_bytes() == refused


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"old 0\n",
        b"old -1\n\n",
        b"old 01\n\n",
        b"old 0\nAAAA\n\n",
        b"old 0\n" + b"A" * 43 + b"=\n" * 1 + b"\nnote",
        b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n",
        b"new 0\n\nnote\n\n",
    ],
)
def test_a_malformed_offer_is_refused_and_entered(sqlite_rt: Runtime, message: bytes) -> None:
    with pytest.raises(MalformedFile):
        witness.parse_offer(message)
    assert refusal_of(cosign(sqlite_rt, OFFICE_CALL, message)) == "malformed"
    last = entries(sqlite_rt)[-1]
    assert (last["action"], last["decision"]) == ("log.witness", "denied")


def test_a_log_that_nobody_added_is_not_cosigned(
    north: Runtime, south: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    east = make_society("east", sqlite_template, tmp_path, clock)
    grow(north)
    assert refusal_of(cosign(east, OFFICE_CALL, offered(north, south))) == "unknown-log"
    message = offered(north, south)
    signed = witness.parse_offer(message)
    foreign = replace(signed, note=replace(signed.note, signatures=()))
    false = notes.signed(foreign.note.text, checkpoint.log_key(north.agent, "north"), bytes_of_none)
    refused = cosign(south, OFFICE_CALL, replace(foreign, note=false).to_bytes())
    assert refusal_of(refused) == "bad-signature"
    assert evidence_of(south) == []


def bytes_of_none(_content: bytes) -> bytes:
    return bytes(64)


def test_a_forked_log_is_refused_with_evidence_that_proves_itself(
    north: Runtime, south: Runtime
) -> None:
    grow(north)
    witnessed(north, south)
    refused = cosign(south, OFFICE_CALL, forked_offer(north, south))
    assert refusal_of(refused) == "forked"
    assert open_alarms(south) == [("log-forked", "north")]
    [kept] = evidence_of(south)
    key = checkpoint.log_key(north.agent, "north")
    pair = notes.parse_note(kept.held), notes.parse_note(kept.offered)
    assert witness.compare(*pair, [key]) is Agreement.FORKED
    cosign(south, OFFICE_CALL, forked_offer(north, south))
    assert len(evidence_of(south)) == 1
    assert all_alarms(south)[0].count == 2


def test_a_shrunken_log_is_refused(north: Runtime, south: Runtime) -> None:
    grow(north)
    early = offered(north, south)
    cosign(south, OFFICE_CALL, early)
    grow(north)
    take(north, south, cosign(south, OFFICE_CALL, early))
    witnessed(north, south)
    assert refusal_of(cosign(south, OFFICE_CALL, early)) == "shrunk"
    assert open_alarms(south) == [("log-forked", "north")]
    assert [one.code for one in evidence_of(south)] == ["shrunk"]


def test_a_longer_log_that_does_not_go_on_is_refused(north: Runtime, south: Runtime) -> None:
    grow(north)
    witnessed(north, south)
    grow(north)
    refused = cosign(south, OFFICE_CALL, forked_offer(north, south))
    assert refusal_of(refused) == "inconsistent"
    assert take(north, south, refused).refusal == "inconsistent"
    assert open_alarms(north) == [("log-refused", "south")]
    assert witnessed(north, south).refusal is None


def test_an_answer_that_was_lost_is_found_again(north: Runtime, south: Runtime) -> None:
    wire = Wire({"south": south}, lost=1)
    grow(north)
    assert offer_to_all(north, wire) == 0
    assert size_of(north, south) == 0
    grow(north)
    assert offer_to_all(north, wire) == 1
    assert size_of(north, south) == 2048
    assert open_alarms(north) == open_alarms(south) == []


def test_the_same_checkpoint_is_cosigned_again_with_a_later_time(
    north: Runtime, south: Runtime, clock: Clock
) -> None:
    grow(north)
    message = offered(north, south)
    first = answer_of(cosign(south, OFFICE_CALL, message)).note
    clock.move(minutes=15)
    second = answer_of(cosign(south, OFFICE_CALL, message)).note
    assert first is not None
    assert second is not None
    key = notes.parse_key(appoint.view_watch(south, OFFICE_CALL).witness_key)
    times = notes.cosigned_at(first, key), notes.cosigned_at(second, key)
    assert times[0] is not None
    assert times[1] == clock()


def test_silence_is_one_alarm_on_each_side_until_the_peer_is_heard(
    north: Runtime, south: Runtime, clock: Clock
) -> None:
    grow(north)
    witnessed(north, south)
    clock.move(minutes=29)
    assert note_silence(north) == note_silence(south) == 0
    clock.move(minutes=2)
    for _turn in range(3):
        assert note_silence(north) == note_silence(south) == 1
    assert open_alarms(north) == [("witness-silent", "south")]
    assert open_alarms(south) == [("log-silent", "north")]
    assert [one.count for one in all_alarms(north)] == [1]
    grow(north)
    witnessed(north, south)
    assert open_alarms(north) == open_alarms(south) == []
    assert [one.state for one in all_alarms(south)] == ["over"]


def test_a_witness_that_is_down_does_not_keep_others_from_cosigning(
    north: Runtime, south: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    west = make_society("west", sqlite_template, tmp_path, clock)
    befriend(north, west)
    grow(north)
    wire = Wire({"south": south, "west": west}, down={"south"})
    assert offer_to_all(north, wire) == 1
    clock.move(minutes=31)
    note_silence(north)
    assert ("witness-silent", "south") in open_alarms(north)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda answer: b"nothing of use",
        lambda answer: answer.replace(b"1024", b"2048"),
        lambda answer: answer[: answer.rindex("—".encode())],
        lambda answer: answer[:-12] + b"AAAAAAAAAA=\n",
    ],
    ids=["no note", "another size", "no cosignature", "a false one"],
)
def test_a_witness_that_lies_is_an_alarm_and_not_believed(
    sqlite_rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock, spoil: object
) -> None:
    south = make_society("south", sqlite_template, tmp_path, clock)
    befriend(sqlite_rt, south)
    grow(sqlite_rt)
    assert offer_to_all(sqlite_rt, Wire({"south": south}, spoil=spoil)) == 0  # type: ignore[arg-type]
    assert open_alarms(sqlite_rt) == [("witness-lying", "south")]
    assert size_of(sqlite_rt, south) == 0


def test_a_cosignature_of_an_impossible_time_is_not_believed(
    north: Runtime, south: Runtime, clock: Clock
) -> None:
    grow(north)
    clock.move(hours=2)
    tomorrow = answered(north, south)
    clock.move(hours=-2)
    assert take(north, south, tomorrow).refusal == "bad-signature"
    assert open_alarms(north) == [("witness-lying", "south")]


def test_a_witness_whose_clock_went_back_does_not_cosign(
    north: Runtime, south: Runtime, clock: Clock
) -> None:
    grow(north)
    witnessed(north, south)
    clock.move(minutes=-2)
    grow(north)
    assert refusal_of(answered(north, south)) is None
    clock.move(hours=-2)
    assert refusal_of(answered(north, south)) == "clock"
    assert open_alarms(south) == [("clock-back", "")]


def test_a_log_whose_clock_went_back_is_an_alarm_of_its_own(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    grow(sqlite_rt)
    clock.move(hours=-1)
    grow(sqlite_rt)
    assert open_alarms(sqlite_rt) == [("clock-back", "")]
    sequence_waiting(sqlite_rt)
    assert check_whole(sqlite_rt) == len(entries(sqlite_rt))


@pytest.mark.parametrize("since", [0, 1500])
def test_a_log_restored_from_yesterday_is_told_so_by_its_witness(
    sqlite_rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock, since: int
) -> None:
    north, south = sqlite_rt, make_society("south", sqlite_template, tmp_path, clock)
    befriend(north, south)
    grow(north)
    witnessed(north, south)

    def a_day() -> None:
        grow(north, 1100)
        witnessed(north, south)

    restored(north, a_day)
    if since:
        grow(north, since)
    taken = witnessed(north, south)
    while taken.refusal == Refusal.CONFLICT and not open_alarms(north):
        taken = witnessed(north, south)
    assert ("log-behind", "south") in open_alarms(north)
    add_entries(north, 1)
    sequence_waiting(north)
    with pytest.raises(LogBehind):
        sign_checkpoint(north)
    assert ("log-behind", "") in open_alarms(north)
    appoint.begin_anew(north, OFFICE_CALL, "south")
    appoint.begin_anew(south, OFFICE_CALL, "north")
    grow(north)
    assert offer_to_all(north, Wire({"south": south})) == 1
    assert open_alarms(north) == []


def test_a_log_that_shows_two_witnesses_two_histories_is_found_when_they_compare(
    north: Runtime, south: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    west = make_society("west", sqlite_template, tmp_path, clock)
    befriend(north, west)
    grow(north)
    witnessed(north, south)
    shown = answer_of(cosign(west, OFFICE_CALL, forked_offer(north, west)))
    assert shown.refusal is None
    assert shown.note is not None
    assert show_checkpoint(south, OFFICE_CALL, "north", shown.note) is Agreement.FORKED
    assert open_alarms(south) == [("log-forked", "north")]
    assert [one.code for one in evidence_of(south)] == ["log-forked"]


def test_a_log_must_prove_one_what_two_witnesses_were_shown_at_different_sizes(
    north: Runtime, south: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    west = make_society("west", sqlite_template, tmp_path, clock)
    befriend(north, west)
    grow(north)
    witnessed(north, south)
    small = answer_of(answered(north, south)).note
    grow(north)
    witnessed(north, west)
    big = answer_of(answered(north, west)).note
    assert small is not None
    assert big is not None
    assert show_checkpoint(south, OFFICE_CALL, "north", big) is Agreement.UNPROVED
    assert show_checkpoint(west, OFFICE_CALL, "north", small) is Agreement.UNPROVED
    grow(north)
    wire = Wire({"south": south, "west": west})
    assert offer_to_all(north, wire) == 2
    assert size_of(north, south) == size_of(north, west) == 3072
    assert evidence_of(south) == evidence_of(west) == []
    assert open_alarms(north) == open_alarms(south) == open_alarms(west) == []


def test_a_forked_log_cannot_prove_it_and_is_never_cosigned_again(
    north: Runtime, south: Runtime
) -> None:
    grow(north)
    witnessed(north, south)
    other = own_note(north, 4096, bytes(32))
    assert show_checkpoint(south, OFFICE_CALL, "north", other) is Agreement.UNPROVED
    grow(north)
    assert offer_to_all(north, Wire({"south": south})) == 0
    assert refusal_of(answered(north, south)) == "unproved"
    assert ("log-behind", "south") in open_alarms(north)


def test_a_node_does_not_witness_itself_or_take_a_key_twice(
    sqlite_rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    south = make_society("south", sqlite_template, tmp_path, clock)
    befriend(sqlite_rt, south)
    page = appoint.view_watch(sqlite_rt, OFFICE_CALL)
    with pytest.raises(Conflict):
        appoint.appoint(sqlite_rt, OFFICE_CALL, "north", page.log_key)
    with pytest.raises(Conflict):
        befriend(sqlite_rt, south)
    for peer, key in (("South!", page.log_key), ("south", "no key")):
        with pytest.raises(InvalidInput):
            appoint.appoint(sqlite_rt, OFFICE_CALL, peer, key)
    appoint.dismiss(sqlite_rt, OFFICE_CALL, "south")
    for change in (appoint.dismiss, appoint.begin_anew):
        with pytest.raises(NotFound):
            change(sqlite_rt, OFFICE_CALL, "south")
    reasons = [one["reason"] for one in entries(sqlite_rt, "witness.change")]
    assert reasons[0] == "witness"
    assert "dismissed" in reasons


def test_an_alarm_is_told_once_and_seen_by_an_officer(
    sqlite_rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    south = make_society("south", sqlite_template, tmp_path, clock)
    befriend(sqlite_rt, south)
    clock.move(hours=1)
    note_silence(sqlite_rt)
    told: list[str] = []
    for _turn in range(2):
        alert.tell_alarms(sqlite_rt, lambda alarm: told.append(alarm.code) is None)
    assert told == ["witness-silent"]
    [alarm] = alert.list_alarms(sqlite_rt, OFFICE_CALL)
    alert.see_alarm(sqlite_rt, OFFICE_CALL, alarm.id)
    with pytest.raises(NotFound):
        alert.see_alarm(sqlite_rt, OFFICE_CALL, alarm.id)
    [seen] = alert.list_alarms(sqlite_rt, OFFICE_CALL)
    assert (seen.state, seen.seen_by) == ("seen", "service")
    assert [one["reason"] for one in entries(sqlite_rt, "alarm.raise")] == ["witness-silent"]


def test_the_background_has_the_log_witnessed_every_quarter_of_an_hour(
    sqlite_rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    south = make_society("south", sqlite_template, tmp_path, clock)
    befriend(sqlite_rt, south)
    beside = Background(sqlite_rt, carrier=Wire({"south": south}))
    sizes = []
    for minutes in (0, 14, 2, 14, 2):
        clock.move(minutes=minutes)
        add_entries(sqlite_rt, 2)
        beside._witness(sqlite_rt)
        sizes.append(size_of(sqlite_rt, south))
    assert sizes == [1024, 1024, 2048, 2048, 3072]


def test_a_running_node_notes_silence_and_says_so_in_the_log_of_its_process(
    sqlite_rt: Runtime,
    sqlite_template: Path,
    tmp_path: Path,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(background, "WATCH_SECONDS", 0.05)
    befriend(sqlite_rt, make_society("south", sqlite_template, tmp_path, clock))
    clock.move(hours=1)
    running = Background(sqlite_rt, matching=False)
    running.start()
    for _turn in range(200):
        if any(one.getMessage() == "alarm" for one in caplog.records):
            break
        time.sleep(0.05)
    running.stop()
    [line] = [one for one in caplog.records if one.getMessage() == "alarm"]
    told = logs.JsonLines().format(line)
    assert '"code": "witness-silent", "subject": "south"' in told
    assert line.levelname == "ERROR"
    assert [one.getMessage() for one in caplog.records if "failed" in one.getMessage()] == []
