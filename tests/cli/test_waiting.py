"""What serves waits for a database that is not up yet, for a while, and says so in its log."""

import json
import subprocess
from collections.abc import Callable, Iterator
from uuid import uuid4

import httpx2
import pytest

from rfl import waiting, wiring
from rfl.errors import StorageFailed
from tests.cli.support import Cli
from tests.postgres import APP, Server

pytestmark = pytest.mark.postgres
AWAY = "the database is away, will try again"


@pytest.fixture
def node(cli: Cli, postgres: Server) -> Iterator[Cli]:
    """The command line of a node whose PostgreSQL is down at the moment."""
    name = f"waited{uuid4().hex[:8]}"
    postgres.execute("postgres", f"CREATE DATABASE {name} OWNER {APP}")
    cli.settings["RFL_DATABASE"] = postgres.url(name, APP)
    assert cli.ended(cli.start("init")).code == 0
    postgres.stop("fast")
    yield cli
    postgres.execute("postgres", f"DROP DATABASE {name} WITH (FORCE)")


def test_what_serves_waits_for_its_database_and_commands_do_not(
    node: Cli, postgres: Server
) -> None:
    try:
        serving, ending = (node.start("serve", "--port", "0") for _process in range(2))
        typed = node("peer", "list")
        assert (typed.code, typed.out) == (2, "")
        assert typed.err.startswith("rfl: storage-failed: ")
        assert _event(serving) == _event(ending) == AWAY
        assert node.end(ending).code == 0, "who is told to end while it waits ends"
        for seconds, rest in ((0, _never), (60, lambda _seconds: True)):
            with pytest.raises(StorageFailed):
                _serving(node, rest, database_wait_seconds=seconds)
    finally:
        postgres.start()
    assert serving.stdout is not None
    address = serving.stdout.readline().split()[-1]
    assert httpx2.get(f"{address}/health/live").status_code == 200
    assert node.end(serving).code == 0
    rested: list[float] = []
    with pytest.raises(StorageFailed):
        _serving(node, rested.append, database=postgres.url("no_such_database", APP))
    assert len(rested) == 1, "a server that answers and refuses is tried once more, and no longer"


def _serving(node: Cli, rest: Callable[[float], object], **changed: object) -> None:
    settings = {name.removeprefix("RFL_").lower(): one for name, one in node.settings.items()}
    waiting.serving(wiring.settings(**settings | changed), rest)


def _never(_seconds: float) -> None:
    raise AssertionError("there was no time to rest")


def _event(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return str(json.loads(process.stderr.readline())["event"])
