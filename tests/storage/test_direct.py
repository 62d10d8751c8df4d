"""What goes past SQLAlchemy says and keeps what SQLAlchemy would."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from rfl.errors import StorageFailed
from rfl.flows.register import open_case
from rfl.flows.runtime import Runtime
from rfl.storage import arrays, direct, vault
from rfl.storage.cases import cases
from rfl.storage.tree import checkpoints
from rfl.storage.turns import turn
from tests.postgres import Server
from tests.support import OFFICER, make_request

ONE = vault.with_keys(sa.select(cases), cases).where(cases.c.id == sa.bindparam("id"))
KEPT = sa.select(sa.func.count()).select_from(checkpoints)
ROW = {"size": 1, "padded": False, "at": 2, "note": b"n"}
GONE = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
AND pid <> pg_backend_pid()"
LAST = "INSERT INTO checkpoints (size, padded, at, note) VALUES (%s, %s, %s, %s)"


def test_a_row_is_the_one_that_sqlalchemy_gives(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    with rt.database.read() as connection:
        given = connection.execute(ONE, {"id": case}).one()
        assert direct.first(connection, ONE, {"id": case})._asdict() == given._asdict()
        assert direct.first(connection, ONE, {"id": "cas_nobody"}) is None


def test_what_is_asked_first_is_part_of_the_transaction(rt: Runtime) -> None:
    def break_off() -> None:
        with rt.database.write() as connection:
            direct.first(connection, ONE, {"id": "cas_nobody"})
            connection.execute(sa.insert(checkpoints), ROW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with rt.database.ask() as connection:
        assert connection.scalar(KEPT) == 0


def test_the_last_statement_takes_the_transaction_with_it(postgres_rt: Runtime) -> None:
    with postgres_rt.database.write() as connection:
        connection.execute(sa.insert(checkpoints), ROW)
        direct.last(connection, LAST, (3, True, 4, b"m"))
        with postgres_rt.database.ask() as other:
            assert other.scalar(KEPT) == 2


def test_a_last_statement_that_fails_leaves_nothing(postgres_rt: Runtime) -> None:
    def fail() -> None:
        with postgres_rt.database.write() as connection:
            connection.execute(sa.insert(checkpoints), ROW)
            direct.last(connection, LAST, (3, True, None, b"m"))

    with pytest.raises(StorageFailed):
        fail()
    with postgres_rt.database.write() as connection:
        assert connection.scalar(KEPT) == 0


def test_what_was_told_ahead_is_answered_once(rt: Runtime) -> None:
    nobody = (ONE, {"id": "cas_nobody"})
    named = sa.update(checkpoints).where(checkpoints.c.size == sa.bindparam("of")).values(at=5)
    with rt.database.write() as connection:
        connection.execute(sa.insert(checkpoints), ROW)
        direct.ahead(connection, [(KEPT, {}), (named, {"of": 1}), (named, {"of": 9}), nobody])
        connection.execute(sa.insert(checkpoints), ROW | {"size": 2})
        assert direct.first(connection, *nobody) is None
        assert [direct.changed(connection, named, {"of": size}) for size in (9, 1)] == [0, 1]
        before = direct.first(connection, KEPT, {})[0]
        assert before == (2 if rt.database.is_sqlite else 1)
        assert direct.first(connection, KEPT, {})[0] == 2


def test_what_is_told_ahead_and_fails_leaves_nothing(postgres_rt: Runtime) -> None:
    def fail() -> None:
        with postgres_rt.database.write() as connection:
            connection.execute(sa.insert(checkpoints), ROW)
            direct.ahead(connection, [(KEPT, {}), (LAST, (3, True, None, b"m"))])

    with pytest.raises(StorageFailed):
        fail()
    with postgres_rt.database.write() as connection:
        assert connection.scalar(KEPT) == 0


REACH = sa.text("SELECT current_setting('rfl.reach', true)")
OF_THE_ROLE = "*"
INSERTED = sa.insert(checkpoints)
SAY_FIRST = (
    lambda connection: connection.execute(INSERTED, ROW),
    lambda connection: connection.exec_driver_sql("SELECT 1"),
    lambda connection: direct.execute(connection, LAST, (3, True, 4, b"m")),
    lambda connection: direct.last(connection, LAST, (3, True, 4, b"m")),
)


@pytest.mark.parametrize("reach", [None, "south"])
def test_a_transaction_begins_with_what_is_told_ahead(rt: Runtime, reach: str | None) -> None:
    def break_off() -> None:
        with rt.database.write(reach, ahead=True) as connection:
            direct.ahead(connection, [(KEPT, {})])
            assert direct.first(connection, KEPT, {}) == (1,)
            if not rt.database.is_sqlite:
                assert connection.scalar(REACH) == (reach or OF_THE_ROLE)
            connection.execute(INSERTED, ROW | {"size": 2})
            raise ZeroDivisionError

    with rt.database.write(reach, ahead=True) as connection:
        direct.ahead(connection, [(KEPT, {})])
        connection.execute(INSERTED, ROW)
    with pytest.raises(ZeroDivisionError):
        break_off()
    with rt.database.ask() as connection:
        assert connection.scalar(KEPT) == 1


@pytest.mark.parametrize("say", SAY_FIRST)
def test_what_is_said_before_its_transaction_has_begun_is_not_said(
    postgres_rt: Runtime, say: Callable[[sa.Connection], object]
) -> None:
    """It would be a transaction of its own, and stay whatever comes of the rest."""

    def say_first() -> None:
        with postgres_rt.database.write(ahead=True) as connection:
            say(connection)

    with pytest.raises(AssertionError, match="before the transaction has begun"):
        say_first()
    with postgres_rt.database.ask() as connection:
        assert connection.scalar(KEPT) == 0


def test_a_transaction_that_fails_as_it_begins_leaves_nothing(postgres_rt: Runtime) -> None:
    def fail() -> None:
        with postgres_rt.database.write("south", ahead=True) as connection:
            told = [(LAST, (3, True, at, b"m")) for at in (4, None)]
            direct.ahead(connection, told)

    with pytest.raises(StorageFailed):
        fail()
    with postgres_rt.database.write() as connection:
        assert connection.scalar(KEPT) == 0
        assert connection.scalar(REACH) == OF_THE_ROLE


def test_a_turn_that_ends_leaves_what_the_driver_has_prepared(postgres_rt: Runtime) -> None:
    """The pool gives the connection of a turn to whoever comes next."""
    database = postgres_rt.database
    with database.ask() as connection:
        for _time in range(7):
            direct.first(connection, KEPT, {})
    with turn(database, "test") as mine:
        assert mine
    with database.ask() as connection:
        prepared = connection.execute(sa.text("SELECT statement FROM pg_prepared_statements"))
        assert any("checkpoints" in statement for statement in prepared.scalars())


def test_a_server_that_was_away_fails_one_call_and_no_other(
    postgres_rt: Runtime, postgres: Server
) -> None:
    database = postgres_rt.database
    with database.ask() as one, database.ask() as other:
        assert one.scalar(KEPT) == other.scalar(KEPT) == 0
    postgres.execute(database.url.database or "", GONE)
    with pytest.raises(StorageFailed), database.ask() as connection:
        direct.first(connection, KEPT, {})
    for _time in range(2):
        with database.ask() as one, database.ask() as other:
            assert direct.first(one, KEPT, {}) == direct.first(other, KEPT, {}) == (0,)


ARRAYS = (
    (arrays.longs, "bigint", ([], [0], [-(2**63), 2**63 - 1, 16])),
    (arrays.blobs, "bytea", ([], [b""], [b'\x00\xff{,}"\\', bytes(70_000)])),
    (arrays.texts, "text", ([], [None], ["", None, "NULL", '{\u0645\u0631,"\\}'])),
    (arrays.flags, "boolean", ([], [True], [False, True, False])),
)


def test_arrays_arrive_as_they_were_given(postgres_rt: Runtime) -> None:
    with postgres_rt.database.ask() as connection:
        for write, kind, cases in ARRAYS:
            for values in cases:
                given = direct.rows(
                    connection, "SELECT %s, pg_typeof(%s)::text", [write(values)] * 2
                )
                assert given == [(values, f"{kind}[]")]


def test_a_part_that_fails_takes_no_other_with_it(rt: Runtime) -> None:
    def fail_in_a_part(connection: sa.Connection) -> None:
        with direct.part(connection, behind=True):
            connection.execute(sa.insert(checkpoints), ROW | {"size": 2})
            raise ZeroDivisionError

    with rt.database.write() as connection:
        with direct.part(connection):
            connection.execute(sa.insert(checkpoints), ROW)
        with pytest.raises(ZeroDivisionError):
            fail_in_a_part(connection)
        with direct.part(connection, behind=True):
            connection.execute(sa.insert(checkpoints), ROW | {"size": 3})
    with rt.database.ask() as connection:
        assert connection.scalars(sa.select(checkpoints.c.size)).all() == [1, 3]
