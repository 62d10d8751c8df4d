"""Bring a database to this version's tables. The migrations travel inside the wheel."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

import rfl.storage
from rfl.errors import Misconfigured
from rfl.storage import (
    accounts,
    alarms,
    approvals,
    blob_sends,
    blobs,
    break_glass,
    budgets,
    case_attachments,
    casefiles,
    cases,
    correspondents,
    deliveries,
    desks,
    disclosures,
    enquiries,
    expiries,
    feed,
    findings,
    handovers,
    honey,
    identifiers,
    in_streams,
    inbox,
    journals,
    key_use,
    ledger_rows,
    lockdown,
    log_keys,
    logins,
    matches,
    messages,
    notices,
    out_streams,
    outbox,
    owed,
    peers,
    recalls,
    received,
    registrations,
    rematch,
    searches,
    shares,
    sources,
    stamps,
    tasks,
    tokens,
    transmissions,
    tree,
    tries,
    vault,
    witnesses,
)
from rfl.storage.database import Database
from rfl.storage.reach import EVERYTHING

TABLE_FILES = (
    accounts,
    alarms,
    approvals,
    blob_sends,
    blobs,
    break_glass,
    budgets,
    case_attachments,
    casefiles,
    cases,
    correspondents,
    deliveries,
    desks,
    disclosures,
    enquiries,
    expiries,
    feed,
    findings,
    handovers,
    honey,
    identifiers,
    in_streams,
    inbox,
    journals,
    key_use,
    ledger_rows,
    lockdown,
    log_keys,
    logins,
    matches,
    messages,
    notices,
    out_streams,
    outbox,
    owed,
    peers,
    recalls,
    received,
    registrations,
    rematch,
    searches,
    shares,
    sources,
    stamps,
    tasks,
    tokens,
    transmissions,
    tree,
    tries,
    vault,
    witnesses,
)


def register_tables(metadata: MetaData) -> MetaData:
    """Return the metadata, complete because every file with tables is imported here."""
    missing = [file.__name__ for file in TABLE_FILES if not file.__doc__]
    if missing:
        raise Misconfigured("A table file has no description.")
    return metadata


def upgrade(database: Database, revision: str = "head") -> None:
    """Run what is missing up to `revision`, in one transaction."""
    with database.write(EVERYTHING) as connection:
        command.upgrade(_config(connection), revision)


def downgrade(database: Database, revision: str) -> None:
    """Take migrations back to `revision`; `base` removes every table."""
    with database.write(EVERYTHING) as connection:
        command.downgrade(_config(connection), revision)


def current(database: Database) -> str | None:
    """Return the database's revision, None where there is none."""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """Return the newest revision that this version knows."""
    return ScriptDirectory(str(location())).get_current_head()


def location() -> Path:
    """Return the folder of migrations: in the wheel, or beside `src` in a checkout."""
    package = Path(rfl.storage.__file__).parents[1]
    inside = package / "migrations"
    return inside if inside.is_dir() else package.parents[1] / "migrations"


def _config(connection: object) -> Config:
    config = Config()
    config.set_main_option("script_location", str(location()))
    config.attributes["connection"] = connection
    return config
