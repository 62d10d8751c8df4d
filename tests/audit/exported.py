"""An exported log that tests tamper with, and the second verifier beside the first."""

import base64
import hashlib
import importlib.util
import io
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from rfl.audit import notes
from rfl.audit.verify import verify
from rfl.domain.purpose import Purpose
from rfl.errors import MalformedFile
from rfl.flows.export_log import export_log
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from tests.audit.logs import add_entries

AUDIT_CALL = Call(OFFICE_CALL.actor, Purpose.AUDIT)
SECOND = Path(__file__).parents[2] / "docs" / "verify_log.py"

Found = tuple[int, str] | str | None
"""The first bad leaf and the fault, None if it is whole, or that it is no log at all."""

NO_LOG = "no log"


def export_of(rt: Runtime) -> bytes:
    """The log as a file."""
    sink = io.BytesIO()
    export_log(rt, AUDIT_CALL, sink)
    return sink.getvalue()


def make_export(rt: Runtime, first: int = 30, then: int = 300) -> bytes:
    """A log with a checkpoint at 1,024 that peers were given, and one at its end."""
    add_entries(rt, first)
    sequence_waiting(rt)
    sign_checkpoint(rt, padded=True)
    add_entries(rt, then - 1)
    return export_of(rt)


@dataclass
class Log:
    """An exported log, line by line."""

    lines: list[bytes]

    @classmethod
    def of(cls, content: bytes) -> "Log":
        """The lines without the last, which seals them."""
        *lines, last = content.removesuffix(b"\n").split(b"\n")
        assert last.startswith(b"end ")
        return cls(lines)

    def to_bytes(self) -> bytes:
        """The file, sealed anew: whoever tampers can do so."""
        return sealed(b"\n".join(self.lines) + b"\n")

    def place(self, leaf: int) -> int:
        """The line of a leaf's content."""
        return self.block(leaf) + 1 + leaf % 256

    def block(self, leaf: int) -> int:
        """The line that lists a leaf's hash."""
        begin = b"leaves %d " % (leaf // 256 * 256)
        return next(number for number, line in enumerate(self.lines) if line.startswith(begin))

    def list_hash(self, leaf: int, content: bytes) -> None:
        """List the hash of another content for a leaf."""
        word, begin, count, encoded = self.lines[self.block(leaf)].split()
        hashes = bytearray(base64.b64decode(encoded))
        start = leaf % 256 * 32
        hashes[start : start + 32] = hashlib.sha256(b"\x00" + content).digest()
        self.lines[self.block(leaf)] = b" ".join((word, begin, count, base64.b64encode(hashes)))


def sealed(content: bytes) -> bytes:
    """The content with its last line."""
    return content + b"end " + hashlib.sha256(content).hexdigest().encode() + b"\n"


def both(
    content: bytes,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    given: Sequence[bytes] = (),
    key: str | None = None,
) -> Found:
    """What both verifiers find, who must agree."""
    found = _first(content, given, key)
    assert found == _second(content, folder, monkeypatch, given, key)
    return found


def _first(content: bytes, given: Sequence[bytes], key: str | None) -> Found:
    known = [notes.parse_note(raw) for raw in given]
    wanted = [notes.parse_key(key)] if key else []
    try:
        finding = verify(io.BytesIO(content), given=known, keys=wanted).finding
    except MalformedFile:
        return NO_LOG
    return None if finding is None else (finding.first, finding.fault.value)


def _second(
    content: bytes,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: Sequence[bytes],
    key: str | None,
) -> Found:
    file = folder / "second.rfllog"
    file.write_bytes(content)
    arguments = [str(file)]
    for number, raw in enumerate(given):
        (folder / f"given{number}").write_bytes(raw)
        arguments += ["--checkpoint", str(folder / f"given{number}")]
    arguments += ["--key", key] if key else []
    out = io.StringIO()
    monkeypatch.setattr(sys, "argv", ["verify_log.py", *arguments])
    monkeypatch.setattr(sys, "stdout", out)
    code = _second_main()()
    monkeypatch.undo()
    said = re.fullmatch(r"not whole: leaf (\d+): ([a-z-]+)\n", out.getvalue())
    if code == 2:
        return NO_LOG
    assert code == (1 if said else 0), out.getvalue()
    return (int(said[1]), said[2]) if said else None


def _second_main() -> Callable[[], int]:
    spec = importlib.util.spec_from_file_location("verify_log", SECOND)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    main: Callable[[], int] = module.main
    return main
