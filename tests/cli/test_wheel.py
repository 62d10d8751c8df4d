"""The wheel is enough: it makes and serves a node outside the repository."""

import subprocess
import sys
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.cli.support import SOURCE, Cli

ROOT = SOURCE.parent


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content, unpacked as pip does it, where no repository is above it."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    [wheel] = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as content:
        content.extractall(folder / "installed")
    return folder / "installed"


def test_a_node_is_made_and_served_from_the_wheel_alone(
    cli: Cli, installed: Path, tmp_path: Path
) -> None:
    cli.settings["PYTHONPATH"] = str(installed)
    made = cli.ended(cli.start("init", "--json", cwd=tmp_path))
    assert len(made.document["accounts"]) == 1
    assert cli.ended(cli.start("db", "current", "--json", cwd=tmp_path)).code == 0
    process = cli.start("serve", "--port", "0", cwd=tmp_path)
    assert process.stdout is not None
    address = process.stdout.readline().rsplit(" ", 1)[1].strip()
    with urllib.request.urlopen(f"{address}/health/live", timeout=10) as answer:  # noqa: S310
        assert answer.status == 200
    assert cli.end(process).code == 0
