"""After an erasure no live file holds a byte of the record's keys."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.errors import Erased, Forbidden, InvalidInput, NotFound
from rfl.flows.enrol import add_registration, read_registration
from rfl.flows.erase import erase_case, erase_registration
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import Runtime
from rfl.flows.search import search
from rfl.storage.cases import cases
from rfl.storage.vault import record_keys
from tests.postgres import Server
from tests.support import (
    OFFICER,
    SUPERVISOR,
    make_person,
    make_registration,
    make_request,
)

REASON = "data_subject_request"


def key_bytes(rt: Runtime, record: str) -> list[bytes]:
    """The wrapped keys without their fixed heads: 75 bytes that occur nowhere by chance."""
    with rt.database.read() as connection:
        mine = record_keys.c.record_id == record
        row = connection.execute(sa.select(record_keys).where(mine)).one()
    return [row.identity[3:], row.rest[3:]]


def live_files(rt: Runtime, server: Server | None) -> Iterator[Path]:
    if rt.database.is_sqlite:
        yield from rt.database.path.parent.iterdir()
    else:
        assert server is not None
        yield from (path for path in (server.home / "data").rglob("*") if path.is_file())


def holds(rt: Runtime, server: Server | None, needles: list[bytes]) -> list[str]:
    return [
        str(path)
        for path in live_files(rt, server)
        for needle in needles
        if needle[:24] in path.read_bytes()
    ]


@pytest.fixture
def server(request: pytest.FixtureRequest, rt: Runtime) -> Server | None:
    return None if rt.database.is_sqlite else request.getfixturevalue("postgres")


def test_no_live_file_holds_the_keys_of_an_erased_case(rt: Runtime, server: Server | None) -> None:
    kept = open_case(rt, OFFICER, make_request(), None)
    gone = open_case(rt, OFFICER, make_request(), None)
    needles = key_bytes(rt, gone.id)
    if not rt.database.is_sqlite:
        with rt.database.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT"
        ) as connection:
            connection.execute(sa.text("CHECKPOINT"))
    assert holds(rt, server, needles), "the scan must be able to find them before"
    erase_case(rt, SUPERVISOR, gone.id, REASON)
    assert holds(rt, server, needles) == []
    assert read_case(rt, OFFICER, kept.id)


def test_an_erased_case_leaves_a_tombstone_and_nothing_else(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    search(rt, OFFICER, opened.id, make_person("Maryam"))
    erase_case(rt, SUPERVISOR, opened.id, REASON)
    with pytest.raises(Erased):
        read_case(rt, OFFICER, opened.id)
    with rt.database.read() as connection:
        row = connection.execute(sa.select(cases)).one()
        others = [
            connection.scalar(sa.text(f"SELECT count(*) FROM {name}"))  # noqa: S608 (fixed names)
            for name in ("record_keys", "identifiers", "matches", "searches")
        ]
    assert (row.state, row.officer, row.identity, row.tie) == ("erased", None, None, None)
    assert others == [0, 0, 0, 0]


def test_an_erased_registration_is_gone(rt: Runtime) -> None:
    made = add_registration(rt, OFFICER, make_registration(record_id="camp/1"))
    erase_registration(rt, SUPERVISOR, made, REASON)
    with pytest.raises(NotFound):
        read_registration(rt, OFFICER, made)


def test_an_officer_may_not_erase_and_a_refusal_leaves_the_case(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    with pytest.raises(Forbidden):
        erase_case(rt, OFFICER, opened.id, REASON)
    assert read_case(rt, OFFICER, opened.id)


def test_an_erasure_needs_a_reason_of_the_list(rt: Runtime) -> None:
    opened = open_case(rt, OFFICER, make_request(), None)
    with pytest.raises(InvalidInput) as refused:
        erase_case(rt, SUPERVISOR, opened.id, "because Zahra asked")
    assert refused.value.field == "reason"
    assert "Zahra" not in str(refused.value)


def test_a_copy_made_before_cannot_be_opened_with_the_keys_of_after(
    sqlite_rt: Runtime, tmp_path: Path
) -> None:
    opened = open_case(sqlite_rt, OFFICER, make_request(), None)
    sqlite_rt.database.scrub()
    copy = tmp_path / "copy.db"
    shutil.copy(sqlite_rt.database.path, copy)
    erase_case(sqlite_rt, SUPERVISOR, opened.id, REASON)
    other = sa.create_engine(f"sqlite:///{copy}")
    with other.begin() as connection:
        identity = connection.scalar(sa.select(cases.c.identity))
        connection.execute(sa.delete(record_keys))
    with sqlite_rt.database.write() as connection:
        connection.execute(sa.update(cases).values(identity=identity, state="open"))
    with pytest.raises(Erased):
        read_case(sqlite_rt, OFFICER, opened.id)
