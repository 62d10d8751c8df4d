"""`rfl conformance` against our own node: a process with a socket, killed on the way."""

import json
import os
import shlex
import signal
import sys
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from rfl.conformance.case import GROUPS
from tests.cli.support import Cli
from tests.cli.test_exchange import Node, make_node
from tests.postgres import APP

ROOT = Path(__file__).parents[2]
SKIPPED = {"a suite below the minimum"}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def node(request: pytest.FixtureRequest, cli: Cli, tmp_path: Path) -> Iterator[Node]:
    """A node in exercise mode on either database; it trusts nobody yet."""
    name = f"c{uuid.uuid4().hex}"
    if request.param == "postgres":
        server = request.getfixturevalue("postgres")
        server.execute("postgres", f"CREATE DATABASE {name} OWNER {APP}")
        cli.settings["RFL_DATABASE"] = server.url(name, APP)
    made = make_node("belgrade", tmp_path, cli)
    made.start()
    yield made
    if request.param == "postgres":
        server.execute("postgres", f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def pid_file(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where the crash command finds whom to kill, and leaves whom it has started."""
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{ROOT / 'src'}")
    file = tmp_path / "pid"
    file.write_text(str(node.running[-1].pid))
    yield file
    with suppress(ProcessLookupError):
        os.kill(int(file.read_text()), signal.SIGKILL)


def trusts_nobody_yet(node: Node, words: list[object]) -> list[dict[str, str]]:
    """Make the societies that are played, of whom the node has not heard; return them."""
    played = words[-1]
    made: list[dict[str, str]] = node.say("conformance-peer", played, "--json").document[
        "societies"
    ]
    assert node.cli("conformance-peer", played).code == 2
    answer = node.cli(*words, "--only", "C3")
    assert answer.code == 1
    assert "does the node trust the society that is played" in answer.out
    assert node.cli(*words[:-1], f"{played}-of-nobody").code == 2
    assert node.cli(*words, "--only", "C99").code == 2
    return list(made)


def befriend(node: Node, made: list[dict[str, str]]) -> None:
    """What docs/partners.md asks of whoever runs the node under test."""
    for one in made:
        node.say("peer", "add", one["descriptor"])
        node.say("peer", "trust", one["society"], one["fingerprint"])
    node.say("peer", "suspend", made[1]["society"])


@pytest.mark.slow
def test_our_own_node_keeps_every_rule_on_either_database(
    node: Node, pid_file: Path, tmp_path: Path
) -> None:
    words = ["conformance", f"http://127.0.0.1:{node.port}", "--identity", tmp_path / "played"]
    befriend(node, trusts_nobody_yet(node, words))
    crash = shlex.join([sys.executable, "-m", "tests.cli.crash", str(pid_file), str(node.port)])
    answer = node.cli(*words, "--crash-command", crash, "--json")
    found = json.loads(answer.out)
    assert found["passed"], [one for one in found["cases"] if one["outcome"] == "failed"]
    assert {one["rule"] for one in found["cases"] if one["outcome"] == "skipped"} == SKIPPED
    assert [one["group"] for one in found["groups"]] == list(GROUPS)
    assert all(one["passed"] for one in found["groups"])
    again = node.cli(*words, "--only", "c12")
    assert again.code == 0
    assert "idempotency" in again.out
