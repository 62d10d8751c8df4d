"""Whatever is changed in an exported log, both verifiers find it and say the same of it."""

import base64
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rfl.audit import notes
from rfl.flows.export_log import Part
from rfl.flows.rotate_keys import rotate_log_key
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sign_checkpoint
from tests.audit import exported, test_parts
from tests.audit.exported import Found, Log, export_of, sealed
from tests.audit.logs import add_entries
from tests.support import Clock

FUZZ = settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass
class File:
    """An exported log, or a part of one, that is tampered with."""

    content: bytes
    folder: Path
    is_part: bool = False

    def found(self, content: bytes) -> Found:
        """What both verifiers say, who must agree."""
        both = test_parts.both if self.is_part else exported.both
        with pytest.MonkeyPatch.context() as patch:
            return both(content, self.folder, patch)

    @property
    def body(self) -> bytes:
        """All but the last line."""
        return self.content[: self.content.rindex(b"end ")]


def witnessed_file(rt: Runtime, clock: Clock) -> bytes:
    """Twelve entries under one checkpoint that a witness has cosigned."""
    add_entries(rt, 11)
    log = Log.of(export_of(rt))
    secret = Ed25519PrivateKey.generate()
    public = secret.public_key().public_bytes_raw()
    witness = notes.VerifierKey("rfl/south", notes.Kind.COSIGNATURE, public)
    note = notes.parse_note(base64.b64decode(log.lines[3].split()[1]))
    note = note.with_signature(notes.cosignature(note, witness, clock(), secret.sign))
    log.lines[3] = b"checkpoint " + base64.b64encode(note.to_bytes())
    log.lines.insert(3, f"witness {witness.to_text()}".encode())
    return log.to_bytes()


@pytest.fixture
def file(sqlite_rt: Runtime, clock: Clock, tmp_path: Path) -> File:
    made = File(witnessed_file(sqlite_rt, clock), tmp_path)
    assert made.found(made.content) is None
    return made


@pytest.fixture
def part(sqlite_rt: Runtime, tmp_path: Path) -> File:
    """Four entries with their proofs, and the checkpoint that announced the key that signs."""
    add_entries(sqlite_rt, 3)
    sign_checkpoint(sqlite_rt)
    rotate_log_key(sqlite_rt, OFFICE_CALL)
    made = File(test_parts.part_of(sqlite_rt, Part(0, 4)), tmp_path, is_part=True)
    assert made.found(made.content) is None
    return made


def changed(data: st.DataObject, content: bytes) -> bytes:
    """The content with one byte changed, taken out, or put in."""
    place = data.draw(st.integers(0, len(content) - 1), "place")
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != content[place]), "byte")
    how = data.draw(st.sampled_from(["changed", "changed", "removed", "added"]), "how")
    before, after = content[:place], content[place + 1 :]
    if how == "changed":
        return before + bytes([byte]) + after
    return before + after if how == "removed" else before + bytes([byte]) + content[place:]


@FUZZ
@given(st.data())
def test_any_byte_that_is_changed_is_found_by_both(file: File, data: st.DataObject) -> None:
    assert file.found(changed(data, file.content)) is not None


@FUZZ
@given(st.data())
def test_any_byte_of_a_part_that_is_changed_is_found_by_both(
    part: File, data: st.DataObject
) -> None:
    assert part.found(changed(data, part.content)) is not None


@FUZZ
@given(st.data())
def test_whoever_changes_a_byte_and_seals_the_file_anew_changes_no_entry_unseen(
    file: File, data: st.DataObject
) -> None:
    begin = file.body.index(b"\nleaves ") + 1
    body = file.body[:begin] + changed(data, file.body[begin:])
    if file.found(sealed(body)) is None:  # A list may say the same in other words.
        assert entries_of(body) == entries_of(file.body)


def entries_of(body: bytes) -> list[bytes]:
    """The lines that are entries."""
    lines = body.split(b"\n")
    return [line for line in lines if line.startswith(b'{"v":1')]
