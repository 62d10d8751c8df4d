"""Whole tables out of one database and into another, in chunks that fit in memory.

Rows go as they stand, sealed values sealed, so a dump is the same from SQLite and PostgreSQL.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, String, Table, func, insert, literal, select, text
from sqlalchemy.sql import ColumnElement

from rfl.errors import MalformedFile
from rfl.storage.blobs import blob_parts
from rfl.storage.cases import OutsideState, cases
from rfl.storage.columns import metadata
from rfl.storage.feed import feed
from rfl.storage.ledger import LOOSE_LOG
from rfl.storage.migrate import register_tables
from rfl.storage.registrations import registrations
from rfl.storage.vault import record_keys
from rfl.storage.work import Work

CHUNK = 500
LARGE_CHUNK = 8
KEYS = str(record_keys.name)
_LARGE = frozenset({blob_parts.name})


def data_tables() -> list[str]:
    """Return the names of all tables but the one with keys, in an order that keeps references."""
    return [str(table.name) for table in _tables() if table is not record_keys]


def columns_of(name: str) -> list[str]:
    """Return the names of a table's columns."""
    return [str(column.name) for column in _table(name).columns]


def rows_of(work: Work, name: str) -> Iterator[list[list[object]]]:
    """Yield a table's rows in chunks, values in the order of `columns_of`."""
    rows = select(*(_value(column) for column in _table(name).columns))
    chunk = LARGE_CHUNK if name in _LARGE else CHUNK
    streamed = rows.execution_options(stream_results=True, yield_per=chunk)
    for part in work.connection.execute(streamed).partitions():
        yield [list(row) for row in part]


def put_rows(
    work: Work, name: str, columns: Sequence[str], rows: Sequence[Sequence[object]]
) -> None:
    """Insert rows, or raise MalformedFile where the table has other columns."""
    table = _table(name)
    if list(columns) != columns_of(name):
        raise MalformedFile("The backup has other columns than this version's tables.")
    if rows:
        values = [dict(zip(columns, row, strict=True)) for row in rows]
        work.connection.execute(insert(table), values)


def continue_numbers(work: Work) -> None:
    """Let numbered tables go on after the rows put in; SQLite does so by itself."""
    if work.connection.dialect.name != "postgresql":
        return
    for table in _tables():
        for column in table.primary_key.columns:
            if column.autoincrement is True:
                highest = work.connection.scalar(select(func.max(column)))
                _set_sequence(work, table.name, column.name, highest)


def is_empty(work: Work) -> bool:
    """True if no table holds a row, but for entries of the log that have no place in a tree."""
    return not any(
        work.connection.execute(select(literal(1)).select_from(table).limit(1)).first()
        for table in _tables()
        if table not in LOOSE_LOG
    )


def keyless(work: Work) -> tuple[list[str], list[str]]:
    """Return the living cases, and the registrations, whose keys are not there."""
    lost_cases = select(cases.c.id).where(
        cases.c.state != OutsideState.ERASED, ~_has_key(cases.c.id)
    )
    lost = select(registrations.c.id).where(~_has_key(registrations.c.id))
    return list(work.connection.scalars(lost_cases)), list(work.connection.scalars(lost))


def keyless_in(work: Work, table: Table) -> list[str]:
    """Return the records of a table, each with keys of its own, whose keys are not there."""
    return list(work.connection.scalars(select(table.c.id).where(~_has_key(table.c.id))))


def drop_stray_keys(work: Work) -> int:
    """Delete the keys of records that are not there, whatever table they would be in.

    No table is named here, so that none can be forgotten; return how many were deleted.
    """
    stray = record_keys.delete()
    for table in _tables():
        if "id" in table.c and isinstance(table.c.id.type, String):
            here = select(table.c.id).where(table.c.id == record_keys.c.record_id)
            stray = stray.where(~here.exists())
    return work.connection.execute(stray).rowcount


def _tables() -> list[Table]:
    return register_tables(metadata).sorted_tables


def _table(name: str) -> Table:
    try:
        return register_tables(metadata).tables[name]
    except KeyError as cause:
        raise MalformedFile("The backup has a table that this version does not know.") from cause


def _value(column: Column[Any]) -> ColumnElement[Any]:
    """A transaction's number means nothing in another database."""
    return literal(0).label("xid") if column is feed.c.xid else column


def _has_key(column: ColumnElement[str]) -> ColumnElement[bool]:
    return select(record_keys.c.record_id).where(record_keys.c.record_id == column).exists()


def _set_sequence(work: Work, table: str, column: str, highest: int | None) -> None:
    if highest is not None:
        statement = text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)")
        values = {"table": table, "column": column, "highest": highest}
        work.connection.execute(statement, values)
