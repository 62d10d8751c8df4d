"""What nearly every call asks and says, past SQLAlchemy and in few round trips.

SQLAlchemy's work around a statement takes as long as the statement. On PostgreSQL each round trip
also lets go of the interpreter and has to wait for it again, so that the COMMIT travels with a
transaction's last words.
"""

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import psycopg
from sqlalchemy import Connection
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Select


def first(connection: Connection, wanted: Select[Any], given: Mapping[str, object]) -> Any:
    """Return the first row of a question that is built once, or None; columns by their names.

    The driver gives the values as they are: text, numbers, bytes and None.
    """
    statement, names, row = _asked(connection.dialect, wanted)
    values = given if names is None else [given[name] for name in names]
    with _driver(connection) as raw:
        found = raw.execute(statement, values).fetchone()
    return None if found is None else row(*found)


def execute(connection: Connection, statement: str, values: Sequence[object]) -> None:
    """Execute a statement of the driver's own words."""
    with _driver(connection) as raw:
        raw.execute(statement, values)


def executed(connection: Connection, statement: str, values: Sequence[object]) -> int:
    """Execute a statement of the driver's own words; return how many rows it touched."""
    with _driver(connection) as raw:
        return int(raw.execute(statement, values).rowcount)


def rows(connection: Connection, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    """Return the rows of a statement of the driver's own words."""
    with _driver(connection) as raw:
        return list(raw.execute(statement, values).fetchall())


def last(connection: Connection, statement: str, values: Sequence[object]) -> None:
    """On PostgreSQL: execute a statement, and commit with it in one round trip.

    If it fails, so does the commit. SQLAlchemy's own commit then finds nothing left to do.
    """
    with _driver(connection) as raw, raw.pipeline():
        raw.execute(statement, values)
        raw.execute("COMMIT")


@contextmanager
def _driver(connection: Connection) -> Iterator[Any]:
    """The driver's own connection. If the server is gone, so are those that wait in the pool."""
    raw: Any = connection.connection.dbapi_connection
    try:
        yield raw
    except psycopg.OperationalError:
        if raw.closed:
            connection.engine.dispose()
        raise


@lru_cache(maxsize=64)
def _asked(
    dialect: Dialect, wanted: Select[Any]
) -> tuple[str, tuple[str, ...] | None, Callable[..., Any]]:
    """Return a question in the driver's words, its parameters in their order if they have no
    names, and what makes a row.
    """
    compiled: Any = wanted.compile(dialect=dialect)
    order = compiled.positiontup
    names = [one.name for one in wanted.selected_columns]
    row: Any = namedtuple("row", names, rename=True)  # type: ignore[misc]
    return str(compiled), None if order is None else tuple(order), row
