"""What the command line says when something goes wrong: one line, and never a value."""

import signal
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from rfl.flows.take_list import BATCH
from tests.cli.support import Cli, commands


def test_an_unforeseen_failure_is_one_line_without_its_text(
    cli: Cli, capsys: pytest.CaptureFixture[str]
) -> None:
    cli("version")
    try:
        raise KeyError("Zahra Hosseini")
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)
    said = capsys.readouterr().err
    assert said.startswith("rfl: internal: KeyError in test_an_unforeseen")
    assert "Zahra" not in said
    assert len(said.splitlines()) == 1


def test_an_unforeseen_failure_of_the_program_shows_no_traceback(node: Cli, tmp_path: Path) -> None:
    keyring = Path(node.settings["RFL_DATA"]) / "keyring.json"
    keyring.unlink()
    keyring.mkdir()
    ended = node.ended(node.start("keys", "list"))
    assert ended.code != 0
    assert "Traceback" not in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_wrong_setting_is_named_and_its_value_is_not(cli: Cli) -> None:
    cli.settings["RFL_ZONE"] = "Zahra/Hosseini"
    refused = cli("init")
    assert refused.code == 2
    assert refused.err.startswith("rfl: misconfigured: RFL_ZONE: ")
    assert "Zahra" not in refused.err


def test_a_wrong_database_address_is_named_and_its_password_is_not(cli: Cli) -> None:
    cli.settings["RFL_DATABASE"] = "mysql://rfl:hunter2@db/rfl"
    refused = cli("init")
    assert refused.code == 2
    assert refused.err.startswith("rfl: misconfigured: RFL_DATABASE")
    assert "hunter2" not in refused.err


@pytest.mark.slow
def test_control_c_ends_an_import_at_a_whole_batch_and_it_can_be_completed(
    node: Cli, tmp_path: Path
) -> None:
    path = tmp_path / "long.csv"
    count = 12 * BATCH
    rows = "".join(f"R-{number},Person {number}\n" for number in range(count))
    path.write_text("ref,full name\n" + rows, encoding="utf-8")
    process = node.start("import", path, "--json")
    _wait_for_first_batch(node)
    ended = node.end(process, signal.SIGINT)
    assert (ended.code, ended.out) == (130, "")
    assert "Traceback" not in ended.err
    report = node("import", path, "--json").document
    assert report["unchanged"] % BATCH == 0
    assert 0 < report["unchanged"] < count
    assert report["added"] == count - report["unchanged"]


def test_every_command_has_help_that_teaches_with_examples() -> None:
    for words, command in commands():
        assert command.help, words
        assert f"rfl {words}" in (command.epilog or f"rfl {words}"), words
        assert command.epilog or words in {"openapi", "version"}


def _wait_for_first_batch(node: Cli) -> None:
    file = Path(node.settings["RFL_DATA"]) / "rfl.db"
    deadline = time.monotonic() + 20
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        while time.monotonic() < deadline:
            if database.execute("SELECT count(*) FROM registrations").fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("nothing was imported")
