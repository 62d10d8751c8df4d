"""An exported log is checked without a node; both verifiers name the first bad entry."""

import base64
import io
import random
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rfl.audit import notes
from rfl.audit.verify import verify
from rfl.domain.access import Verb
from rfl.errors import Forbidden, MalformedFile, SealBroken
from rfl.flows.export_log import export_log
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import log_key, sign_checkpoint
from rfl.storage import log_keys, tree
from tests.audit.exported import SECOND, Log, both, export_of, make_export
from tests.audit.logs import add_entries, kept_bodies
from tests.support import OFFICER, Clock, make_runtime

FALSE = b'{"v":1,"id":"ent_false"}'
LEAF = 1_100
LAST = 1_323


def test_a_whole_log_is_whole(rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = make_export(rt)
    checkpoint = sign_checkpoint(rt).to_bytes()
    key = log_key(rt).to_text()
    assert both(content, tmp_path, monkeypatch, given=[checkpoint], key=key) is None
    verdict = verify(io.BytesIO(content))
    assert (verdict.origin, verdict.size, verdict.checkpoints) == ("rfl/north", LAST + 1, 2)


def test_every_entry_is_in_the_file_and_the_export_is_the_last(rt: Runtime) -> None:
    lines = Log.of(make_export(rt)).lines
    for body in kept_bodies(rt).values():
        assert lines.count(body) == 1
    assert b'"action":"log.export"' in lines[-1]


def test_an_empty_log_can_be_exported_since_the_export_is_an_entry(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = export_of(rt)
    assert both(content, tmp_path, monkeypatch) is None
    assert verify(io.BytesIO(content)).size == 1


def test_an_officer_may_not_export_the_log(rt: Runtime) -> None:
    sink = io.BytesIO()
    with pytest.raises(Forbidden):
        export_log(rt, OFFICER, sink)
    assert sink.getvalue() == b""


def change(log: Log) -> None:
    log.lines[log.place(LEAF)] = log.lines[log.place(LEAF)].replace(b"service", b"officer")


def delete(log: Log) -> None:
    del log.lines[log.place(LEAF)]


def insert(log: Log) -> None:
    log.lines.insert(log.place(LEAF), FALSE)


def swap(log: Log) -> None:
    one, two = log.place(LEAF), log.place(LEAF + 5)
    log.lines[one], log.lines[two] = log.lines[two], log.lines[one]


def cut_inside_a_block(log: Log) -> None:
    del log.lines[log.place(1_290) :]


def cut_between_blocks(log: Log) -> None:
    del log.lines[log.block(1_280) :]


def change_with_its_hash(log: Log) -> None:
    change(log)
    log.list_hash(LEAF, log.lines[log.place(LEAF)])


def change_the_hash_alone(log: Log) -> None:
    log.list_hash(LEAF, FALSE)


def change_the_checkpoint(log: Log) -> None:
    line = max(number for number, line in enumerate(log.lines) if line.startswith(b"checkpoint"))
    note = base64.b64decode(log.lines[line].split()[1]).replace(b"\n1324\n", b"\n1325\n")
    log.lines[line] = b"checkpoint " + base64.b64encode(note)


def swap_blocks(log: Log) -> None:
    one, two, end = log.block(1_024), log.block(1_280), len(log.lines)
    log.lines[one:end] = log.lines[two:end] + log.lines[one:two]


def delete_a_block(log: Log) -> None:
    del log.lines[log.block(256) : log.block(512)]


def blank(log: Log) -> None:
    log.lines[log.place(LEAF)] = b"-"


def break_a_block(log: Log) -> None:
    log.lines[log.block(512)] = b"leaves 512 256 ????"


def add_at_the_end(log: Log) -> None:
    log.lines.append(FALSE)


def drop_the_last_checkpoint(log: Log) -> None:
    line = max(number for number, line in enumerate(log.lines) if line.startswith(b"checkpoint"))
    del log.lines[line]


TAMPERED: list[tuple[Callable[[Log], None], int, str]] = [
    (change, LEAF, "changed"),
    (delete, LEAF, "missing"),
    (insert, LEAF, "inserted"),
    (swap, LEAF, "reordered"),
    (cut_inside_a_block, 1_290, "truncated"),
    (cut_between_blocks, 1_280, "truncated"),
    (change_with_its_hash, 1_024, "contradicted"),
    (change_the_hash_alone, 1_024, "contradicted"),
    (change_the_checkpoint, 1_024, "unsigned"),
    (drop_the_last_checkpoint, 1_024, "unsigned"),
    (swap_blocks, 1_024, "missing"),
    (delete_a_block, 256, "missing"),
    (blank, LEAF, "missing"),
    (break_a_block, 512, "malformed"),
    (add_at_the_end, LAST + 1, "inserted"),
]


@pytest.mark.parametrize(("tamper", "first", "fault"), TAMPERED)
def test_a_tampered_copy_is_named_with_its_first_bad_entry(
    sqlite_rt: Runtime,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tamper: Callable[[Log], None],
    first: int,
    fault: str,
) -> None:
    log = Log.of(make_export(sqlite_rt))
    tamper(log)
    assert both(log.to_bytes(), tmp_path, monkeypatch) == (first, fault)


def test_both_verifiers_agree_on_any_damage(
    sqlite_rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_export(sqlite_rt, 3, 40)
    chance = random.Random(6962)
    faults = set()
    for _ in range(150):
        copy = damaged(content, chance)
        found = both(copy, tmp_path, monkeypatch)
        if found is None:  # The head has lines that repeat what others say.
            assert copy[copy.index(b"leaves ") :] == content[content.index(b"leaves ") :]
        elif isinstance(found, tuple):
            faults.add(found[1])
    assert len(faults) >= 5


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The log with a random change of a byte, a line or several."""
    lines = content.removesuffix(b"\n").split(b"\n")
    # The filler between the entries and the middle of long lines are many and all alike.
    number = chance.choice([*range(12), *range(len(lines) - 45, len(lines))])
    line = bytearray(lines[number])
    match chance.randrange(5):
        case 0:
            line[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
            lines[number] = bytes(line)
        case 1:
            del lines[number]
        case 2:
            lines.insert(number, lines[chance.randrange(len(lines))])
        case 3:
            other = (number + chance.randrange(1, 9)) % len(lines)
            lines[number], lines[other] = lines[other], lines[number] + b" "
        case _:
            del lines[number : number + chance.randrange(2, 300)]
    return b"\n".join(lines) + b"\n"


def roll_back(content: bytes) -> bytes:
    """The log as it was at its first checkpoint."""
    log = Log.of(content)
    drop_the_last_checkpoint(log)
    del log.lines[log.block(1_024) :]
    return log.to_bytes()


def test_a_log_that_was_rolled_back_is_found_by_whoever_has_a_later_checkpoint(
    sqlite_rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = make_export(sqlite_rt)
    later = sign_checkpoint(sqlite_rt).to_bytes()
    old = roll_back(content)
    assert both(old, tmp_path, monkeypatch) is None
    assert both(old, tmp_path, monkeypatch, given=[later]) == (1_024, "truncated")


def test_a_checkpoint_from_elsewhere_vouches_where_the_files_own_is_gone(
    sqlite_rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log.of(make_export(sqlite_rt))
    drop_the_last_checkpoint(log)
    given = [sign_checkpoint(sqlite_rt).to_bytes()]
    assert both(log.to_bytes(), tmp_path, monkeypatch, given=given) is None


def test_a_fork_is_found_by_whoever_has_a_checkpoint_of_the_other_side(
    sqlite_rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    """The node shows each of two readers another log, both signed with its key."""
    shared = make_export(sqlite_rt)
    earlier = sign_checkpoint(sqlite_rt).to_bytes()
    copy = tmp_path / "copy.db"
    sqlite_rt.database.scrub()
    copy.write_bytes(sqlite_rt.database.path.read_bytes())
    other = make_runtime(f"sqlite:///{copy}", tmp_path, clock)
    for node in (sqlite_rt, other):
        add_entries(node, 5)
    one, two = export_of(sqlite_rt), export_of(other)
    theirs = sign_checkpoint(other).to_bytes()
    other.database.dispose()
    assert both(one, tmp_path, monkeypatch) is None
    assert both(two, tmp_path, monkeypatch, given=[theirs, earlier]) is None
    found = both(one, tmp_path, monkeypatch, given=[theirs, earlier])
    assert found == (LAST + 1, "forked")
    assert both(shared, tmp_path, monkeypatch, given=[earlier]) is None


def test_a_log_written_anew_under_another_key_is_found_by_whoever_knows_the_key(
    sqlite_rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    key, mine = log_key(sqlite_rt).to_text(), make_export(sqlite_rt)
    checkpoint = sign_checkpoint(sqlite_rt).to_bytes()
    (tmp_path / "other").mkdir()
    copy = tmp_path / "other" / "copy.db"
    sqlite_rt.database.scrub()
    copy.write_bytes(sqlite_rt.database.path.read_bytes())
    thief = make_runtime(f"sqlite:///{copy}", tmp_path / "other", clock)
    with thief.database.write() as connection:
        for table in ("cosignatures", "checkpoints"):
            connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608 (our own names)
    anew = export_of(thief)
    thief.database.dispose()
    assert both(anew, tmp_path, monkeypatch) is None
    assert both(anew, tmp_path, monkeypatch, key=key) == (0, "other-log")
    assert both(anew, tmp_path, monkeypatch, given=[checkpoint]) == (0, "other-log")
    assert both(mine, tmp_path, monkeypatch, given=[checkpoint], key=key) is None


BY_HAND = [
    ("UPDATE ledger SET actor = 7, body = %s WHERE seq = 7", "changed"),
    ("DELETE FROM ledger_objects WHERE seq = 7; DELETE FROM ledger WHERE seq = 7", "missing"),
    (
        "CREATE TEMP TABLE kept AS SELECT seq, body FROM ledger; UPDATE ledger SET body ="
        " (SELECT body FROM kept WHERE kept.seq = 16 - ledger.seq) WHERE seq IN (7, 9)",
        "reordered",
    ),
]


@pytest.mark.parametrize(("statements", "fault"), BY_HAND)
def test_a_hand_in_the_database_is_found_in_the_next_export(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, statements: str, fault: str
) -> None:
    make_export(rt, 20, 1)
    false = f"'\\x{FALSE.hex()}'" if not rt.database.is_sqlite else f"x'{FALSE.hex()}'"
    with rt.database.write() as connection:
        for statement in statements.split("; "):
            connection.exec_driver_sql(statement.replace("%s", false))
    assert both(export_of(rt), tmp_path, monkeypatch) == (6, fault)


def test_a_log_whose_tree_was_changed_by_hand_is_not_signed_for_an_export(rt: Runtime) -> None:
    make_export(rt, 20, 1)
    with rt.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM tree_tiles WHERE place = 1")
    with pytest.raises(SealBroken):
        export_of(rt)


def test_an_entry_slipped_in_by_hand_waits_for_ever_and_is_in_no_export(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has no row in the table of waiting entries was not written by a flow."""
    make_export(rt, 20, 1)
    with rt.database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO ledger (at, actor, action, body)"
            " SELECT at, actor, action, body FROM ledger WHERE seq = 3"
        )
    content = export_of(rt)
    assert both(content, tmp_path, monkeypatch) is None
    assert Log.of(content).lines.count(kept_bodies(rt)[3]) == 1


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"rfl-log-2\n", b"rfl-log-1\n", b"rfl-log-1\norigin a\nkey a\n"]
)
def test_a_file_that_is_no_exported_log_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(MalformedFile):
        verify(io.BytesIO(content))
    (tmp_path / "file").write_bytes(content)
    command = [sys.executable, "-I", str(SECOND), str(tmp_path / "file")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stdout.startswith("no exported log")
    assert ended.stderr == ""


def test_a_witness_of_the_log_is_named_with_its_time(rt: Runtime, clock: Clock) -> None:
    make_export(rt)
    secret = Ed25519PrivateKey.generate()
    public = secret.public_key().public_bytes_raw()
    witness = notes.VerifierKey("rfl/south/witness", notes.Kind.COSIGNATURE, public)
    with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        note = next(notes.parse_note(one.note) for one in tree.all_checkpoints(work) if one.padded)
        line = notes.cosignature(note, witness, clock(), secret.sign).to_text().encode()
        tree.keep_cosignature(work, 1024, witness.name, work.micros, line)
    assert verify(io.BytesIO(export_of(rt))).witnessed == {}, "nobody asked this witness"
    with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        log_keys.keep_witness(work, witness.name, witness.to_text())
    verdict = verify(io.BytesIO(export_of(rt)))
    assert verdict.witnessed == {"rfl/south/witness": clock()}
    assert verdict.finding is None


def test_the_second_verifier_is_short_and_imports_nothing_of_ours() -> None:
    text = SECOND.read_text("utf-8")
    assert len(text.splitlines()) <= 200
    assert not re.search(r"^\s*(from|import) (rfl|tests)\b", text, re.MULTILINE)
    imported = set(re.findall(r"^(?:from|import) (\w+)", text, re.MULTILINE))
    assert imported - set(sys.stdlib_module_names) == {"cryptography"}
