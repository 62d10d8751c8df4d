"""Fixtures: a node on SQLite and on PostgreSQL, with a clock that tests set."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from hypothesis import settings

from rfl.flows.runtime import Runtime
from rfl.signin import password
from rfl.storage import migrate, roles
from rfl.storage.database import Database
from tests.postgres import APP, TEMPLATE, Databases, Server
from tests.support import Clock, make_runtime

# How long an example takes says something about the machine, not about the code.
settings.register_profile("rfl", deadline=None)
settings.load_profile("rfl")

# Whole programs at work: begun last, one of them would keep a single processor busy at the end.
LONG = (
    "tests/cli/test_conformance.py",
    "tests/soak/test_soak.py",
    "tests/cli/test_demo.py",
    "tests/audit/test_completeness.py",
    "tests/audit/test_auditors_guide.py",
    "tests/exchange/test_twins_across.py",
    "tests/test_canary.py",
)


def pytest_configure() -> None:
    """Let what tests start be interrupted, even where a shell has told them to ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests that take long."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session", autouse=True)
def _quick_passwords() -> Iterator[None]:
    """Passwords are hashed with little work: each try would take a tenth of a second."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password, "_HASHER", PasswordHasher(1, 64, 1))
        yield


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
    return Databases(postgres, TEMPLATE)


@pytest.fixture(scope="session")
def granted(postgres: Server) -> Databases:
    """Databases that have the roles of `rfl db grant`, from a template of their own."""
    name = "granted"
    postgres.execute(
        "postgres",
        f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} OWNER {APP}",
        f"ALTER ROLE {APP} CREATEROLE",
    )
    owned = Database(postgres.url(name, APP))
    names = roles.names_of("rfl")
    with owned.write() as connection:
        roles.grant(connection, names)
    owned.dispose()
    postgres.execute(
        "postgres", f"ALTER ROLE {APP} NOCREATEROLE", "GRANT pg_checkpoint TO rfl_node"
    )
    postgres.execute(name, "GRANT EXECUTE ON FUNCTION pg_switch_wal() TO rfl_node")
    return Databases(postgres, name)


@pytest.fixture
def roles_of(postgres: Server, granted: Databases) -> Iterator[Callable[[str], str]]:
    """Addresses of one empty database, by role: its owner's and those of `rfl db grant`."""
    name = granted.take()
    yield lambda role: postgres.url(name, role)
    granted.give_back(name)


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


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def served_rt(request: pytest.FixtureRequest, tmp_path: Path, clock: Clock) -> Iterator[Runtime]:
    """A node as it serves: on PostgreSQL under the role that may do least."""
    if request.param == "sqlite":
        url = str(request.getfixturevalue("sqlite_url"))
    else:
        url = request.getfixturevalue("roles_of")("rfl_node")
    runtime = make_runtime(url, tmp_path, clock)
    yield runtime
    runtime.database.dispose()


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
