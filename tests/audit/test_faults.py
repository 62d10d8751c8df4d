"""Processes die between insert, sequencing and signing: nothing is lost and nothing repeated."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rfl.flows.runtime import Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from tests.audit.logs import add_entries, check_whole, tree_order

ROOT = Path(__file__).parents[2]


def started(rt: Runtime, folder: Path, what: str) -> subprocess.Popen[str]:
    paths = os.pathsep.join((str(ROOT), str(ROOT / "src")))
    url = rt.database.url.render_as_string(hide_password=False)
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("dying.py")), url, str(folder), what],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    )


def killed_after(process: subprocess.Popen[str], lines: int) -> None:
    """Kill the process when it has said so many things, wherever it is then."""
    assert process.stdout is not None
    with process.stdout:
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
