"""The log has another key: verifiers and witnesses follow what the old one signed, nothing else."""

import base64
import io
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rfl.audit import checkpoint, host, keychain, notes, witness
from rfl.audit.notes import Kind, VerifierKey
from rfl.audit.verify import verify
from rfl.audit.witness import Agreement
from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.errors import Forbidden
from rfl.flows import appoint
from rfl.flows.cosign import cosign, show_checkpoint
from rfl.flows.export_log import Part
from rfl.flows.rotate_keys import rotate_log_key
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import log_key, sequence_waiting, sign_checkpoint
from rfl.flows.witness_log import offer_to_all
from tests.api.support import entries
from tests.audit import test_parts
from tests.audit.exported import Log, both, export_of
from tests.audit.logs import add_entries, check_whole
from tests.audit.societies import (
    Wire,
    answered,
    befriend,
    evidence_of,
    grow,
    make_society,
    offered,
    open_alarms,
    refusal_of,
    size_of,
    witnessed,
)
from tests.support import Clock, make_call

ROOT = Path(__file__).parents[2]


def make_rotated(rt: Runtime) -> tuple[str, bytes, bytes]:
    """A log of two keys: the old key, a checkpoint of it, and the export."""
    grow(rt, 5)
    old, seen = log_key(rt).to_text(), sign_checkpoint(rt).to_bytes()
    rotate_log_key(rt, OFFICE_CALL)
    add_entries(rt, 5)
    return old, seen, export_of(rt)


def test_old_and_new_checkpoints_verify_by_the_old_key_and_by_the_new(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, seen, content = make_rotated(rt)
    new, later = log_key(rt).to_text(), sign_checkpoint(rt).to_bytes()
    assert old != new
    for key in (old, new):
        assert both(content, tmp_path, monkeypatch, given=[seen, later], key=key) is None
    verdict = verify(io.BytesIO(content))
    assert (verdict.key, verdict.earlier_keys) == (new, (old,))
    sequence_waiting(rt)
    check_whole(rt)
    reasons = [one["reason"] for one in entries(rt, "keys.rotate")]
    assert reasons == ["log_key"]


def test_the_announcement_is_signed_by_both_keys(rt: Runtime) -> None:
    grow(rt)
    old = log_key(rt)
    note = rotate_log_key(rt, OFFICE_CALL)
    said = notes.parse_checkpoint(note.text)
    assert keychain.announced(said) == log_key(rt)
    assert notes.signed_by(note, old)
    assert notes.signed_by(note, log_key(rt))
    assert said.size % 1024 == 0, "its size tells peers nothing"


def test_keys_that_follow_one_another_are_all_followed(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, seen, _content = make_rotated(rt)
    for _ in range(2):
        rotate_log_key(rt, OFFICE_CALL)
    content = export_of(rt)
    assert both(content, tmp_path, monkeypatch, given=[seen], key=old) is None
    assert len(verify(io.BytesIO(content)).earlier_keys) == 3


def test_a_part_is_checked_by_whoever_knows_the_old_key(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, seen, _content = make_rotated(rt)
    content = test_parts.part_of(rt, Part(0, 6))
    assert test_parts.both(content, tmp_path, monkeypatch, given=[seen], key=old) is None
    silent = b"".join(
        line for line in content.splitlines(keepends=True) if not line.startswith(b"checkpoint ")
    )
    assert test_parts.both(silent, tmp_path, monkeypatch, key=old) == (0, "unannounced")


def head_line(log: Log, place: int, note: notes.Note) -> None:
    log.lines[place] = b"checkpoint " + base64.b64encode(note.to_bytes())


def checkpoints_of(log: Log) -> list[tuple[int, notes.Note]]:
    return [
        (number, notes.parse_note(base64.b64decode(line.split()[1])))
        for number, line in enumerate(log.lines)
        if line.startswith(b"checkpoint ")
    ]


def thief() -> tuple[VerifierKey, Ed25519PrivateKey]:
    secret = Ed25519PrivateKey.generate()
    return VerifierKey("rfl/north", Kind.NOTE, secret.public_key().public_bytes_raw()), secret


@pytest.mark.parametrize("announces", [False, True])
def test_a_key_that_the_old_one_did_not_announce_is_named(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, announces: bool
) -> None:
    """Who takes the node signs on with a key of their own, and may even announce it themselves."""
    grow(rt, 5)
    add_entries(rt, 5)
    log, (key, secret) = Log.of(export_of(rt)), thief()
    place, last = checkpoints_of(log)[-1]
    said = notes.parse_checkpoint(last.text)
    if announces:
        said = keychain.announcement(said, key)
    head_line(log, place, notes.signed(said.to_text(), key, secret.sign))
    log.lines.insert(3, b"key " + key.to_text().encode())
    assert both(log.to_bytes(), tmp_path, monkeypatch) == (1024, "unannounced")
    without = Log.of(log.to_bytes())
    del without.lines[3]
    assert both(without.to_bytes(), tmp_path, monkeypatch) == (1024, "unsigned")


def test_what_the_old_key_signs_after_the_rotation_is_not_believed(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stolen old key makes no checkpoint that anybody takes who has seen the announcement."""
    _old, _seen, content = make_rotated(rt)
    with rt.look(OFFICE_CALL, "log.sequence") as work:  # type: ignore[arg-type]
        keys = checkpoint.own_keys(work, "north")
    size = verify(io.BytesIO(content)).size
    text = notes.Checkpoint("rfl/north", size, bytes(32)).to_text()
    false = notes.signed(text, keys[0], lambda raw: rt.agent.sign("log", raw, 1))
    found = both(content, tmp_path, monkeypatch, given=[false.to_bytes()])
    assert found == (0, "other-log")
    log = Log.of(content)
    place, _note = checkpoints_of(log)[-1]
    head_line(log, place, false)
    assert both(log.to_bytes(), tmp_path, monkeypatch) == (2048, "unsigned")


def test_an_announcement_that_was_taken_out_leaves_the_new_key_unannounced(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _old, _seen, content = make_rotated(rt)
    log = Log.of(content)
    del log.lines[checkpoints_of(log)[1][0]]
    assert both(log.to_bytes(), tmp_path, monkeypatch) == (1024, "unannounced")


def test_the_log_host_and_the_log_go_on_over_a_rotation(rt: Runtime, tmp_path: Path) -> None:
    folder = tmp_path / "host"
    folder.mkdir()
    rt.rules = replace(rt.rules, log_host=folder)
    grow(rt)
    note = rotate_log_key(rt, OFFICE_CALL)
    assert host.newest(folder) == note
    grow(rt)
    newest = host.newest(folder)
    assert newest is not None
    assert notes.signed_by(newest, log_key(rt))
    assert open_alarms(rt) == []


def test_another_role_cannot_rotate_and_nothing_is_announced(rt: Runtime) -> None:
    grow(rt)
    old = log_key(rt)
    with pytest.raises(Forbidden):
        rotate_log_key(rt, make_call(Role.ADMINISTRATOR, Purpose.ADMINISTRATION))
    assert log_key(rt) == old


def test_a_rotation_killed_before_its_commit_signs_on_with_the_old_key_and_is_finished(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grow(rt)
    old = log_key(rt)
    url = rt.database.url.render_as_string(hide_password=False)
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    script = str(Path(__file__).with_name("dying.py"))
    ended = subprocess.run(
        [sys.executable, script, url, str(tmp_path), "rotate", "north"],
        env={**os.environ, "PYTHONPATH": paths},
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL
    assert notes.signed_by(sign_checkpoint(rt), old)
    grow(rt)
    assert log_key(rt) == old
    rotate_log_key(rt, OFFICE_CALL)
    assert log_key(rt) == checkpoint.log_key(rt.agent, "north", 2), "no third key was made"
    assert both(export_of(rt), tmp_path, monkeypatch, key=old.to_text()) is None


@pytest.fixture
def south(rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock) -> Runtime:
    """A witness of north."""
    made = make_society("south", sqlite_template, tmp_path, clock)
    befriend(rt, made)
    return made


def test_a_witness_follows_to_the_new_key(rt: Runtime, south: Runtime) -> None:
    grow(rt)
    witnessed(rt, south)
    rotate_log_key(rt, OFFICE_CALL)
    grow(rt)
    assert offer_to_all(rt, Wire({"south": south})) == 1
    assert size_of(rt, south) == 3072
    [watched] = appoint.view_watch(south, OFFICE_CALL).watched
    assert watched.key == log_key(rt).to_text()
    assert open_alarms(rt) == open_alarms(south) == evidence_of(south) == []
    reasons = [one["reason"] for one in entries(south, "log.witness")]
    assert reasons == ["cosigned", "cosigned_new_key", "cosigned"]


def test_a_witness_that_was_down_for_two_rotations_follows_them_both(
    rt: Runtime, south: Runtime
) -> None:
    grow(rt)
    witnessed(rt, south)
    for _ in range(2):
        rotate_log_key(rt, OFFICE_CALL)
    assert offer_to_all(rt, Wire({"south": south})) == 1
    grow(rt)
    assert offer_to_all(rt, Wire({"south": south})) == 1
    assert size_of(rt, south) == 4096
    assert open_alarms(rt) == open_alarms(south) == []


def test_a_witness_that_was_appointed_with_the_new_key_is_not_offered_the_old(
    rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    grow(rt)
    rotate_log_key(rt, OFFICE_CALL)
    clock.move(minutes=1)
    west = make_society("west", sqlite_template, tmp_path, clock)
    befriend(rt, west)
    grow(rt)
    assert offer_to_all(rt, Wire({"west": west})) == 1
    assert open_alarms(rt) == []


def test_a_witness_does_not_cosign_a_key_that_the_old_one_did_not_announce(
    rt: Runtime, south: Runtime
) -> None:
    grow(rt)
    witnessed(rt, south)
    grow(rt)
    offer = witness.parse_offer(offered(rt, south))
    key, secret = thief()
    said = notes.parse_checkpoint(offer.note.text)
    named = keychain.announcement(said, key).to_text()
    for note in (
        notes.signed(said.to_text(), key, secret.sign),
        notes.signed(named, key, secret.sign),
        # Announced by the log, but the new key itself has not signed.
        notes.signed(named, log_key(rt), lambda raw: rt.agent.sign("log", raw)),
    ):
        answer = cosign(south, OFFICE_CALL, replace(offer, note=note).to_bytes())
        assert refusal_of(answer) == "bad-signature"
    [watched] = appoint.view_watch(south, OFFICE_CALL).watched
    assert watched.key == log_key(rt).to_text()


def test_two_histories_on_both_sides_of_a_rotation_are_still_proof(
    rt: Runtime, south: Runtime
) -> None:
    grow(rt)
    witnessed(rt, south)
    held = notes.parse_checkpoint(witness.parse_offer(offered(rt, south)).note.text)
    old = log_key(rt)
    text = replace(held, root=bytes(32)).to_text()
    other = notes.signed(text, old, lambda raw: rt.agent.sign("log", raw, 1))
    rotate_log_key(rt, OFFICE_CALL)
    assert refusal_of(answered(rt, south)) is None
    assert show_checkpoint(south, OFFICE_CALL, "north", other) is Agreement.UNPROVED
    grow(rt)
    assert refusal_of(answered(rt, south)) in ("unproved", "conflict", "inconsistent")
