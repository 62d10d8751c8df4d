"""Expiries are held against the dates of witnesses: who ends a body too early is named."""

import base64
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rfl.audit import notes
from rfl.audit.absences import dates_of
from rfl.audit.notes import Note
from rfl.domain.access import Verb
from rfl.flows.expire_log import Expired, expire
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting
from rfl.storage import ledger
from tests.audit.exported import Log, both, export_of
from tests.audit.societies import answered, befriend, grow, make_society, take, witnessed
from tests.support import Clock

BothFind = Callable[..., object]


@pytest.fixture
def both_find(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BothFind:
    """What both verifiers say of a file."""
    return lambda content, **more: both(content, tmp_path, monkeypatch, **more)


@pytest.fixture
def south(rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A witness that saw 1,024 leaves, after 1,000 days 2,048, an hour later 3,072.

    Since then 1,000 days have gone by: the first 1,024 have had their three years.
    """
    made = make_society("south", sqlite_template, tmp_path, clock)
    befriend(rt, made)
    for hours in (24_000, 1, 24_000):
        grow(rt, 20)
        witnessed(rt, made)
        clock.move(hours=hours)
    yield made
    made.database.dispose()


def notes_of(content: bytes) -> list[Note]:
    """The checkpoints of an export."""
    found = [line.split()[1] for line in content.splitlines() if line.startswith(b"checkpoint ")]
    return [notes.parse_note(base64.b64decode(one)) for one in found]


def without_witnesses(content: bytes) -> bytes:
    """The file as a node writes it that hides who has witnessed it."""
    log = Log.of(content)
    hidden = [line for line in log.lines if not line.startswith(b"witness ")]
    for place, line in enumerate(hidden):
        if line.startswith(b"checkpoint "):
            note = notes.parse_note(base64.b64decode(line.split()[1]))
            own = tuple(one for one in note.signatures if one.name == "rfl/north")
            hidden[place] = b"checkpoint " + base64.b64encode(Note(note.text, own).to_bytes())
    return Log(hidden).to_bytes()


def declare(rt: Runtime, count: int, reason: str | None) -> None:
    """Write an expiry by hand."""
    with rt.begin(OFFICE_CALL, Verb.LOG_EXPIRE) as work:
        ledger.append(work, count=count, reason=reason)
    sequence_waiting(rt)


def test_an_expiry_in_its_time_agrees_with_the_witnesses(
    rt: Runtime, south: Runtime, both_find: BothFind
) -> None:
    # The two entries after them are of that day too.
    assert expire(rt, OFFICE_CALL) == Expired(1_026, 1_026)
    grow(rt)
    witnessed(rt, south)
    assert both_find(export_of(rt)) is None


def test_a_clock_set_ahead_for_an_expiry_is_found_by_what_a_witness_saw(
    rt: Runtime, south: Runtime, clock: Clock, both_find: BothFind
) -> None:
    """The bodies are lost. The next cosignature shows that it was too early for them."""
    clock.move(days=1_000)
    assert expire(rt, OFFICE_CALL) == Expired(3_072, 3_072)
    clock.move(days=-1_000)
    grow(rt)
    assert both_find(export_of(rt)) is None, "by its own dates alone it is in order"
    witnessed(rt, south)
    content = export_of(rt)
    assert both_find(content) == (2_048, "early")
    hidden = without_witnesses(content)
    assert both_find(hidden) is None
    seen = [note.to_bytes() for note in notes_of(content)]
    key = next(line[8:] for line in content.decode().splitlines() if line.startswith("witness "))
    assert both_find(hidden, given=seen, key=key) == (2_048, "early")


@pytest.mark.parametrize(
    "case",
    [
        (1_024, "retention_1096_days", None),
        (2_049, "retention_1096_days", (2_048, "early")),
        (2_049, "retention_1003_days", (2_048, "early")),
        (2_049, "retention_999_days", None),  # openly shorter: the verdict lists the rule
    ],
)
def test_an_expiry_written_by_hand_is_held_against_the_dates(
    rt: Runtime, south: Runtime, both_find: BothFind, case: tuple[int, str, object]
) -> None:
    count, reason, found = case
    declare(rt, count, reason)
    assert both_find(export_of(rt)) == found


@pytest.mark.parametrize("reason", ["retention_x_days", "spring_cleaning", None])
def test_an_expiry_that_names_no_retention_excuses_nothing(
    sqlite_rt: Runtime, both_find: BothFind, reason: str | None
) -> None:
    grow(sqlite_rt)
    declare(sqlite_rt, 3, reason)
    log = Log.of(export_of(sqlite_rt))
    log.lines[log.place(1)] = b"-"
    assert both_find(log.to_bytes()) == (1, "missing")


def test_a_witness_that_was_late_makes_bodies_live_longer_and_accuses_nobody(
    rt: Runtime, south: Runtime, clock: Clock, both_find: BothFind
) -> None:
    """The line under the third checkpoint came 900 days late; the node waits for its date."""
    grow(rt, 20)
    late = answered(rt, south)
    clock.move(days=900)
    again = answered(rt, south)
    assert take(rt, south, again).refusal is None
    assert late != again
    clock.move(days=500)
    done = expire(rt, OFFICE_CALL)
    assert done is not None
    assert done.end <= 4_096
    grow(rt)
    witnessed(rt, south)
    assert both_find(export_of(rt)) is None


@pytest.mark.parametrize(
    ("cosigned", "dates"),
    [
        ([], {}),
        ([(10, [])], {}),
        ([(10, [5]), (20, [9])], {10: 5, 20: 9}),
        ([(10, [50, 7]), (20, [9])], {10: 7, 20: 9}),
        ([(10, [50]), (20, [9]), (30, [])], {10: 9, 20: 9}),
    ],
)
def test_what_comes_after_a_checkpoint_is_dated_by_the_earliest_line_from_there_on(
    cosigned: list[tuple[int, list[int]]], dates: dict[int, int]
) -> None:
    assert dates_of(cosigned) == dates
