"""A part of the log: each entry with its proof, checked without the rest and without the node."""

import base64
import importlib.util
import io
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rfl.audit import merkle, proofs
from rfl.audit.verify import verify
from rfl.domain.access import Verb
from rfl.errors import Forbidden, InvalidInput, MalformedFile
from rfl.flows.expire_log import expire
from rfl.flows.export_log import Part, export_part
from rfl.flows.runtime import MATCHER_CALL, OFFICE_CALL, Runtime
from rfl.flows.sequence import log_key, sequence_waiting, sign_checkpoint
from rfl.storage import ledger
from tests.audit.exported import AUDIT_CALL, SECOND, Found, sealed
from tests.audit.logs import add_entries, kept_bodies
from tests.support import OFFICER, Clock

NO_PART = "no part"


def part_of(rt: Runtime, part: Part) -> bytes:
    sink = io.BytesIO()
    export_part(rt, AUDIT_CALL, sink, part)
    return sink.getvalue()


def both(
    content: bytes,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    given: Sequence[bytes] = (),
    key: str | None = None,
) -> Found:
    """What `rfl audit verify` and docs/verify_part.py find, who must agree."""
    notes = [proofs.notes.parse_note(raw) for raw in given]
    wanted = [proofs.notes.parse_key(key)] if key else []
    try:
        finding = verify(io.BytesIO(content), given=notes, keys=wanted).finding
        first: Found = finding and (finding.first, finding.fault.value)
    except MalformedFile:
        first = NO_PART
    assert first == _second(content, folder, monkeypatch, given, key)
    return first


def _second(
    content: bytes,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    given: Sequence[bytes],
    key: str | None,
) -> Found:
    (folder / "part").write_bytes(content)
    arguments = ["verify_part.py", str(folder / "part"), *(["--key", key] if key else [])]
    for number, raw in enumerate(given):
        (folder / f"given{number}").write_bytes(raw)
        arguments += ["--checkpoint", str(folder / f"given{number}")]
    out = io.StringIO()
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(SECOND.parent))
        patch.setattr(sys, "argv", arguments)
        patch.setattr(sys, "stdout", out)
        code = _main()()
    said = re.fullmatch(r"not whole: leaf (\d+): ([a-z-]+)\n", out.getvalue())
    if code == 2:
        return NO_PART
    assert code == (1 if said else 0), out.getvalue()
    return (int(said[1]), said[2]) if said else None


def _main() -> Callable[[], int]:
    path = SECOND.with_name("verify_part.py")
    spec = importlib.util.spec_from_file_location("verify_part", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    main: Callable[[], int] = module.main
    return main


def test_a_range_is_shown_with_its_proofs(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entries(rt, 40)
    content = part_of(rt, Part(5, 20))
    checkpoint, key = sign_checkpoint(rt).to_bytes(), log_key(rt).to_text()
    assert both(content, tmp_path, monkeypatch, given=[checkpoint], key=key) is None
    verdict = verify(io.BytesIO(content))
    assert verdict.shown == tuple(range(5, 20))
    assert verdict.size == 41
    assert b'"reason":"part"' in kept_bodies(rt)[41]


def test_what_names_a_log_id_is_shown_and_nothing_else(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entries(rt, 3)
    name = "log_" + "0" * 26
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        ledger.append(work, objects=[name])
    add_entries(rt, 3)
    content = part_of(rt, Part(about=name))
    assert both(content, tmp_path, monkeypatch) is None
    # The export is about it as well.
    assert verify(io.BytesIO(content)).shown == (3, 7)
    assert b"range" not in content


def test_expired_entries_have_nothing_to_show_and_a_range_says_so(
    rt: Runtime, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entries(rt, 5)
    sequence_waiting(rt)
    clock.move(days=1_200)
    add_entries(rt, 5)
    sequence_waiting(rt)
    expire(rt, OFFICE_CALL)
    assert both(part_of(rt, Part(5, 9)), tmp_path, monkeypatch) is None
    assert both(part_of(rt, Part(3, 9)), tmp_path, monkeypatch) == (3, "missing")


def test_a_range_that_is_none_is_refused(rt: Runtime) -> None:
    add_entries(rt, 3)
    for part in (Part(5, 5), Part(5, 2), Part(0, 1_000), Part(about="log_x")):
        with pytest.raises(InvalidInput):
            part_of(rt, part)
    with pytest.raises(Forbidden):
        export_part(rt, OFFICER, io.BytesIO(), Part(0, 1))


def change(lines: list[bytes]) -> None:
    lines[5] = entry(lines[5], "extra", b'{"v":1,"id":"ent_false"}')


def move(lines: list[bytes]) -> None:
    proof = base64.b64decode(lines[5].split()[1])
    lines[5] = b"entry " + base64.b64encode(proof.replace(b"index 6\n", b"index 60\n"))


def entry(line: bytes, word: str, value: bytes) -> bytes:
    proof = base64.b64decode(line.split()[1]).split(b"\n")
    at = next(n for n, one in enumerate(proof) if one.startswith(word.encode()))
    proof[at] = word.encode() + b" " + base64.b64encode(value)
    return b"entry " + base64.b64encode(b"\n".join(proof))


def leave_out(lines: list[bytes]) -> None:
    del lines[5]


def cut(lines: list[bytes]) -> None:
    del lines[8:]


def swap(lines: list[bytes]) -> None:
    lines[5], lines[6] = lines[6], lines[5]


def repeat(lines: list[bytes]) -> None:
    lines.insert(5, lines[5])


def damage(lines: list[bytes]) -> None:
    lines[5] = b"entry ????"


def unsign(lines: list[bytes]) -> None:
    proof = base64.b64decode(lines[5].split()[1])
    lines[5] = b"entry " + base64.b64encode(proof.replace(b"\n41\n", b"\n42\n"))


def widen(lines: list[bytes]) -> None:
    lines[3] = b"range 4 20"


# Lines: form, origin, key, range, then leaves 5 to 19.
TAMPERED: list[tuple[Callable[[list[bytes]], None], int, str]] = [
    (change, 6, "changed"),
    (move, 6, "missing"),
    (leave_out, 6, "missing"),
    (cut, 9, "missing"),
    (swap, 6, "reordered"),
    (repeat, 6, "reordered"),
    (damage, 6, "malformed"),
    (unsign, 6, "unsigned"),
    (widen, 4, "missing"),
]


@pytest.mark.parametrize(("tamper", "first", "fault"), TAMPERED)
def test_a_tampered_part_is_named(
    sqlite_rt: Runtime,
    tmp_path: Path,
    tamper: Callable[[list[bytes]], None],
    first: int,
    fault: str,
) -> None:
    add_entries(sqlite_rt, 40)
    *lines, _end = part_of(sqlite_rt, Part(5, 20)).removesuffix(b"\n").split(b"\n")
    tamper(lines)
    with pytest.MonkeyPatch.context() as patch:
        assert both(sealed(b"\n".join(lines) + b"\n"), tmp_path, patch) == (first, fault)


def test_a_part_of_another_log_is_not_taken_for_this_one(
    sqlite_rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entries(sqlite_rt, 5)
    content = part_of(sqlite_rt, Part(0, 3))
    other = "rfl/south" + log_key(sqlite_rt).to_text().removeprefix("rfl/north")
    with pytest.raises(MalformedFile):
        proofs.notes.parse_key(other)
    note = sign_checkpoint(sqlite_rt).to_bytes().replace(b"rfl/north\n6", b"rfl/north\n7", 1)
    assert both(content, tmp_path, monkeypatch, given=[note]) == (0, "other-log")


@pytest.mark.parametrize("content", [b"rfl-log-part-1\n", b"rfl-log-part-1\norigin a\nkey a\n"])
def test_a_file_that_is_no_part_is_refused(
    content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert both(content, tmp_path, monkeypatch) == NO_PART


@settings(max_examples=60)
@given(st.integers(1, 70), st.data())
def test_a_proof_is_read_back_as_it_was_written(size: int, data: st.DataObject) -> None:
    """And holds, in a tree of any size."""
    leaves = [b"%d" % number for number in range(size)]
    index = data.draw(st.integers(0, size - 1))
    hashes = merkle.inclusion_proof([merkle.leaf_hash(one) for one in leaves], index)
    note = proofs.notes.parse_note(b"a\n1\nb\n\n\xe2\x80\x94 a AAAAAAA=\n")
    proof = proofs.Proof(leaves[index], index, tuple(hashes), note)
    assert proofs.parse(proof.to_bytes()) == proof
