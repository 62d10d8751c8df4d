"""Checkpoints are stamped by an authority (RFC 3161), and the stamps are checked offline."""

import base64
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rfl.audit import timestamps
from rfl.audit.timestamps import NotStamped
from rfl.audit.verdict import Fault
from rfl.audit.verify import verify
from rfl.domain.access import Verb
from rfl.errors import Misconfigured
from rfl.flows.rules import Stamping
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.flows.stamp_log import stamp_if_due
from rfl.storage import stamps
from tests.audit.authority import NOON, Authority, serving
from tests.audit.exported import Log, both, export_of
from tests.audit.logs import add_entries
from tests.support import Clock


@pytest.fixture(scope="module")
def keys() -> Authority:
    return Authority(NOON)


@pytest.fixture
def authority(keys: Authority) -> Iterator[Authority]:
    keys.mood, keys.asked = "good", 0
    with serving(keys) as running:
        yield running


@pytest.fixture
def stamped(rt: Runtime, authority: Authority, tmp_path: Path) -> Runtime:
    """A node with entries whose checkpoints are stamped."""
    root = authority.write_root(tmp_path / "root.pem")
    rt.rules = replace(rt.rules, stamping=Stamping(authority.url, root))
    add_entries(rt, 3)
    sequence_waiting(rt)
    return rt


def kept(rt: Runtime) -> list[int]:
    with rt.look(OFFICE_CALL, Verb.LOG_READ) as work:
        return [size for size, _answer in stamps.all_stamps(work)]


def test_a_stamp_is_kept_exported_and_verified_offline(
    stamped: Runtime, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stamp_if_due(stamped)
    content = export_of(stamped)
    roots = timestamps.load_roots(tmp_path / "root.pem")
    verdict = verify(io.BytesIO(content), roots=roots)
    assert verdict.finding is None
    assert verdict.stamped == {1_024: NOON}
    assert verify(io.BytesIO(content)).stamped == {}
    assert both(content, tmp_path, monkeypatch) is None


def test_stamps_come_once_an_hour_and_only_if_the_log_has_grown(
    stamped: Runtime, authority: Authority, clock: Clock
) -> None:
    assert stamp_if_due(stamped)
    assert not stamp_if_due(stamped)
    clock.move(hours=2)
    assert not stamp_if_due(stamped)
    add_entries(stamped, 1)
    sequence_waiting(stamped)
    assert stamp_if_due(stamped)
    assert kept(stamped) == [1_024, 2_048]
    assert authority.asked == 2


def test_no_authority_is_asked_unless_one_is_set(rt: Runtime) -> None:
    add_entries(rt, 1)
    sequence_waiting(rt)
    assert not stamp_if_due(rt)


@pytest.mark.parametrize("mood", ["refusing", "other", "replaying", "broken", "endless"])
def test_an_answer_that_is_no_stamp_of_this_checkpoint_is_not_kept(
    stamped: Runtime, authority: Authority, mood: str
) -> None:
    authority.mood = mood
    with pytest.raises(NotStamped):
        stamp_if_due(stamped)
    assert kept(stamped) == []
    authority.mood = "good"
    assert stamp_if_due(stamped)


def test_an_authority_that_is_away_keeps_no_checkpoint_from_being_signed(
    stamped: Runtime, authority: Authority
) -> None:
    assert stamped.rules.stamping is not None
    away = replace(stamped.rules.stamping, url="http://127.0.0.1:1/stamp")
    stamped.rules = replace(stamped.rules, stamping=away)
    with pytest.raises(NotStamped):
        stamp_if_due(stamped)
    add_entries(stamped, 1)
    sequence_waiting(stamped)
    assert "\n1025\n" in sign_checkpoint(stamped).text


def test_a_false_stamp_in_a_file_is_named(
    stamped: Runtime, authority: Authority, tmp_path: Path
) -> None:
    stamp_if_due(stamped)
    roots = timestamps.load_roots(tmp_path / "root.pem")
    other = timestamps.load_roots(Authority(NOON).write_root(tmp_path / "other.pem"))
    content = export_of(stamped)
    log = Log.of(content)
    place = next(n for n, line in enumerate(log.lines) if line.startswith(b"stamp "))
    word, size, encoded = log.lines[place].split()
    raw = bytearray(base64.b64decode(encoded))
    raw[-1] ^= 1
    broken = b" ".join((word, size, base64.b64encode(raw)))
    for line in (broken, b"stamp 1024 ????", b"stamp 9 " + encoded, b"stamp x " + encoded):
        log.lines[place] = line
        finding = verify(io.BytesIO(log.to_bytes()), roots=roots).finding
        assert finding is not None
        assert finding.fault is Fault.UNSTAMPED
        assert verify(io.BytesIO(log.to_bytes())).finding is None
    finding = verify(io.BytesIO(content), roots=other).finding
    assert finding is not None
    assert finding.fault is Fault.UNSTAMPED


def test_certificates_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for name in ("no.pem", "nothing.pem"):
        with pytest.raises(Misconfigured):
            timestamps.load_roots(tmp_path / name)
