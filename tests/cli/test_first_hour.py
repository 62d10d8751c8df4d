"""docs/security/incident.md: its commands, in order, on a node."""

import re
from pathlib import Path

import pytest

from tests.cli.support import Cli

PAGE = Path(__file__).parents[2] / "docs" / "security" / "incident.md"
_COMMAND = re.compile(r"^\$ rfl (.+)$", re.MULTILINE)


def test_the_commands_of_the_first_hour_run_in_their_order(
    node: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    said = ("account", "add", "--role", "tracing_officer", "--branch", "north", "--name", "Ana")
    made = node(*said, "--json").document
    commands = _COMMAND.findall(PAGE.read_text("utf-8"))
    assert len(commands) >= 9
    for line in commands:
        words = [made["account"] if word == "ACCOUNT" else word for word in line.split()]
        answer = node(*words)
        assert answer.code == 0, (line, answer.out, answer.err)
    assert node("lockdown", "--show", "--json").document["in_force"] is True
