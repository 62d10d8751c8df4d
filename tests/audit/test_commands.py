"""`rfl audit export` and `rfl audit verify`, as an auditor uses them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rfl.cli import initialise
from rfl.cli.audit import app
from rfl.errors import InvalidInput, MalformedFile
from tests.audit.exported import Log

ASK = CliRunner()


@pytest.fixture
def node(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a node whose settings are in the environment."""
    monkeypatch.setenv("RFL_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("RFL_KEY_FILE", str(tmp_path / "keys" / "master.key"))
    monkeypatch.setenv("RFL_SOCIETY", "north")
    assert ASK.invoke(initialise.app, []).exit_code == 0
    return tmp_path


def run(*words: object) -> Result:
    return ASK.invoke(app, [str(word) for word in words])


def exported(node: Path) -> Path:
    ended = run("export", node / "log", "--json")
    assert ended.exit_code == 0, ended.output
    (node / "checkpoint").write_text(json.loads(ended.stdout)["checkpoint"], "utf-8")
    return node / "log"


def test_an_export_is_verified_without_the_node(
    node: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = exported(node)
    for name in ("RFL_DATA", "RFL_KEY_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    ended = run("verify", file, "--checkpoint", node / "checkpoint", "--json")
    assert ended.exit_code == 0
    told = json.loads(ended.stdout)
    assert told["whole"]
    assert told["origin"] == "rfl/north"
    assert run("verify", file, "--key", told["key"]).exit_code == 0
    assert "itself only" in run("verify", file).stdout


def test_a_tampered_file_ends_with_1_and_names_the_entry(node: Path) -> None:
    file = exported(node)
    log = Log.of(file.read_bytes())
    log.lines[-1] = log.lines[-1].replace(b"log.export", b"case.read")
    file.write_bytes(log.to_bytes())
    ended = run("verify", file)
    assert ended.exit_code == 1
    leaves = json.loads(run("verify", file, "--json").stdout)["leaves"]
    assert f"entry {leaves - 1}: its text is not the one that was logged" in ended.stdout


def test_an_export_never_overwrites_and_is_its_owners_alone(node: Path) -> None:
    file = exported(node)
    assert file.stat().st_mode & 0o077 == 0
    before = file.read_bytes()
    assert isinstance(run("export", file).exception, InvalidInput)
    assert file.read_bytes() == before


def test_a_file_that_is_not_there_or_is_no_log_is_refused(node: Path) -> None:
    (node / "other").write_text("something else\n")
    assert isinstance(run("verify", node / "nothing").exception, InvalidInput)
    assert isinstance(run("verify", node / "other").exception, MalformedFile)
    file = exported(node)
    wrong = run("verify", file, "--checkpoint", node / "other")
    assert isinstance(wrong.exception, MalformedFile)


def test_an_export_that_fails_leaves_no_file(node: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_words: object) -> None:
        raise MalformedFile

    monkeypatch.setattr("rfl.cli.audit.export_log", fail)
    assert isinstance(run("export", node / "log").exception, MalformedFile)
    assert not (node / "log").exists()
