"""Which versions of the key-encryption keys are in use, and when none can come back."""

import time

from sqlalchemy import func, select, text, update

from rfl.domain.groups import Half
from rfl.errors import StorageBusy
from rfl.storage.database import Database
from rfl.storage.vault import record_keys
from rfl.storage.work import Work

WAIT_SECONDS = 30.0
_NOW = text("SELECT clock_timestamp()")
_OLDER = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND xact_start < :since"
)


def records_by_version(work: Work) -> dict[int, int]:
    """Return how many records' keys are wrapped under each version."""
    rows = select(record_keys.c.version, func.count()).group_by(record_keys.c.version)
    return {row[0]: row[1] for row in work.connection.execute(rows)}


def on_old_versions(work: Work) -> int:
    """Return how many records' keys are not wrapped under the current version."""
    current = work.agent.version()
    return sum(count for version, count in records_by_version(work).items() if version != current)


def rewrap_some(work: Work, limit: int) -> int:
    """Rewrap up to `limit` records under the current version; return how many were left old."""
    current = work.agent.version()
    old = select(record_keys).where(record_keys.c.version < current).limit(limit)
    rows = work.connection.execute(old).all()
    for row in rows:
        values = {
            "identity": work.agent.rewrap(Half.IDENTITY, row.record_id, row.identity),
            "rest": work.agent.rewrap(Half.REST, row.record_id, row.rest),
            "version": current,
        }
        mine = record_keys.c.record_id == row.record_id
        work.connection.execute(update(record_keys).where(mine).values(**values))
    return len(rows)


def wait_for_older(database: Database) -> None:
    """Return when every transaction that began before now has ended, or raise StorageBusy.

    One that made a record's keys before a rotation may store them after it. On SQLite a writer
    holds the lock from its beginning, so there is nothing to wait for.
    """
    if database.is_sqlite:
        return
    with database.read() as connection:
        since = connection.scalar(_NOW)
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with database.read() as connection:
            if not connection.scalar(_OLDER, {"since": since}):
                return
        time.sleep(0.05)
    raise StorageBusy("A transaction from before the rotation is still under way: try again.")
