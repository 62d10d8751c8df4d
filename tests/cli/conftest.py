"""Fixtures: the command line with a node that is not made yet, and with one that is."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.support import Cli


@pytest.fixture
def cli(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Cli]:
    """A command line whose node is not made yet."""
    for name in [name for name in os.environ if name.startswith("RFL_")]:
        monkeypatch.delenv(name)
    settings = {
        "RFL_DATA": str(tmp_path / "data"),
        "RFL_KEY_FILE": str(tmp_path / "keys" / "master.key"),
        "RFL_SOCIETY": "north",
    }
    cli = Cli(settings, monkeypatch, capsys)
    yield cli
    for process in cli.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def node(cli: Cli) -> Cli:
    """The command line of a node that was made."""
    assert cli("init").code == 0
    return cli
