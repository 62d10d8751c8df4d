"""A database that is locked, full, or was tampered with."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa

from rfl.domain.groups import Group
from rfl.flows.runtime import Runtime
from tests.api.support import (
    Desk,
    done,
    entries,
    make_request,
    nothing_stored,
    refused,
)

SEALED = ["tie", *(group.value for group in Group if group is not Group.TERMS)]


def _on_connect(rt: Runtime, *statements: str) -> None:
    """Run these on every new connection of a node on SQLite."""

    def run(connection: Any, _record: object) -> None:
        for statement in statements:
            connection.execute(statement)

    rt.database.engine.dispose()
    sa.event.listen(rt.database.engine, "connect", run)


@pytest.fixture
def locked(sqlite_desk: Desk) -> Iterator[Desk]:
    """A node whose database another program is writing to."""
    _on_connect(sqlite_desk.rt, "PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(sqlite_desk.rt.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield sqlite_desk
        other.execute("ROLLBACK")


def test_a_locked_database_is_a_problem_to_try_again(locked: Desk) -> None:
    with nothing_stored(locked.rt):
        answer = locked.officer.post("/v1/requests", make_request())
    problem = refused(answer, 503, None, "The database is busy: try again.")
    assert problem["code"] == "storage-busy"
    assert answer.headers["retry-after"] == "1"


def test_nothing_is_opened_while_the_log_cannot_be_written(sqlite_desk: Desk) -> None:
    case = sqlite_desk.officer.open_case()
    _on_connect(sqlite_desk.rt, "PRAGMA busy_timeout=50")
    with closing(sqlite3.connect(sqlite_desk.rt.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answer = sqlite_desk.officer.get(f"/v1/cases/{case}")
    refused(answer, 503, None, "The database is busy")
    assert "Maryam" not in answer.text


def test_a_full_database_stores_nothing_in_half(sqlite_desk: Desk) -> None:
    with sqlite_desk.rt.database.read() as connection:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
    _on_connect(sqlite_desk.rt, f"PRAGMA max_page_count={pages}")
    story = {"narrative": "We lost each other. " * 900}
    with nothing_stored(sqlite_desk.rt):
        for _ in range(20):
            answer = sqlite_desk.officer.post("/v1/requests", make_request(separation=story))
            if answer.status_code != 201:
                break
            pytest.fail("the database took more than its pages")
    problem = refused(answer, 507, None, "no space left; nothing was stored")
    assert problem["code"] == "storage-full"


@pytest.mark.parametrize("column", SEALED)
def test_a_changed_ciphertext_is_not_opened(sqlite_desk: Desk, column: str) -> None:
    _refuses_changed_ciphertext(sqlite_desk, column)


def test_a_changed_ciphertext_is_not_opened_on_either_database(desk: Desk) -> None:
    _refuses_changed_ciphertext(desk, "identity")


def _refuses_changed_ciphertext(desk: Desk, column: str) -> None:
    case = desk.officer.open_case()
    with desk.rt.database.write() as connection:
        read = sa.text(f"SELECT {column} FROM cases WHERE id = :id")  # noqa: S608
        sealed = bytes(connection.execute(read, {"id": case}).scalar_one())
        broken = sealed[:-1] + bytes([sealed[-1] ^ 1])
        write = sa.text(f"UPDATE cases SET {column} = :broken WHERE id = :id")  # noqa: S608
        connection.execute(write, {"broken": broken, "id": case})
    answer = desk.officer.get(f"/v1/cases/{case}")
    problem = refused(answer, 500, None, "was changed or moved; it was not opened")
    assert problem["code"] == "seal-broken"
    assert "Maryam" not in answer.text
    last = entries(desk.rt, "case.read")[-1]
    assert (last["decision"], last["reason"]) == ("denied", "seal-broken")


def test_a_row_moved_to_another_record_is_not_opened(desk: Desk) -> None:
    mine, other = desk.officer.open_case(), desk.officer.open_case()
    for columns in (SEALED, ["identity"], ["contact"]):
        source = "SELECT {} FROM cases WHERE id = :other"
        copied = ", ".join(f"{one} = ({source.format(one)})" for one in columns)
        with desk.rt.database.write() as connection:
            statement = sa.text(f"UPDATE cases SET {copied} WHERE id = :mine")  # noqa: S608
            connection.execute(statement, {"mine": mine, "other": other})
        answer = desk.officer.get(f"/v1/cases/{mine}")
        assert refused(answer, 500, None, "was changed or moved")["code"] == "seal-broken"
    done(desk.officer.get(f"/v1/cases/{other}"))


def test_keys_moved_to_another_record_open_nothing(desk: Desk) -> None:
    mine, other = desk.officer.open_case(), desk.officer.open_case()
    with desk.rt.database.write() as connection:
        copied = "identity = (SELECT identity FROM record_keys WHERE record_id = :other)"
        statement = sa.text(f"UPDATE record_keys SET {copied} WHERE record_id = :mine")  # noqa: S608
        connection.execute(statement, {"mine": mine, "other": other})
    answer = desk.officer.get(f"/v1/cases/{mine}")
    assert refused(answer, 500, None, "was changed or moved")["code"] == "seal-broken"
