"""Bodies end with their retention, the log says so, and a verifier tells this from a deletion."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rfl.domain.access import Verb
from rfl.errors import Forbidden, SealBroken
from rfl.flows import register
from rfl.flows.expire_log import Expired, expire, expire_if_due
from rfl.flows.runtime import MATCHER_CALL, OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.storage import ledger, tree
from tests.audit.exported import Log, both, export_of
from tests.audit.logs import add_entries, kept_bodies, tree_root
from tests.postgres import Server
from tests.support import OFFICER, Clock, make_request

ROOT = Path(__file__).parents[2]
OLD, YOUNG = 700, 20


def make_aged(rt: Runtime, clock: Clock, days: float = 1_200) -> None:
    """A log whose first OLD entries are older than three years, and YOUNG of today."""
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        for _ in range(OLD):
            ledger.append(work, objects=["log_of_nobody"])
    sequence_waiting(rt)
    sign_checkpoint(rt)
    clock.move(days=days)
    add_entries(rt, YOUNG)
    sequence_waiting(rt)
    sign_checkpoint(rt)


def expired(rt: Runtime, clock: Clock) -> Log:
    make_aged(rt, clock)
    assert expire(rt, OFFICE_CALL) == Expired(OLD, OLD)
    return Log.of(export_of(rt))


def test_old_bodies_go_and_the_tree_stays(
    rt: Runtime, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_aged(rt, clock)
    root = tree_root(rt, OLD + YOUNG)
    before = sign_checkpoint(rt).to_bytes()
    assert expire(rt, OFFICE_CALL) == Expired(OLD, OLD)
    assert len(kept_bodies(rt)) == YOUNG + 1
    assert tree_root(rt, OLD + YOUNG) == root
    with rt.look(OFFICE_CALL, Verb.LOG_READ) as work:
        assert len(ledger.about(work, "log_of_nobody")) == YOUNG
    content = export_of(rt)
    assert both(content, tmp_path, monkeypatch, given=[before]) is None
    log = Log.of(content)
    assert [log.lines[log.place(leaf)] for leaf in (0, OLD - 1)] == [b"-", b"-"]
    said = log.lines[log.place(OLD + YOUNG)]
    assert b'"action":"log.expire"' in said
    assert b'"count":700' in said
    assert b'"reason":"retention_1096_days"' in said


def test_nothing_young_goes_and_nothing_goes_twice(rt: Runtime, clock: Clock) -> None:
    make_aged(rt, clock, days=1_090)
    assert expire_if_due(rt) is None
    assert len(kept_bodies(rt)) == OLD + YOUNG
    clock.move(days=10)
    assert expire_if_due(rt) == Expired(OLD, OLD)
    entries = len(kept_bodies(rt))
    clock.move(days=20)
    assert expire_if_due(rt) is None
    clock.move(days=1_200)
    assert expire_if_due(rt) == Expired(OLD + entries, entries)
    assert len(kept_bodies(rt)) == 1


def drop_the_entry(log: Log) -> None:
    """The entry that declares the expiry is taken out like what it declares."""
    log.lines[log.place(OLD + YOUNG)] = b"-"


def one_more(log: Log) -> None:
    log.lines[log.place(OLD)] = b"-"


def one_later(log: Log) -> None:
    log.lines[log.place(OLD + 7)] = b"-"


def all_but_the_entry(log: Log) -> None:
    for leaf in range(OLD, OLD + YOUNG):
        log.lines[log.place(leaf)] = b"-"


def forged(log: Log) -> None:
    """The entry is changed to cover more, and its listed hash with it."""
    place = log.place(OLD + YOUNG)
    log.lines[place] = log.lines[place].replace(b'"count":700', b'"count":710')
    log.list_hash(OLD + YOUNG, log.lines[place])
    one_more(log)


def refused(log: Log) -> None:
    """An entry about a refusal declares nothing; nor does the text of another entry."""
    place = log.place(OLD + YOUNG)
    log.lines[place] = log.lines[place].replace(b'"allowed"', b'"denied"')


def drop_a_line(log: Log) -> None:
    del log.lines[log.place(300)]


TAMPERED: list[tuple[Callable[[Log], None], int, str]] = [
    (drop_the_entry, 0, "missing"),
    (one_more, OLD, "missing"),
    (one_later, OLD + 7, "missing"),
    (all_but_the_entry, OLD, "missing"),
    (forged, 0, "contradicted"),
    (refused, 0, "missing"),
    (drop_a_line, 511, "missing"),
]


@pytest.mark.parametrize("case", TAMPERED, ids=lambda case: case[0].__name__)
def test_a_body_that_is_absent_beyond_the_expiry_is_a_fault(
    sqlite_rt: Runtime,
    clock: Clock,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[Callable[[Log], None], int, str],
) -> None:
    tamper, first, fault = case
    log = expired(sqlite_rt, clock)
    tamper(log)
    assert both(log.to_bytes(), tmp_path, monkeypatch) == (first, fault)


def test_a_hand_that_deletes_old_bodies_is_found(
    rt: Runtime, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_aged(rt, clock)
    with rt.database.write() as connection:
        for table in ("ledger_objects", "ledger"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE seq <= 5")  # noqa: S608 (ours)
    assert both(export_of(rt), tmp_path, monkeypatch) == (0, "missing")


def test_an_entry_covers_only_what_stands_before_it(
    sqlite_rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A false expiry of everything, the future included, excuses nothing."""
    add_entries(sqlite_rt, 3)
    with sqlite_rt.begin(OFFICE_CALL, Verb.LOG_EXPIRE) as work:
        ledger.append(work, count=10_000)
    add_entries(sqlite_rt, 3)
    log = Log.of(export_of(sqlite_rt))
    log.lines[log.place(1)] = b"-"
    assert both(log.to_bytes(), tmp_path, monkeypatch) == (1, "missing")


def test_an_officer_cannot_end_bodies(rt: Runtime, clock: Clock) -> None:
    make_aged(rt, clock)
    with pytest.raises(Forbidden):
        expire(rt, OFFICER)
    assert len(kept_bodies(rt)) == OLD + YOUNG + 1


def test_nothing_is_deleted_from_a_log_that_is_not_the_signed_one(
    rt: Runtime, clock: Clock
) -> None:
    make_aged(rt, clock)
    with rt.database.write() as connection:
        connection.exec_driver_sql("DELETE FROM tree_tiles")
    with pytest.raises(SealBroken):
        expire(rt, OFFICE_CALL)
    assert len(kept_bodies(rt)) == OLD + YOUNG + 1


@pytest.mark.parametrize("step", ["declared", "signed", "deleting"])
def test_an_expiry_killed_at_any_step_is_finished_by_the_next(
    rt: Runtime, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    make_aged(rt, clock)
    url = rt.database.url.render_as_string(hide_password=False)
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    command = [sys.executable, str(Path(__file__).with_name("expiring.py")), url, str(tmp_path)]
    ended = subprocess.run(
        [*command, step, clock().isoformat()],
        env={**os.environ, "PYTHONPATH": paths},
        capture_output=True,
        check=False,
    )
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert both(export_of(rt), tmp_path, monkeypatch) is None
    done = expire_if_due(rt)
    assert done is not None
    assert done.end == OLD
    # The export between the two is an entry as well.
    assert len(kept_bodies(rt)) == YOUNG + 2
    assert both(export_of(rt), tmp_path, monkeypatch) is None


@pytest.fixture
def server(request: pytest.FixtureRequest, rt: Runtime) -> Server | None:
    return None if rt.database.is_sqlite else request.getfixturevalue("postgres")


def test_no_live_file_holds_an_expired_body(
    rt: Runtime, clock: Clock, server: Server | None
) -> None:
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        entry = ledger.append(work)
    sequence_waiting(rt)
    clock.move(days=1_200)
    needles = [entry.id.encode(), entry.salt.encode()]
    if server is None:
        assert holding(files_of(rt, server), needles), "the scan must be able to find them before"
    assert expire(rt, OFFICE_CALL) == Expired(1, 1)
    assert holding(files_of(rt, server), needles) == []


def files_of(rt: Runtime, server: Server | None) -> Iterator[Path]:
    if server is None:
        yield from rt.database.path.parent.iterdir()
    else:
        yield from (path for path in (server.home / "data").rglob("*") if path.is_file())


def holding(files: Iterator[Path], needles: list[bytes]) -> list[str]:
    return [
        path.name for path in files for content in [path.read_bytes()] if any_of(needles, content)
    ]


def any_of(needles: list[bytes], content: bytes) -> bool:
    return any(needle in content for needle in needles)


def test_no_row_that_answers_questions_outlives_its_body(rt: Runtime, clock: Clock) -> None:
    """Of an ended entry its place in the tree is left, and of what it named nothing."""
    make_aged(rt, clock)
    register.open_case(rt, OFFICER, make_request(), None)
    sequence_waiting(rt)
    before = question_rows(rt)
    assert before["ledger"] == OLD + YOUNG + 1
    assert before["ledger_objects"] > OLD + YOUNG
    assert expire(rt, OFFICE_CALL) == Expired(OLD, OLD)
    after = question_rows(rt)
    gone = {name: before[name] - after[name] for name in before}
    # The expiry is an entry too, which names nothing.
    assert gone == {"ledger": OLD - 1, "ledger_objects": OLD, "ledger_waiting": 0}
    with rt.database.read() as connection:
        [orphans] = connection.exec_driver_sql(
            "SELECT count(*) FROM ledger_objects WHERE seq NOT IN (SELECT seq FROM ledger)"
        ).one()
    assert orphans == 0


def question_rows(rt: Runtime) -> dict[str, int]:
    """How many rows there are in each table that questions are asked of."""
    tables = ("ledger", "ledger_objects", "ledger_waiting")
    with rt.database.read() as connection:
        return {
            name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar_one()  # noqa: S608 (ours)
            for name in tables
        }


def test_filler_never_ends(
    rt: Runtime, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_entries(rt, 3)
    sequence_waiting(rt)
    sign_checkpoint(rt, padded=True)
    clock.move(days=1_200)
    assert expire(rt, OFFICE_CALL) == Expired(1_024, 1_024)
    log = Log.of(export_of(rt))
    assert [log.lines[log.place(leaf)] for leaf in (2, 3)] == [b"-", b'{"v":1,"filler":3}']
    assert both(log.to_bytes(), tmp_path, monkeypatch) is None
    with rt.look(OFFICE_CALL, Verb.LOG_READ) as work:
        assert tree.order(work, 0, 4) == [1, 2, 3, tree.FILLER]
