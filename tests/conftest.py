"""Fixtures: a node on SQLite and on PostgreSQL, with a clock that tests set."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from rfl.flows.runtime import Runtime
from rfl.storage import migrate
from rfl.storage.database import Database
from tests.postgres import APP, Databases, Server
from tests.support import Clock, make_runtime

# How long an example takes says something about the machine, not about the code.
settings.register_profile("rfl", deadline=None)
settings.load_profile("rfl")


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for each worker; the template database has this version's tables."""
    server = Server()
    server.start()
    url = server.new_database(APP)
    template = Database(url)
    migrate.upgrade(template)
    template.dispose()
    yield server
    server.remove()


@pytest.fixture(scope="session")
def databases(postgres: Server) -> Databases:
    """The databases of a worker's tests."""
    return Databases(postgres, "node")


@pytest.fixture
def postgres_url(postgres: Server, databases: Databases) -> Iterator[str]:
    """An empty database with tables, for the application's role (not a superuser)."""
    name = databases.take()
    yield postgres.url(name, APP)
    databases.give_back(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with this version's tables, to be copied."""
    path = tmp_path_factory.mktemp("template") / "rfl.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    database.scrub()
    database.dispose()
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh SQLite database with tables, in the test's own folder."""
    path = tmp_path / "node" / "rfl.db"
    path.parent.mkdir(mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """Every storage test runs on both."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still until a test moves it."""
    return Clock()


@pytest.fixture
def rt(database_url: str, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A node on either database."""
    runtime = make_runtime(database_url, tmp_path, clock)
    yield runtime
    runtime.database.dispose()


@pytest.fixture
def sqlite_rt(sqlite_url: str, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A node on SQLite, for what does not depend on the database."""
    runtime = make_runtime(sqlite_url, tmp_path, clock)
    yield runtime
    runtime.database.dispose()


@pytest.fixture
def postgres_rt(postgres_url: str, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A node on PostgreSQL, for what SQLite does not have."""
    runtime = make_runtime(postgres_url, tmp_path, clock)
    yield runtime
    runtime.database.dispose()
