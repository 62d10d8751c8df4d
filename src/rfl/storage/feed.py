"""Table `feed`: which records changed, in an order that no late commit can slip behind.

On PostgreSQL a row carries its transaction's id, and readers take only rows below the oldest
transaction still under way: `id > last` would skip what commits late. On SQLite there is one
writer at a time, so the row number is the commit order. A row names a record only; whether it
was changed or erased shows by the record being there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Table,
    delete,
    func,
    literal_column,
    not_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.sql.expression import ColumnClause

from rfl.storage.columns import Id, Micros, Serial, insert_many, metadata
from rfl.storage.work import Work

feed = Table(
    "feed",
    metadata,
    Column("id", Serial, primary_key=True, autoincrement=True),
    Column("xid", BigInteger, nullable=False),
    Column("record_id", Id, nullable=False),
    Column("at", Micros, nullable=False),
    Column("matched", Boolean, nullable=False),
    Index("ix_feed_xid_id", "xid", "id"),
    Index(
        "ix_feed_unmatched",
        "id",
        postgresql_where=text("NOT matched"),
        sqlite_where=text("matched = 0"),
    ),
    sqlite_autoincrement=True,
)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """How far a reader has come."""

    xid: int = 0
    id: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the feed."""

    position: Position
    record: str
    matched: bool


def announce(work: Work, records: Sequence[str], *, match: bool = True) -> None:
    """Say that these records changed; `match=False` where there is nothing to match."""
    xid = work.connection.scalar(select(_own_xid())) if _is_postgres(work) else 0
    common = {"xid": xid, "at": work.micros, "matched": not match}
    insert_many(work.connection, feed, [{"record_id": record} | common for record in records])


def head(work: Work) -> Position:
    """Return the position after which everything that is not yet visible will come."""
    if _is_postgres(work):
        return Position(int(work.connection.scalar(select(_horizon())) or 0), 0)
    return Position(0, work.connection.scalar(select(func.max(feed.c.id))) or 0)


def after(work: Work, position: Position, limit: int) -> list[Change]:
    """Return the next rows after `position` that no transaction under way can come before."""
    rows = select(feed.c.xid, feed.c.id, feed.c.record_id, feed.c.matched)
    if _is_postgres(work):
        rows = rows.where(tuple_(feed.c.xid, feed.c.id) > (position.xid, position.id))
        rows = rows.where(feed.c.xid < _horizon()).order_by(feed.c.xid, feed.c.id)
    else:
        rows = rows.where(feed.c.id > position.id).order_by(feed.c.id)
    found = work.connection.execute(rows.limit(limit)).all()
    return [Change(Position(row[0], row[1]), row[2], row[3]) for row in found]


def unmatched(work: Work, up_to: Position, limit: int) -> list[Change]:
    """Return and lock rows not yet matched, no further than the reader's index has come.

    Cases come first: no family waits behind a list of a hundred thousand rows.
    """
    rows = select(feed.c.xid, feed.c.id, feed.c.record_id, feed.c.matched)
    rows = rows.where(not_(feed.c.matched))
    if _is_postgres(work):
        rows = rows.where(tuple_(feed.c.xid, feed.c.id) <= (up_to.xid, up_to.id))
        rows = rows.with_for_update(skip_locked=True)
    else:
        rows = rows.where(feed.c.id <= up_to.id)
    is_case = feed.c.record_id.startswith("cas_", autoescape=True)
    found: list[Change] = []
    for part in (is_case, not_(is_case)):
        some = rows.where(part).order_by(feed.c.id).limit(limit - len(found))
        read = work.connection.execute(some)
        found += [Change(Position(row[0], row[1]), row[2], row[3]) for row in read]
    return found


def mark_matched(work: Work, ids: Sequence[int]) -> None:
    """Say that the matching which these rows asked for is done."""
    if ids:
        work.connection.execute(update(feed).where(feed.c.id.in_(ids)).values(matched=True))


def anything_waits(work: Work) -> bool:
    """True if a row waits to be matched."""
    rows = select(feed.c.id).where(not_(feed.c.matched)).limit(1)
    return work.connection.scalar(rows) is not None


def waiting(work: Work) -> int:
    """Return how many rows wait to be matched."""
    rows = select(func.count()).select_from(feed).where(not_(feed.c.matched))
    return work.connection.scalar(rows) or 0


def prune(work: Work, before: int) -> None:
    """Delete matched rows older than `before` (microseconds): readers start from the records."""
    old = (feed.c.at < before) & feed.c.matched
    work.connection.execute(delete(feed).where(old))


def _is_postgres(work: Work) -> bool:
    return work.connection.dialect.name == "postgresql"


def _own_xid() -> ColumnClause[int]:
    return literal_column("pg_current_xact_id()::text::bigint")


def _horizon() -> ColumnClause[int]:
    return literal_column("pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
