"""What the log host has seen binds the log, whatever becomes of the database."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from rfl.audit import host, notes
from rfl.audit.checkpoint import LogBehind
from rfl.flows.runtime import Runtime
from rfl.flows.sequence import log_key, sequence_waiting, sign_checkpoint
from tests.audit.logs import add_entries
from tests.support import Clock


@pytest.fixture
def folder(sqlite_rt: Runtime, tmp_path: Path) -> Path:
    """The folder of the log host that the node writes to."""
    made = tmp_path / "host"
    made.mkdir()
    sqlite_rt.rules = replace(sqlite_rt.rules, log_host=made)
    return made


def grow(rt: Runtime, count: int) -> notes.Note:
    add_entries(rt, count)
    sequence_waiting(rt)
    return sign_checkpoint(rt)


def test_the_host_has_the_newest_checkpoint_and_the_last_of_each_hour(
    sqlite_rt: Runtime, folder: Path, clock: Clock
) -> None:
    grow(sqlite_rt, 1)
    first = grow(sqlite_rt, 1)
    clock.move(hours=1)
    second = grow(sqlite_rt, 1)
    assert host.newest(folder) == second
    assert notes.signed_by(second, log_key(sqlite_rt))
    kept = {file.name: file.read_bytes() for file in folder.iterdir()}
    assert kept == {
        "checkpoint": second.to_bytes(),
        "checkpoint-2026-03-01T09": first.to_bytes(),
        "checkpoint-2026-03-01T10": second.to_bytes(),
    }


def restored(rt: Runtime, change: Callable[[], object]) -> None:
    """Bring the database back to what it is now, after something has happened."""
    rt.database.scrub()
    yesterday = rt.database.path.read_bytes()
    change()
    rt.database.scrub()
    rt.database.dispose()
    rt.database.path.write_bytes(yesterday)


@pytest.mark.parametrize("since", [0, 5, 50])
def test_a_database_restored_from_yesterday_signs_nothing(
    sqlite_rt: Runtime, folder: Path, since: int
) -> None:
    grow(sqlite_rt, 5)
    restored(sqlite_rt, lambda: grow(sqlite_rt, 20))
    seen = host.newest(folder)
    with pytest.raises(LogBehind):
        grow(sqlite_rt, since)
    assert host.newest(folder) == seen


def test_a_restored_database_that_saw_nothing_newer_goes_on(
    sqlite_rt: Runtime, folder: Path
) -> None:
    grow(sqlite_rt, 5)
    restored(sqlite_rt, lambda: None)
    assert grow(sqlite_rt, 3) == host.newest(folder)


def test_a_checkpoint_that_the_node_has_not_signed_stops_it(
    sqlite_rt: Runtime, folder: Path
) -> None:
    note = grow(sqlite_rt, 5)
    false = replace(note, text=note.text.replace("\n5\n", "\n4\n"))
    (folder / host.NEWEST).write_bytes(false.to_bytes())
    with pytest.raises(LogBehind):
        grow(sqlite_rt, 1)


def test_a_checkpoint_that_was_overtaken_is_not_put_over_the_newer_one(
    sqlite_rt: Runtime, folder: Path, clock: Clock
) -> None:
    older, newer = grow(sqlite_rt, 5), grow(sqlite_rt, 5)
    host.publish(folder, older, clock())
    assert host.newest(folder) == newer


def test_a_host_that_is_away_keeps_the_log_from_nothing_but_being_published(
    sqlite_rt: Runtime, folder: Path
) -> None:
    folder.rmdir()
    with pytest.raises(FileNotFoundError):
        grow(sqlite_rt, 5)
    folder.mkdir()
    assert grow(sqlite_rt, 0) == host.newest(folder)
