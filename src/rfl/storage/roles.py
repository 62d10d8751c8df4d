"""Makes and refreshes the roles of `grants.py` in PostgreSQL. The owner of the tables runs it.

What a role had before and is not listed is taken away. All of it is one transaction, so that a
serving node never meets a moment without its rights.
"""

import re
from collections.abc import Iterator

from psycopg import sql
from sqlalchemy import Connection, MetaData, text

from rfl.errors import InvalidInput, Misconfigured
from rfl.storage.columns import metadata
from rfl.storage.grants import GRANTS, WORK_OF, Grant, Part, Right
from rfl.storage.migrate import register_tables

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ROLE = text(
    "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb"
    " OR pg_has_role(rolname, current_user, 'MEMBER') FROM pg_roles WHERE rolname = :name"
)
_MAY_MAKE = text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
_FOREIGN = text(
    "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner <> current_user"
)
_SEQUENCE = text("SELECT pg_get_serial_sequence(:table, :column)")
_MAY_CHECKPOINT = text("SELECT pg_has_role(:name, 'pg_checkpoint', 'MEMBER')")
_MAY_SWITCH = text("SELECT has_function_privilege(:name, 'pg_switch_wal()', 'EXECUTE')")


def names_of(prefix: str) -> dict[Part, str]:
    """Return the name of each role, or raise InvalidInput."""
    if not _NAME.fullmatch(prefix):
        raise InvalidInput("prefix", "must be lower-case letters, digits and underscores")
    return {part: f"{prefix}_{part}" for part in Part}


def grant(connection: Connection, names: dict[Part, str]) -> None:
    """Make the roles that are missing and give each what the table lists, and nothing else.

    Raises Misconfigured if the caller does not own the tables, if a role that is missing cannot be
    made, or if one is stronger than any of these may be.
    """
    if connection.scalar(_FOREIGN):
        raise Misconfigured("Only the owner of the tables can grant: connect as their owner.")
    for part, name in names.items():
        _make(connection, part, name)
    for part, name in names.items():
        for statement in _taken(name):
            _run(connection, statement)
        for statement in _given(connection, part, name):
            _run(connection, statement)
    for part, wider in WORK_OF.items():
        membership = sql.SQL("GRANT {} TO {}")
        _run(connection, membership.format(_word(names[wider]), _word(names[part])))


def missing(connection: Connection, names: dict[Part, str]) -> list[str]:
    """Return what only the server's administrator can give, for erasure, as statements."""
    name = names[Part.NODE]
    found = []
    if not connection.scalar(_MAY_CHECKPOINT, {"name": name}):
        found.append(f"GRANT pg_checkpoint TO {name};")
    if not connection.scalar(_MAY_SWITCH, {"name": name}):
        found.append(f"GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {name};")
    return found


def _make(connection: Connection, part: Part, name: str) -> None:
    is_strong = connection.scalar(_ROLE, {"name": name})
    if is_strong:
        rule = "it may be no superuser, pass no policies, make no roles and not be the owner"
        raise Misconfigured(f"The role {name} is stronger than it may be: {rule}.")
    if is_strong is not None:
        return
    made = f"CREATE ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
    if not connection.scalar(_MAY_MAKE):
        raise Misconfigured(f"There is no role for the {part}, and this one may make none: {made};")
    _run(connection, sql.SQL(made))


def _taken(name: str) -> Iterator[sql.Composable]:
    for what in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        words = f"REVOKE ALL ON ALL {what} IN SCHEMA public FROM {{}}"
        yield sql.SQL(words).format(_word(name))
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM {}").format(_word(name))
    yield sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC")


def _given(connection: Connection, part: Part, name: str) -> Iterator[sql.Composed]:
    yield sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(_word(name))
    numbered = register_tables(metadata)
    for table, listed in GRANTS.items():
        for one in listed.get(part, ()):
            words = "GRANT {} ON {} TO {}"
            yield sql.SQL(words).format(_rights(one), _word(table), _word(name))
        if any(Right.ADD in one.rights for one in listed.get(part, ())):
            for sequence in _sequences(connection, numbered, table):
                words = "GRANT USAGE ON SEQUENCE {} TO {}"
                yield sql.SQL(words).format(_word(*sequence.split(".")), _word(name))


def _rights(one: Grant) -> sql.Composed:
    columns = sql.SQL(", ").join(map(_word, one.columns))
    only = sql.SQL(" ({})").format(columns) if one.columns else sql.SQL("")
    each = [sql.SQL(right.value) + only for right in one.rights]
    return sql.SQL(", ").join(each)


def _sequences(connection: Connection, known: MetaData, table: str) -> Iterator[str]:
    """Yield the sequences that number a table's rows, with their schema."""
    columns = known.tables[table].primary_key.columns if table in known.tables else ()
    for column in columns:
        if column.autoincrement is True:
            yield str(connection.scalar(_SEQUENCE, {"table": table, "column": column.name}))


def _word(*names: str) -> sql.Identifier:
    return sql.Identifier(*names)


def _run(connection: Connection, statement: sql.Composable) -> None:
    connection.exec_driver_sql(statement.as_string())
