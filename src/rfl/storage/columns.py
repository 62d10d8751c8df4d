"""Column types and the metadata that every table joins."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import Select

from rfl.storage import direct

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = String(30)
Code = String(40)
Micros = BigInteger
Sealed = LargeBinary
Digest = LargeBinary(32)
# SQLite gives rowids to INTEGER keys alone; PostgreSQL takes 64 bits.
Serial = BigInteger().with_variant(Integer, "sqlite")


def insert_many(connection: Connection, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows that all have the same columns, past the per-row work of `insert()`.

    The driver takes the values as they are: text, numbers, bytes and None.
    """
    if rows:
        names = tuple(rows[0])
        insert_rows(connection, table, names, [tuple([row[one] for one in names]) for row in rows])


def insert_rows(
    connection: Connection,
    table: Table,
    names: tuple[str, ...],
    values: Sequence[tuple[object, ...]],
) -> None:
    """Insert rows that are given as their values in the order of `names`; see `insert_many`."""
    if not values:
        return
    direct.execute_each(connection, _statement(connection.dialect, table, names), values)


def next_number(connection: Connection, table: Table, column: str) -> int:
    """Return the number of the next row on SQLite, which has one writer."""
    raw = _sqlite(connection)
    assert raw is not None  # noqa: S101 (PostgreSQL draws numbers in the statement itself)
    last = raw.execute(f"SELECT max({column}) FROM {table.name}").fetchone()[0]  # noqa: S608 (our own names)
    return int(last or 0) + 1


def _sqlite(connection: Connection) -> Any:
    """Return SQLite's own connection, None on PostgreSQL.

    Its statements take microseconds; SQLAlchemy's work around each takes fifty.
    """
    if connection.dialect.name != "sqlite":
        return None
    return connection.connection.dbapi_connection


def raw_rows(
    connection: Connection, wanted: Select[Any], chunk: int
) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield what the driver itself returns, in chunks: half the time of rows with names."""
    streamed = wanted.execution_options(stream_results=True)
    with connection.execute(streamed) as result:
        first = result.fetchone()  # A streamed result has one row in hand, past the driver's.
        rows: Sequence[tuple[Any, ...]] = []
        if first is not None:
            rows = [tuple(first), *result.cursor.fetchmany(chunk)]
        while rows:
            yield rows
            rows = result.cursor.fetchmany(chunk)


@lru_cache(maxsize=64)
def _statement(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    mark = "?" if dialect.paramstyle == "qmark" else "%s"
    columns = ", ".join(dialect.identifier_preparer.quote(name) for name in names)
    marks = ", ".join(mark for _name in names)
    return f"INSERT INTO {table.name} ({columns}) VALUES ({marks})"  # noqa: S608 (our own names)
