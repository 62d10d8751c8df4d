"""Make the database's roles, and enter it; no keys are needed for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from rfl.domain.access import Verb
from rfl.domain.entry import Entry, written_time
from rfl.errors import Misconfigured
from rfl.flows.runtime import OFFICE_CALL, POLICY
from rfl.storage import ledger, migrate, roles
from rfl.storage.database import Database
from rfl.storage.grants import GRANTS, Grant, Part
from rfl.storage.work import micros


@dataclass(frozen=True, slots=True)
class Granted:
    """The roles by part, what each may do by table, and what is still for an administrator.

    `missing`: statements that the server's administrator runs, without which an erasure cannot
    remove keys from the log's files.
    """

    roles: Mapping[Part, str]
    tables: Mapping[str, Mapping[Part, tuple[Grant, ...]]]
    missing: list[str]


def grant_roles(database: Database, prefix: str, now: datetime) -> Granted:
    """Make and refresh the roles with this prefix, in one transaction with its entry.

    Raises Misconfigured on SQLite, which has no roles, and on tables of another version.
    """
    if database.is_sqlite:
        raise Misconfigured("SQLite has no roles: they are for PostgreSQL.")
    if migrate.current(database) != migrate.newest():
        raise Misconfigured("The database is of another version: run `rfl db upgrade`.")
    names = roles.names_of(prefix)
    with database.write() as connection:
        roles.grant(connection, names)
        missing = roles.missing(connection, names)
        entry = Entry(
            at=written_time(now),
            actor=OFFICE_CALL.actor.id,
            role=OFFICE_CALL.actor.role,
            client="command",
            action=Verb.ROLES_GRANT,
            purpose=OFFICE_CALL.purpose,
            policy=POLICY,
        )
        ledger.enter(connection, entry, micros(now))
    return Granted(names, GRANTS, missing)
