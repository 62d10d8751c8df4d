"""Locks that have a name, held until the transaction ends."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import text
from sqlalchemy.sql import Select

from rfl.storage import direct
from rfl.storage.work import Work

_HOLD = text("SELECT pg_advisory_xact_lock(hashtext(:name))")


def hold(work: Work, name: str) -> None:
    """Let one transaction at a time go on under this name; SQLite has one writer anyway."""
    if work.connection.dialect.name == "postgresql":
        work.connection.execute(_HOLD, {"name": name})


def held(work: Work, wanted: Select[Any], given: Mapping[str, object], name: str) -> Any:
    """Return the row that a question `FOR UPDATE` holds until the transaction ends, or None.

    A row that is not there yet cannot be held: its name is, until it is there.
    """
    found = direct.first(work.connection, wanted, given)
    if found is None:
        hold(work, name)
        found = direct.first(work.connection, wanted, given)
    return found
