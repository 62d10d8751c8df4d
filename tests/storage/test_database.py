"""Transactions of one writer at a time; failures with our names and without values."""

import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.domain.access import Verb
from rfl.errors import Misconfigured, StorageBusy, StorageFailed, StorageFull
from rfl.flows.register import open_case
from rfl.flows.runtime import Runtime
from rfl.storage import database as module
from rfl.storage.cases import cases
from rfl.storage.database import Database
from tests.support import BRANCH, OFFICER, Clock, make_request, make_runtime

# What the server says when it cannot write, raised by a trigger: a disk is hard to fill in a test.
FULL_DISK = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$
"""
FULL_DISK_TRIGGER = (
    "CREATE TRIGGER full_disk BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION full_disk()"
)


def count_cases(rt: Runtime) -> int:
    with rt.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(cases)) or 0


def test_eight_writers_at_once_all_commit(rt: Runtime) -> None:
    def work() -> None:
        for _ in range(5):
            open_case(rt, OFFICER, make_request(), None)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count_cases(rt) == 40


def test_an_error_in_the_block_leaves_nothing(rt: Runtime) -> None:
    row = {"id": "cas_x", "state": "open", "branch": BRANCH, "created_at": 1, "version": 1}

    def break_off() -> None:
        with rt.begin(OFFICER, Verb.CASE_OPEN) as work:
            work.connection.execute(sa.insert(cases), row)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert count_cases(rt) == 0


def test_a_locked_database_is_busy_and_nothing_is_stored(
    sqlite_rt: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_WAIT_SECONDS", 0.2)
    other = Database(str(sqlite_rt.database.url))
    with other.write(), pytest.raises(StorageBusy):
        open_case(sqlite_rt, OFFICER, make_request(), None)
    open_case(sqlite_rt, OFFICER, make_request(), None)
    assert count_cases(sqlite_rt) == 1


def test_a_full_database_says_so_and_stores_nothing(sqlite_rt: Runtime) -> None:
    is_full = True

    def limit(connection: sa.Connection) -> None:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar() if is_full else 10**9
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")

    sa.event.listen(sqlite_rt.database.engine, "begin", limit)

    def open_many() -> None:
        for _ in range(100):
            open_case(sqlite_rt, OFFICER, make_request(), None)

    with pytest.raises(StorageFull):
        open_many()
    stored = count_cases(sqlite_rt)
    is_full = False
    open_case(sqlite_rt, OFFICER, make_request(), None)
    assert count_cases(sqlite_rt) == stored + 1


def test_a_refused_statement_does_not_quote_its_values(rt: Runtime) -> None:
    row = {"id": "Zahra", "state": None, "branch": "Zahra", "created_at": 1, "version": 1}
    with pytest.raises(StorageFailed) as refused, rt.database.write() as connection:
        connection.execute(sa.insert(cases), row)
    assert "Zahra" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize("url", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_an_address_of_no_use_is_refused(url: str) -> None:
    with pytest.raises(Misconfigured):
        Database(url)


def test_sqlite_is_set_up_for_durable_and_clean_deletion(sqlite_rt: Runtime) -> None:
    with sqlite_rt.database.read() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_files_of_a_node_are_readable_by_their_owner_alone(sqlite_rt: Runtime) -> None:
    open_case(sqlite_rt, OFFICER, make_request(), None)
    files = [path for path in Path(sqlite_rt.database.path).parent.iterdir() if path.is_file()]
    assert len(files) >= 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)


def test_a_reader_does_not_wait_for_a_writer(rt: Runtime) -> None:
    open_case(rt, OFFICER, make_request(), None)
    with rt.database.write() as connection:
        connection.execute(sa.update(cases).values(state="waiting"))
        began = time.monotonic()
        assert count_cases(rt) == 1
        assert time.monotonic() - began < 5


def test_a_locked_table_is_busy_on_postgresql_too(
    postgres_url: str, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LOCK_WAIT_SECONDS", 0.2)
    rt = make_runtime(postgres_url, tmp_path, clock)
    with rt.database.engine.begin() as other:
        other.execute(sa.text("LOCK TABLE cases IN ACCESS EXCLUSIVE MODE"))
        with pytest.raises(StorageBusy):
            open_case(rt, OFFICER, make_request(), None)
    open_case(rt, OFFICER, make_request(), None)
    assert count_cases(rt) == 1
    rt.database.dispose()


def test_a_full_disk_says_so_on_postgresql_too(
    postgres_url: str, tmp_path: Path, clock: Clock
) -> None:
    rt = make_runtime(postgres_url, tmp_path, clock)
    with rt.database.engine.begin() as connection:
        connection.execute(sa.text(FULL_DISK))
        connection.execute(sa.text(FULL_DISK_TRIGGER))
    with pytest.raises(StorageFull):
        open_case(rt, OFFICER, make_request(), None)
    with rt.database.engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER full_disk ON ledger"))
    open_case(rt, OFFICER, make_request(), None)
    assert count_cases(rt) == 1
    rt.database.dispose()


def test_calls_at_the_same_moment_with_one_key_open_one_case(rt: Runtime) -> None:
    call = replace(OFFICER, repeat=("the-same-key", b"{}"))
    opened: list[str] = []

    def open_one() -> None:
        for _ in range(20):
            try:
                opened.append(open_case(rt, call, make_request(), None).id)
            except StorageBusy:
                continue
            return

    threads = [threading.Thread(target=open_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 8
    assert len(set(opened)) == count_cases(rt) == 1
