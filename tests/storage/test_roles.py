"""The roles of PostgreSQL: each may do what one table of the code lists, and nothing else."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.domain.entry import from_bytes
from rfl.errors import InvalidInput, Misconfigured
from rfl.flows import enrol, register
from rfl.flows.grant_roles import grant_roles
from rfl.flows.rematch import begin_rematch, rematch_progress
from rfl.flows.runtime import Runtime
from rfl.matcher import match_alone
from rfl.storage import migrate
from rfl.storage.columns import metadata
from rfl.storage.database import Database
from rfl.storage.grants import GRANTS, Part
from rfl.storage.key_use import key_uses
from tests.cli.support import Cli
from tests.postgres import APP, Server
from tests.support import (
    OFFICER,
    Clock,
    make_person,
    make_registration,
    make_request,
    make_runtime,
    noticed,
)

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NODE, EXPIRY, MATCHER, AUDITOR = (f"rfl_{part}" for part in Part)

# What somebody who holds a role would try: on the log, on the tables themselves, beyond their work.
_ALL = (
    "DROP TABLE feed",
    "ALTER TABLE cases DISABLE ROW LEVEL SECURITY",
    "CREATE TABLE public.mine (id int)",
    "TRUNCATE ledger",
    "UPDATE ledger SET body = body",
    "UPDATE ledger_objects SET seq = seq",
    "UPDATE alembic_version SET version_num = '0'",
    "SET ROLE rfl_app",
)
REFUSED = {
    NODE: (
        "DELETE FROM ledger",
        "DELETE FROM ledger_objects",
        "DELETE FROM log_expiries",
        "INSERT INTO log_expiries VALUES (9, 0, 1)",
        "UPDATE log_keys SET number = 1",
        "UPDATE tree_tiles SET place = 1",
        "DELETE FROM tree_order",
        "DELETE FROM cases",
        "SET ROLE rfl_expiry",
    ),
    EXPIRY: ("UPDATE log_expiries SET at = 1", "DELETE FROM log_keys"),
    MATCHER: (
        "SELECT contact FROM cases",
        "SELECT result FROM cases",
        "SELECT sensitive FROM registrations",
        "SELECT tie FROM registrations",
        "SELECT * FROM casefiles",
        "SELECT * FROM accounts",
        "UPDATE cases SET terms = terms",
        "DELETE FROM record_keys",
        "DELETE FROM ledger",
    ),
    AUDITOR: (
        "SELECT * FROM record_keys",
        "SELECT id FROM cases",
        "SELECT * FROM accounts",
        "SELECT * FROM findings",
        "INSERT INTO ledger (at, actor, action, body) VALUES (1, 1, 1, '')",
        "SELECT nextval(pg_get_serial_sequence('ledger', 'seq'))",
        "DELETE FROM ledger",
    ),
}


def test_every_table_and_column_is_in_the_list_and_nothing_else() -> None:
    tables = migrate.register_tables(metadata).tables
    assert set(GRANTS) == {*tables, "alembic_version"}
    for name, listed in GRANTS.items():
        for grant in (one for grants in listed.values() for one in grants):
            assert set(grant.columns) <= set(tables[name].columns.keys() if grant.columns else ())


@pytest.mark.postgres
def test_a_role_can_do_nothing_that_is_not_listed(roles_of: Callable[[str], str]) -> None:
    for role, statements in REFUSED.items():
        engine = sa.create_engine(roles_of(role))
        for statement in (*_ALL, *statements):
            with pytest.raises(sa.exc.ProgrammingError) as refused, engine.connect() as connection:
                connection.exec_driver_sql(statement)
            assert refused.value.orig is not None
            assert refused.value.orig.sqlstate == "42501", (role, statement)
        assert _held(engine) == _listed(Part(role.removeprefix("rfl_")))
        engine.dispose()


def _held(engine: sa.Engine) -> set[tuple[str, str]]:
    """What a role may do to whole tables, as PostgreSQL says it."""
    asked = (
        "SELECT c.relname, p.privilege FROM pg_class c, unnest(ARRAY["
        "'SELECT','INSERT','UPDATE','DELETE','TRUNCATE','REFERENCES','TRIGGER','MAINTAIN'"
        "]) AS p (privilege) WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'"
        " AND has_table_privilege(c.oid, p.privilege)"
    )
    with engine.connect() as connection:
        return {(row[0], row[1]) for row in connection.exec_driver_sql(asked)}


def _listed(part: Part) -> set[tuple[str, str]]:
    mine = {part, *([Part.NODE] if part is Part.EXPIRY else [])}
    return {
        (table, right.value)
        for table, listed in GRANTS.items()
        for one in mine
        for grant in listed.get(one, ())
        for right in grant.rights
        if not grant.columns
    }


@pytest.fixture
def owned(roles_of: Callable[[str], str]) -> Iterator[Database]:
    """The database, as the owner of its tables."""
    database = Database(roles_of(APP))
    yield database
    database.dispose()


@pytest.mark.postgres
def test_granting_again_takes_away_what_was_added_by_hand(
    owned: Database, roles_of: Callable[[str], str]
) -> None:
    with owned.write() as connection:
        connection.exec_driver_sql(f"GRANT DELETE, UPDATE (body), TRUNCATE ON ledger TO {NODE}")
        connection.exec_driver_sql(f"GRANT UPDATE ON SEQUENCE ledger_seq_seq TO {NODE}")
    for _twice in range(2):
        done = grant_roles(owned, "rfl", NOW)
    assert done.roles[Part.NODE] == NODE
    assert done.missing == []
    engine = sa.create_engine(roles_of(NODE))
    assert _held(engine) == _listed(Part.NODE)
    with engine.connect() as connection:
        for asked in (
            "has_column_privilege('ledger', 'body', 'UPDATE')",
            "has_sequence_privilege('ledger_seq_seq', 'UPDATE')",
        ):
            assert connection.exec_driver_sql(f"SELECT {asked}").scalar() is False
    engine.dispose()
    with owned.read() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM ledger").scalars().all()
    assert [from_bytes(bytes(body)).action for body in bodies] == ["roles.grant"] * 2


@pytest.mark.postgres
def test_the_command_prints_what_it_grants(
    roles_of: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    cli = Cli({"RFL_DATABASE": roles_of(APP), "RFL_DATA": str(tmp_path)}, monkeypatch, capsys)
    said = cli("db", "grant", "--json").document
    assert said["roles"] == {part.value: f"rfl_{part}" for part in Part}
    assert {row["table"] for row in said["granted"]} == set(GRANTS)
    of_log = [row for row in said["granted"] if row["table"] == "ledger"]
    assert {
        "role": NODE,
        "table": "ledger",
        "rights": ["SELECT", "INSERT"],
        "columns": [],
    } in of_log
    assert said["missing"] == []
    shown = cli("db", "grant").out
    assert NODE in shown
    cli.settings["RFL_DATABASE"] = roles_of(NODE)
    assert "misconfigured" in cli("db", "grant").err


@pytest.mark.postgres
def test_only_the_owner_grants_and_only_to_roles_that_are_weak(
    postgres: Server, owned: Database, roles_of: Callable[[str], str]
) -> None:
    served = Database(roles_of(NODE))
    with pytest.raises(Misconfigured, match="owner"):
        grant_roles(served, "rfl", NOW)
    served.dispose()
    with pytest.raises(Misconfigured, match="may make none: CREATE ROLE other_node LOGIN"):
        grant_roles(owned, "other", NOW)
    with pytest.raises(InvalidInput):
        grant_roles(owned, "rfl; DROP", NOW)
    for strong in ("SUPERUSER", "BYPASSRLS", "CREATEROLE", f"IN ROLE {APP}"):
        postgres.execute("postgres", f"CREATE ROLE strong_node {strong}")
        with pytest.raises(Misconfigured, match="stronger"):
            grant_roles(owned, "strong", NOW)
        postgres.execute("postgres", "DROP ROLE strong_node")
    postgres.execute("postgres", f"REVOKE pg_checkpoint FROM {NODE}")
    assert grant_roles(owned, "rfl", NOW).missing == [f"GRANT pg_checkpoint TO {NODE};"]
    postgres.execute("postgres", f"GRANT pg_checkpoint TO {NODE}")


@pytest.mark.postgres
def test_the_matcher_matches_alone_under_its_own_role(
    roles_of: Callable[[str], str], tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    serving = make_runtime(roles_of(NODE), tmp_path, clock)
    matching = make_runtime(roles_of(MATCHER), tmp_path, clock)
    assert migrate.current(matching.database) == migrate.newest()
    register.open_case(serving, OFFICER, make_request(), None)
    begin_rematch(serving, again=True)
    ending = threading.Event()
    thread = threading.Thread(target=match_alone, args=(matching, ending))
    thread.start()
    mother = make_person("Maryam Hosseini", birth="1961")
    enrol.add_registration(serving, OFFICER, make_registration(mother))
    until = time.monotonic() + 30
    while not (noticed(serving, OFFICER) and _has_compared_anew(serving)):
        assert time.monotonic() < until
        time.sleep(0.05)
    ending.set()
    thread.join()
    assert matching.agent.unwraps() > 0
    with serving.database.read() as connection:
        kept = dict(connection.execute(sa.select(key_uses.c.process, key_uses.c.unwrapped)).all())
    assert kept[matching.process] == matching.agent.unwraps()
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []
    for rt in (serving, matching):
        rt.database.dispose()


def _has_compared_anew(rt: Runtime) -> bool:
    progress = rematch_progress(rt)
    return progress is not None and progress.finished_at is not None


def test_sqlite_has_no_roles(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with pytest.raises(Misconfigured, match="SQLite"):
        grant_roles(database, "rfl", NOW)
    database.dispose()
