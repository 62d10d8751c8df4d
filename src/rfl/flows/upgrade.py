"""Bring the tables to this version, and enter it; no keys are needed for it."""

from datetime import datetime

from rfl.domain.access import Verb
from rfl.domain.entry import Entry, written_time
from rfl.flows.runtime import OFFICE_CALL, POLICY
from rfl.storage import ledger, migrate
from rfl.storage.database import Database
from rfl.storage.work import micros


def upgrade_tables(database: Database, now: datetime) -> str | None:
    """Upgrade in one transaction; return the revision reached. If any was missing, it is an entry.

    The entry follows in a second one: before the first there may be no log to write it to.
    """
    before = migrate.current(database)
    migrate.upgrade(database)
    reached = migrate.current(database)
    if reached != before:
        entry = Entry(
            at=written_time(now),
            actor=OFFICE_CALL.actor.id,
            role=OFFICE_CALL.actor.role,
            client="command",
            action=Verb.TABLES_UPGRADE,
            purpose=OFFICE_CALL.purpose,
            reason=reached,
            policy=POLICY,
        )
        with database.write() as connection:
            ledger.enter(connection, entry, micros(now))
    return reached
