"""The command line in this process and as processes of its own, and the tree of its commands."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from rfl.cli import main

SOURCE = Path(main.__file__).parents[2]
ANSWERS_WITHIN = 30.0


@dataclass
class Answer:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        assert self.code == 0, self.err
        document: dict[str, Any] = json.loads(self.out)
        return document


@dataclass
class Cli:
    """`rfl` with the settings of one node."""

    settings: dict[str, str]
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    started: list[subprocess.Popen[str]] = field(default_factory=list)

    def __call__(self, *arguments: object) -> Answer:
        """Run a command in this process, through the same `main` as the program."""
        for name, value in self.settings.items():
            self.monkeypatch.setenv(name, value)
        self.monkeypatch.setattr(sys, "excepthook", sys.excepthook)
        self.monkeypatch.setattr(sys, "argv", ["rfl", *map(str, arguments)])
        self.monkeypatch.setattr(logging.getLogger(), "handlers", [])
        self.capsys.readouterr()
        code = 0
        try:
            main.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        out, err = self.capsys.readouterr()
        return Answer(code, out, err)

    def start(self, *arguments: object, cwd: Path | None = None) -> subprocess.Popen[str]:
        """Start a command as a process of its own, with this node's settings alone."""
        process = subprocess.Popen(
            [sys.executable, "-m", "rfl.cli.main", *map(str, arguments)],
            env={"PYTHONPATH": str(SOURCE), "PATH": os.defpath, **self.settings},
            cwd=cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def end(self, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> Answer:
        """Send a signal and return how the process ended."""
        process.send_signal(number)
        return self.ended(process)

    def ended(self, process: subprocess.Popen[str]) -> Answer:
        """Wait until the process ends by itself."""
        out, err = process.communicate(timeout=ANSWERS_WITHIN)
        return Answer(process.returncode, out, err)


def commands() -> Iterator[tuple[str, TyperCommand]]:
    """Yield every command with its words: `keys rotate`."""
    yield from _commands(get_command(main.app), ())


def _commands(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, TyperCommand]]:
    if isinstance(command, TyperGroup):
        for name, below in command.commands.items():
            yield from _commands(below, (*words, name))
    else:
        yield " ".join(words), command
