"""Rotation: every record's keys move to a new version, whatever interrupts it."""

import signal
import sqlite3
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.crypto.agent import LocalAgent
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.errors import Conflict, Forbidden, StorageBusy
from rfl.flows import rotate_keys
from rfl.flows.account_for import latest_entries
from rfl.flows.enrol import add_registration, read_registration
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import rotation
from tests.cli.support import Cli
from tests.support import OFFICER, Clock, make_call, make_registration, make_runtime

RECORDS = 3_000


def test_after_a_rotation_every_record_opens_under_the_new_version(rt: Runtime) -> None:
    known = make_registration()
    record = add_registration(rt, OFFICER, known)
    done = rotate_keys.rotate_keys(rt, OFFICE_CALL)
    assert (done.version, done.rewrapped, done.resumed) == (2, 1, False)
    rotate_keys.destroy_old_keys(rt, OFFICE_CALL)
    assert read_registration(rt, OFFICER, record).registration == known
    newer = add_registration(rt, OFFICER, make_registration())
    assert read_registration(rt, OFFICER, newer).row.id == newer
    assert rotate_keys.records_by_version(rt, OFFICE_CALL) == {2: 2}


def test_each_batch_is_entered_in_the_log_with_its_count(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate_keys, "BATCH", 2)
    for _ in range(5):
        add_registration(rt, OFFICER, make_registration())
    told: list[int] = []
    done = rotate_keys.rotate_keys(rt, OFFICE_CALL, told.append)
    assert (done.rewrapped, done.batches, told) == (5, 3, [2, 2, 1])
    auditor = make_call(Role.AUDITOR, Purpose.AUDIT)
    entries = [one for one in latest_entries(rt, auditor) if one.action == "keys.rotate"]
    said = [(one.reason, one.count) for one in reversed(entries)]
    assert said == [("begun", 0), ("rewrapped", 2), ("rewrapped", 2), ("rewrapped", 1)]


def test_an_interrupted_rotation_goes_on_without_a_further_version(
    rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotate_keys, "BATCH", 2)
    for _ in range(5):
        add_registration(rt, OFFICER, make_registration())
    with pytest.raises(KeyboardInterrupt):
        rotate_keys.rotate_keys(rt, OFFICE_CALL, _interrupt)
    with pytest.raises(Conflict):
        rotate_keys.destroy_old_keys(rt, OFFICE_CALL)
    assert rotate_keys.records_by_version(rt, OFFICE_CALL) == {1: 3, 2: 2}
    done = rotate_keys.rotate_keys(rt, OFFICE_CALL)
    assert (done.version, done.rewrapped, done.resumed) == (2, 3, True)


@pytest.mark.postgres
def test_old_versions_are_kept_while_an_older_transaction_runs(
    postgres_url: str, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "WAIT_SECONDS", 0.3)
    rt = make_runtime(postgres_url, tmp_path, clock)
    with rt.database.write() as older:
        older.execute(sa.text("SELECT 1"))
        rotate_keys.rotate_keys(rt, OFFICE_CALL)
        with pytest.raises(StorageBusy):
            rotate_keys.destroy_old_keys(rt, OFFICE_CALL)
        assert len(_keys(rt)["rest"]) == 2
    rotate_keys.destroy_old_keys(rt, OFFICE_CALL)
    assert list(_keys(rt)["rest"]) == [2]
    rt.database.dispose()


def test_nobody_but_the_node_itself_rotates(rt: Runtime) -> None:
    with pytest.raises(Forbidden):
        rotate_keys.rotate_keys(rt, make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION))
    assert list(_keys(rt)["rest"]) == [1]


@pytest.mark.slow
def test_a_rotation_that_is_killed_midway_is_completed_by_the_next(
    node: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "long.csv"
    rows = "".join(f"R-{number},Person {number}\n" for number in range(RECORDS))
    path.write_text("ref,full name\n" + rows, encoding="utf-8")
    assert node("import", path, "--json").document["added"] == RECORDS
    process = node.start("keys", "rotate", "--destroy-old", "--json")
    done_before = _wait_for_first_batch(node)
    assert node.end(process, signal.SIGKILL).code == -signal.SIGKILL
    before = node("keys", "list", "--json").document["versions"]
    left, moved = (one["records"] for one in before if one["key"] == "rest")
    assert moved >= done_before > 0
    assert left > 0, "it was killed too late"
    report = node("keys", "rotate", "--destroy-old", "--json").document
    assert (report["version"], report["rewrapped"], report["resumed"]) == (2, left, True)
    assert report["per_second"] > 0
    [rest] = [
        one for one in node("keys", "list", "--json").document["versions"] if one["key"] == "rest"
    ]
    assert rest == {"key": "rest", "version": 2, "records": left + moved}
    again = node("import", path, "--json").document
    assert again["unchanged"] == RECORDS


def _keys(rt: Runtime) -> Mapping[str, Mapping[int, bytes]]:
    assert isinstance(rt.agent, LocalAgent)
    return rt.agent.provider.load().keys


def _interrupt(_count: int) -> None:
    raise KeyboardInterrupt


def _wait_for_first_batch(node: Cli) -> int:
    file = Path(node.settings["RFL_DATA"]) / "rfl.db"
    deadline = time.monotonic() + 20
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        while time.monotonic() < deadline:
            moved = database.execute("SELECT count(*) FROM record_keys WHERE version = 2")
            if count := moved.fetchone()[0]:
                return int(count)
            time.sleep(0.002)
    raise AssertionError("nothing was rewrapped")
