"""What nearly every call asks and says, past SQLAlchemy and in few round trips.

SQLAlchemy's work around a statement takes as long as the statement. On PostgreSQL each round trip
also lets go of the interpreter and has to wait for it again, so that the COMMIT travels with a
transaction's last words, and what is known to be asked is asked at once (`ahead`).
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Final

import psycopg
from psycopg.sql import Literal
from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Delete, Select, Update

from rfl.storage import guarded

REACH = "rfl.reach"
"""The setting of a transaction that the policies of the tables ask (`reach.py`)."""

_IN_BYTES: Final[Mapping[str, Mapping[str, bool]]] = {"postgresql": {"binary": True}, "sqlite": {}}
"""How the driver is to bring an answer: an envelope written in digits would be twice as long."""

_AHEAD: Final = "rfl_ahead"

Asked = tuple[Select[Any], Mapping[str, object]]
Change = tuple[Update | Delete, Mapping[str, object]]
Words = tuple[str, Sequence[object]]
"""Statements that are built once, or in the driver's own words, with their values."""


@lru_cache(maxsize=1_024)
def beginning(words: str, reach: str | None) -> tuple[str, ...]:
    """Return what begins a transaction of PostgreSQL, and in the same breath says its reach.

    It ends with the transaction: who takes the connection next reaches nothing by it.
    """
    return (words,) if reach is None else (words, reaching(reach))


def reaching(reach: str) -> str:
    """Return what sets a transaction's reach."""
    return f"SET LOCAL {REACH} = {Literal(reach).as_string()}"


def begin(connection: Connection, statements: Sequence[str]) -> None:
    """Begin a transaction of PostgreSQL, in one round trip."""
    with _driver(connection) as raw:
        raw.execute("; ".join(statements), prepare=False)


def ahead(connection: Connection, told: Sequence[Asked | Change | Words]) -> None:
    """Tell PostgreSQL all of this in one round trip; who tells it the same finds its answer here.

    Each answer is given once, in this transaction. So nothing may be told ahead whose answer
    something told in between would change. A transaction that waits for it (`Database.write`)
    begins with it.
    """
    if connection.dialect.name != "postgresql":
        return
    words = [_told(connection.dialect, *one) for one in told]
    statements = " ".join(statement for statement, _values in words)
    begins = connection.get_execution_options().get(guarded.BEGINS_AHEAD, ())
    connection.execution_options(**{guarded.BEGINS_AHEAD: ()})
    with _driver(connection, statements) as raw, raw.pipeline():
        for statement in begins:
            raw.execute(statement)
        found = [(*one, raw.execute(*one, binary=True)) for one in words]
    connection.execution_options(**{_AHEAD: found})


def first(connection: Connection, wanted: Select[Any], given: Mapping[str, object]) -> Any:
    """Return the first row of a question that is built once, or None; columns by their names.

    The driver gives the values as they are: text, numbers, bytes and None.
    """
    found = every(connection, wanted, given, limit=1)
    return found[0] if found else None


def every(
    connection: Connection, wanted: Select[Any], given: Mapping[str, object], *, limit: int = -1
) -> list[Any]:
    """Return the rows of a question that is built once, as `first` does."""
    statement, values = _told(connection.dialect, wanted, given)
    row = _row_of(wanted)
    with _answer(connection, statement, values) as asked:
        found = asked.fetchmany(limit) if limit > 0 else asked.fetchall()
    return [row(*one) for one in found]


def changed(connection: Connection, change: Update | Delete, given: Mapping[str, object]) -> int:
    """Carry out a change that is built once; return how many rows it touched."""
    return executed(connection, *_told(connection.dialect, change, given))


def changed_each(
    connection: Connection, change: Update, given: Sequence[Mapping[str, object]]
) -> int:
    """Carry out a change that is built once for each of these; return how many rows it touched."""
    if len(given) < 2 or _waiting(connection):
        return sum(changed(connection, change, one) for one in given)
    told = [_told(connection.dialect, change, one) for one in given]
    with _driver(connection, told[0][0]) as raw:
        cursor = raw.cursor()
        cursor.executemany(told[0][0], [values for _statement, values in told])
        return int(cursor.rowcount)


def marked(connection: Connection, statement: str) -> str:
    """Return a statement with the driver's mark in place of each `{0}`: a value."""
    return statement.format("?" if connection.dialect.paramstyle == "qmark" else "%s")


@contextmanager
def together(connection: Connection) -> Iterator[None]:
    """Say what is changed in this block to PostgreSQL in one round trip.

    What fails of it fails at the end of the block. How many rows were touched is not known in it.
    """
    if connection.dialect.name != "postgresql" or _waiting(connection):
        yield
        return
    with _driver(connection) as raw, raw.pipeline():
        yield


def execute_each(
    connection: Connection, statement: str, values: Sequence[tuple[object, ...]]
) -> None:
    """Execute a statement of the driver's own words for each of these values."""
    with _driver(connection, statement) as raw:
        if len(values) == 1:
            raw.execute(statement, values[0])
        else:
            raw.cursor().executemany(statement, values)


def execute(connection: Connection, statement: str, values: Sequence[object]) -> None:
    """Execute a statement of the driver's own words."""
    with _driver(connection, statement) as raw:
        raw.execute(statement, values)


def executed(
    connection: Connection, statement: str, values: Sequence[object] | Mapping[str, object]
) -> int:
    """Execute a statement of the driver's own words; return how many rows it touched."""
    with _answer(connection, statement, values) as done:
        return int(done.rowcount)


def rows(connection: Connection, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement of the driver's own words."""
    with _answer(connection, statement, values) as asked:
        return list(asked.fetchall())


def last(connection: Connection, statement: str, values: Sequence[object]) -> None:
    """On PostgreSQL: execute a statement, and commit with it in one round trip.

    If it fails, so does the commit. SQLAlchemy's own commit then finds nothing left to do.
    """
    with _driver(connection, statement) as raw, raw.pipeline():
        raw.execute(statement, values)
        raw.execute("COMMIT")


@contextmanager
def part(connection: Connection, *, behind: bool = False) -> Iterator[None]:
    """What fails in this block leaves no trace, and the transaction may go on.

    On PostgreSQL a part stands until the next one of its transaction, which says that it comes
    `behind` it, or until the commit: so the end of one travels with the beginning of the next. On
    SQLite it ends with the block, for within one all that is deleted is kept in memory. A failure
    of the database itself ends the transaction as a whole.
    """
    stands = connection.dialect.name == "postgresql"
    if stands and behind:
        begin(connection, ("RELEASE SAVEPOINT part", "SAVEPOINT part"))
    else:
        execute(connection, "SAVEPOINT part", ())
    try:
        yield
    except (sqlite3.Error, psycopg.Error, DBAPIError):
        raise
    except Exception:
        execute(connection, "ROLLBACK TO SAVEPOINT part", ())
        if not stands:
            execute(connection, "RELEASE SAVEPOINT part", ())
        raise
    if not stands:
        execute(connection, "RELEASE SAVEPOINT part", ())


@contextmanager
def _answer(
    connection: Connection, statement: str, values: Sequence[object] | Mapping[str, object]
) -> Iterator[Any]:
    """The driver's cursor at the answer to a statement, which may have been told ahead."""
    with _driver(connection, statement) as raw:
        waiting = _waiting(connection)
        for number, (told, given, cursor) in enumerate(waiting):
            if told == statement and given == values:
                del waiting[number]
                yield cursor
                return
        yield raw.execute(statement, values, **_IN_BYTES[connection.dialect.name])


def _waiting(connection: Connection) -> list[tuple[str, object, Any]]:
    """The answers to what was told ahead that nobody has taken yet."""
    found: list[tuple[str, object, Any]] = connection.get_execution_options().get(_AHEAD, [])
    return found


@contextmanager
def _driver(connection: Connection, statement: str = "") -> Iterator[Any]:
    """The driver's own connection. If the server is gone, so are those that wait in the pool.

    `statement` is what it will be told about tables, and may be refused.
    """
    guarded.refuse(connection, statement)
    raw: Any = connection.connection.dbapi_connection
    try:
        yield raw
    except psycopg.OperationalError:
        if raw.closed:
            connection.engine.dispose()
        raise


def _told(
    dialect: Dialect, statement: Select[Any] | Update | Delete | str, given: Any
) -> tuple[str, Sequence[object] | Mapping[str, object]]:
    """Return a statement in the driver's words, and its values as the driver wants them."""
    if isinstance(statement, str):
        return statement, given
    said, order, fixed = _words(dialect, statement)
    values = {**fixed, **given} if fixed else given
    return said, values if order is None else [values[name] for name in order]


@lru_cache(maxsize=64)
def _words(
    dialect: Dialect, statement: Select[Any] | Update | Delete
) -> tuple[str, tuple[str, ...] | None, Mapping[str, object]]:
    """Return a statement in the driver's words, its parameters in order if they lack names, and
    the values that stand in it already.
    """
    compiled: Any = statement.compile(dialect=dialect)
    order = compiled.positiontup
    fixed = {name: one for name, one in compiled.params.items() if one is not None}
    return str(compiled), None if order is None else tuple(order), fixed


@lru_cache(maxsize=64)
def _row_of(wanted: Select[Any]) -> Callable[..., Any]:
    names = [one.name for one in wanted.selected_columns]
    row: Any = namedtuple("row", names, rename=True)  # type: ignore[misc]
    return row
