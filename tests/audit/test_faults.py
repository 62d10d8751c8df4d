"""Processes die between insert, sequencing and signing: nothing is lost and nothing repeated."""

import io
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.audit import checkpoint, host, notes, witness
from rfl.audit.notes import Checkpoint
from rfl.audit.tiles import TreeDamaged
from rfl.audit.verify import verify
from rfl.errors import StorageFull
from rfl.flows import appoint, register
from rfl.flows.cosign import cosign
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from tests.audit.exported import export_of
from tests.audit.logs import add_entries, check_whole, tree_order
from tests.audit.societies import (
    answer_of,
    befriend,
    grow,
    make_society,
    offered,
    open_alarms,
    refusal_of,
    witnessed,
)
from tests.support import OFFICER, Clock, make_request

ROOT = Path(__file__).parents[2]


def started(rt: Runtime, folder: Path, what: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    url = rt.database.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [
            sys.executable,
            str(Path(__file__).with_name("dying.py")),
            url,
            str(folder),
            what,
            rt.rules.society,
        ],
        env={**os.environ, "PYTHONPATH": paths},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def killed_after(process: subprocess.Popen[str], lines: int) -> None:
    """Kill the process when it has said so many things, wherever it is then."""
    assert process.stdout is not None
    assert process.stdin is not None
    with process.stdin, process.stdout:
        for _ in range(lines):
            assert process.stdout.readline()
        process.kill()
        process.wait()


def test_a_writer_killed_before_sequencing_loses_nothing(rt: Runtime, tmp_path: Path) -> None:
    killed_after(started(rt, tmp_path, "write"), 15)
    assert tree_order(rt) == []
    assert sequence_waiting(rt) >= 15
    assert check_whole(rt) >= 15


def test_a_sequencer_killed_before_its_commit_repeats_nothing(rt: Runtime, tmp_path: Path) -> None:
    add_entries(rt, 30)
    process = started(rt, tmp_path, "sequence")
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert tree_order(rt) == []
    assert sequence_waiting(rt) == 30
    assert check_whole(rt) == 30


@pytest.mark.parametrize("lines", [1, 4])
def test_a_node_killed_anywhere_goes_on_where_it_was(
    rt: Runtime, tmp_path: Path, lines: int
) -> None:
    killed_after(started(rt, tmp_path, "both"), lines)
    sequence_waiting(rt)
    sign_checkpoint(rt)
    assert check_whole(rt) >= 3 * lines


def died(rt: Runtime, folder: Path, what: str, message: bytes = b"") -> None:
    """Let a process do one thing until it kills itself."""
    process = started(rt, folder, what)
    process.communicate(message.decode("utf-8"))
    assert process.returncode == -signal.SIGKILL


def test_a_signer_killed_before_its_commit_has_signed_nothing(rt: Runtime, tmp_path: Path) -> None:
    add_entries(rt, 5)
    sequence_waiting(rt)
    died(rt, tmp_path, "sign")
    assert len(tree_order(rt)) == 5
    sign_checkpoint(rt, padded=True)
    assert check_whole(rt) == 5


def test_a_signer_killed_before_it_published_goes_on(rt: Runtime, tmp_path: Path) -> None:
    folder = tmp_path / "host"
    folder.mkdir()
    add_entries(rt, 5)
    sequence_waiting(rt)
    died(rt, tmp_path, "publish")
    assert host.newest(folder) is None
    rt.rules = replace(rt.rules, log_host=folder)
    note = sign_checkpoint(rt)
    assert host.newest(folder) == note


@pytest.mark.parametrize("moment", ["cosign", "answer"])
def test_a_witness_killed_at_any_step_never_cosigns_two_histories(
    rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock, moment: str
) -> None:
    south = rt
    south.rules = replace(rt.rules, society="south")
    north = make_society("north", sqlite_template, tmp_path, clock)
    befriend(north, south)
    grow(north)
    died(south, tmp_path, moment, offered(north, south))
    kept = appoint.view_watch(south, OFFICE_CALL).watched[0].note
    assert (kept is not None) == (moment == "answer")
    other = offer_of_another_history(north, south)
    refused = cosign(south, OFFICE_CALL, other)
    assert refusal_of(refused) == ("forked" if moment == "answer" else None)
    if moment == "answer":
        assert witnessed(north, south).size == 1024


def test_two_witnesses_in_two_threads_cosign_one_history(
    rt: Runtime, sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    south = rt
    south.rules = replace(rt.rules, society="south")
    north = make_society("north", sqlite_template, tmp_path, clock)
    befriend(north, south)
    grow(north)
    messages = [offered(north, south), offer_of_another_history(north, south)] * 4
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: cosign(south, OFFICE_CALL, one), messages))
    cosigned = {text_of(one) for one in answers if refusal_of(one) is None}
    assert len(cosigned) == 1
    assert sum(refusal_of(one) == "forked" for one in answers) == 4


def offer_of_another_history(log: Runtime, by: Runtime) -> bytes:
    """What the log offers, with another root signed by its key."""
    offer = witness.parse_offer(offered(log, by))
    key = checkpoint.log_key(log.agent, log.rules.society)
    text = Checkpoint(key.name, 1024, bytes(32)).to_text()
    note = notes.signed(text, key, lambda content: log.agent.sign("log", content))
    return replace(offer, note=note).to_bytes()


def text_of(answer: bytes) -> str:
    """The checkpoint that was cosigned."""
    note = answer_of(answer).note
    assert note is not None
    return note.text


def test_a_changed_tree_is_an_alarm_and_nothing_is_signed(rt: Runtime) -> None:
    grow(rt, 20)
    with rt.database.write() as connection:
        high = {"bytes": bytes(128), "place": 2 << 56}
        sql = "UPDATE tree_tiles SET hashes = :bytes WHERE place >= :place"
        connection.execute(sa.text(sql), high)
    add_entries(rt, 1)
    sequence_waiting(rt)
    with pytest.raises(TreeDamaged):
        sign_checkpoint(rt)
    assert open_alarms(rt) == [("log-damaged", "")]


EDITS = {
    "changed": [
        "UPDATE ledger SET body = replace(CAST(body AS TEXT), 'case', 'list') WHERE seq = 3"
    ],
    "missing": ["DELETE FROM ledger WHERE seq = 3"],
    "reordered": [
        "UPDATE ledger SET seq = 99 WHERE seq = 3",
        "UPDATE ledger SET seq = 3 WHERE seq = 4",
        "UPDATE ledger SET seq = 4 WHERE seq = 99",
    ],
}


@pytest.mark.parametrize("fault", sorted(EDITS))
@pytest.mark.parametrize("has_its_place", [True, False])
def test_a_hand_that_changes_rows_is_named_by_the_next_export(
    sqlite_rt: Runtime, fault: str, has_its_place: bool
) -> None:
    """An entry that waits has its leaf already, so that nobody is quicker than the sequencer."""
    for _case in range(9):
        register.open_case(sqlite_rt, OFFICER, make_request(), None)
    if has_its_place:
        sequence_waiting(sqlite_rt)
    with sqlite_rt.database.write() as connection:
        for statement in ("DELETE FROM ledger_objects", *EDITS[fault]):
            connection.exec_driver_sql(statement)
    finding = verify(io.BytesIO(export_of(sqlite_rt))).finding
    assert finding is not None
    assert (finding.first, finding.fault.value) == (2, fault)


def appended(rt: Runtime, at_most: int) -> int:
    """Write entries until the disk is full; return how many were kept."""
    for kept in range(at_most):
        try:
            add_entries(rt, 1)
        except StorageFull:
            return kept
    return at_most


def test_a_disk_that_is_full_while_the_log_grows_keeps_it_whole(
    sqlite_rt: Runtime,
) -> None:
    kept = appended(sqlite_rt, 20)
    raw = sqlite_rt.database.engine.raw_connection()
    [pages] = raw.cursor().execute("PRAGMA page_count").fetchone()
    limits = [pages]
    raw.close()
    sqlite_rt.database.dispose()
    sa.event.listen(
        sqlite_rt.database.engine,
        "connect",
        lambda raw, _record: raw.execute(f"PRAGMA max_page_count = {limits[-1]}").close(),
    )
    kept += appended(sqlite_rt, 1_000)
    assert kept < 1_000
    with suppress(StorageFull):
        sequence_waiting(sqlite_rt)
    with suppress(StorageFull):
        sign_checkpoint(sqlite_rt)
    limits.append(pages + 1_000)
    sqlite_rt.database.dispose()
    kept += appended(sqlite_rt, 20)
    sequence_waiting(sqlite_rt)
    assert check_whole(sqlite_rt) == kept
    assert verify(io.BytesIO(export_of(sqlite_rt))).finding is None


def every_step(rt: Runtime) -> None:
    sequence_waiting(rt)
    sign_checkpoint(rt)
    add_entries(rt, 1)


NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$
"""


@pytest.mark.parametrize("table", ["ledger", "ledger_objects", "tree_tiles", "checkpoints"])
def test_a_disk_of_postgres_that_is_full_at_any_step_keeps_the_log_whole(
    postgres_rt: Runtime, table: str
) -> None:
    add_entries(postgres_rt, 20)
    with postgres_rt.database.write() as connection:
        connection.exec_driver_sql(NO_ROOM)
        connection.exec_driver_sql(
            f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION no_room()"
        )
    more = appended(postgres_rt, 5)
    with pytest.raises(StorageFull):
        every_step(postgres_rt)
    with postgres_rt.database.write() as connection:
        connection.exec_driver_sql(f"DROP TRIGGER full_disk ON {table}")
        connection.exec_driver_sql("DROP FUNCTION no_room")
    sequence_waiting(postgres_rt)
    sign_checkpoint(postgres_rt)
    assert check_whole(postgres_rt) == 20 + more
    assert more == (0 if table.startswith("ledger") else 5)
