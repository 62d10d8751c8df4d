"""Locks that have a name, held until the transaction ends."""

from sqlalchemy import text

from rfl.storage.work import Work

_HOLD = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


def hold(work: Work, name: str) -> None:
    """Let one transaction at a time go on under this name; SQLite has one writer anyway."""
    if work.connection.dialect.name == "postgresql":
        work.connection.execute(_HOLD, {"name": name})
