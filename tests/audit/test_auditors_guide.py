"""docs/auditors.md does what it says, with the demonstration's log and nine tampered copies."""

import base64
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from rfl.audit import merkle, notes
from rfl.audit.verdict import Fault
from rfl.cli.audit import app
from tests.audit.exported import Found, Log, both

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "auditors.md").read_text("utf-8")
FALSE = b'{"v":1,"id":"ent_false"}'
LEAF = 17


def run(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    settings = {"PATH": os.defpath, "PYTHONPATH": str(ROOT / "src"), "TMPDIR": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=settings, capture_output=True, text=True, check=False, timeout=120
    )


def words_of(command: str) -> list[str]:
    """A command of the guide as this machine runs it."""
    words = shlex.split(command)
    if words[0] == "rfl":
        return [sys.executable, "-m", "rfl.cli.main", *words[1:]]
    return [sys.executable, str(ROOT / words[1]), *words[2:]]


def made_by_the_guide(folder: Path) -> bytes:
    """The log that the guide's commands make and verify; each of them must end well."""
    blocks = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    commands = [line for block in blocks for line in block.splitlines()]
    assert len(commands) == 3
    for command in commands:
        ended = run(words_of(command), folder)
        assert ended.returncode == 0, ended.stdout + ended.stderr
    return (folder / "demo.rfllog").read_bytes()


def change(log: Log) -> None:
    log.lines[log.place(LEAF)] = log.lines[log.place(LEAF)].replace(b'"actor":"', b'"actor":"x')


def delete(log: Log) -> None:
    del log.lines[log.place(LEAF)]


def blank(log: Log) -> None:
    log.lines[log.place(LEAF)] = b"-"


def insert(log: Log) -> None:
    log.lines.insert(log.place(LEAF), FALSE)


def swap(log: Log) -> None:
    one, two = log.place(LEAF), log.place(LEAF + 3)
    log.lines[one], log.lines[two] = log.lines[two], log.lines[one]


def cut(log: Log) -> None:
    del log.lines[log.place(LEAF) :]


def change_with_its_hash(log: Log) -> None:
    change(log)
    log.list_hash(LEAF, log.lines[log.place(LEAF)])


def change_the_checkpoint(log: Log) -> None:
    place = next(n for n, line in enumerate(log.lines) if line.startswith(b"checkpoint "))
    note = notes.parse_note(base64.b64decode(log.lines[place].split()[1]))
    size = notes.parse_checkpoint(note.text).size
    changed = note.to_bytes().replace(b"\n%d\n" % size, b"\n%d\n" % (size + 1))
    log.lines[place] = b"checkpoint " + base64.b64encode(changed)


# The ninth copy is not in the file: it is what the auditor holds from elsewhere.
COPIES: list[tuple[Callable[[Log], None], int, str]] = [
    (change, LEAF, "changed"),
    (delete, LEAF, "missing"),
    (blank, LEAF, "missing"),
    (insert, LEAF, "inserted"),
    (swap, LEAF, "reordered"),
    (cut, LEAF, "truncated"),
    (change_with_its_hash, 0, "contradicted"),
    (change_the_checkpoint, 0, "unsigned"),
]


@pytest.mark.slow
def test_nine_tampered_copies_of_the_demonstrations_log_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = made_by_the_guide(tmp_path)
    for number, (tamper, leaf, fault) in enumerate(COPIES, 1):
        log = Log.of(content)
        tamper(log)
        assert said(number) == fault
        assert named(log.to_bytes(), tmp_path, monkeypatch) == (leaf, fault)
    shown, seen = forked(content)
    assert said(9) == "forked"
    assert named(shown, tmp_path, monkeypatch) is None, "without the checkpoint nobody can tell"
    assert named(shown, tmp_path, monkeypatch, seen) == (0, "forked")


def named(content: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch, *given: bytes) -> Found:
    """What `rfl audit verify` names; the second verifier must name the same."""
    words = ["verify", "copy.rfllog", "--json"]
    (folder / "copy.rfllog").write_bytes(content)
    for number, checkpoint in enumerate(given):
        (folder / f"seen{number}.txt").write_bytes(checkpoint)
        words += ["--checkpoint", f"seen{number}.txt"]
    monkeypatch.chdir(folder)
    ended = CliRunner().invoke(app, words)
    fault = json.loads(ended.stdout)["fault"]
    found = fault and (fault["first"], fault["kind"])
    assert ended.exit_code == (1 if found else 0)
    assert found == both(content, folder, monkeypatch, given=given)
    return found


def forked(content: bytes) -> tuple[bytes, bytes]:
    """The log under a key of the test, and another checkpoint of its size under that key."""
    log = Log.of(content)
    secret = Ed25519PrivateKey.generate()
    key = notes.VerifierKey("rfl/demo", notes.Kind.NOTE, secret.public_key().public_bytes_raw())
    place = next(n for n, line in enumerate(log.lines) if line.startswith(b"checkpoint "))
    note = notes.parse_note(base64.b64decode(log.lines[place].split()[1]))
    said = notes.parse_checkpoint(note.text)
    other = replace(said, root=merkle.leaf_hash(said.root)).to_text()
    log.lines[2] = b"key " + key.to_text().encode()
    mine = notes.signed(note.text, key, secret.sign)
    log.lines[place] = b"checkpoint " + base64.b64encode(mine.to_bytes())
    return log.to_bytes(), notes.signed(other, key, secret.sign).to_bytes()


def said(number: int) -> str:
    """What the guide's table says of a copy."""
    row = re.search(rf"^\| {number} \| .* \| `([a-z-]+)`", GUIDE, re.MULTILINE)
    assert row is not None
    return row[1]


def test_every_finding_is_explained_and_no_other() -> None:
    table = GUIDE.partition("## What a finding means")[2].partition("\n## ")[0]
    explained = re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE)
    assert sorted(explained) == sorted(fault.value for fault in Fault)
