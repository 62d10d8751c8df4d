"""Several processes compare everybody anew; one is killed in the middle of a batch."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rfl.flows.propose import ANEW
from rfl.flows.register import open_case
from rfl.flows.rematch import begin_rematch, rematch_progress
from rfl.flows.runtime import Runtime
from rfl.storage.rematch import LEASE_MICROS
from tests.flows.test_continuous import families, mother, proposals, son
from tests.support import OFFICER, Clock, make_request, make_runtime

ROOT = Path(__file__).parents[2]


def start(rt: Runtime, folder: Path, holder: str, end: str, began: float) -> subprocess.Popen[str]:
    url = rt.database.url.render_as_string(hide_password=False)
    script = str(Path(__file__).with_name("rematching.py"))
    return subprocess.Popen(
        [sys.executable, script, url, str(folder), holder, end, str(began)],
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_one_that_is_killed_leaves_the_rest_to_another_and_no_pair_twice(
    sqlite_rt: Runtime, tmp_path: Path
) -> None:
    taken_over(sqlite_rt, tmp_path)


@pytest.mark.soak
def test_on_postgres_too_one_that_is_killed_leaves_the_rest_to_another(
    postgres_url: str, tmp_path: Path, clock: Clock
) -> None:
    rt = make_runtime(postgres_url, tmp_path, clock)
    taken_over(rt, tmp_path)
    rt.database.dispose()


def taken_over(rt: Runtime, tmp_path: Path) -> None:
    """One process dies in the middle of comparing anew; two others do the rest, each pair once."""
    families(rt, 20)
    begin_rematch(rt)
    now = time.monotonic()
    dying = start(rt, tmp_path, "first", "dies", now)
    _out, said = dying.communicate(timeout=120)
    assert dying.returncode == -signal.SIGKILL, said
    at = rematch_progress(rt)
    assert at is not None
    assert (at.done, at.finished_at) == (ANEW, None)
    before = proposals(rt)

    open_case(rt, OFFICER, make_request(son(), mother("Nasrin Rahimi")), None)
    lease_over = now - LEASE_MICROS / 1_000_000
    both = [start(rt, tmp_path, name, "lives", lease_over) for name in ("second", "third")]
    for one in both:
        _out, said = one.communicate(timeout=120)
        assert one.returncode == 0, said
    ended = rematch_progress(rt)
    assert ended is not None
    assert ended.finished_at is not None
    assert ended.done >= 40
    assert before < proposals(rt)
