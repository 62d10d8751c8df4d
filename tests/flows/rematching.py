"""A process that compares everybody anew to the end, or kills itself half-way through a batch.

`python rematching.py URL FOLDER HOLDER lives|dies`; run by test_rematching_processes.
"""

import os
import signal
import sys
from pathlib import Path

from rfl.flows import propose
from rfl.flows.follow import load_pools
from rfl.flows.propose import rematch_some
from rfl.flows.rematch import rematch_progress
from rfl.flows.runtime import Runtime
from tests.support import Clock, make_runtime


def is_finished(rt: Runtime) -> bool:
    progress = rematch_progress(rt)
    return progress is not None and progress.finished_at is not None


def kill(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work(rt: Runtime, clock: Clock, holder: str, *, dies: bool) -> None:
    load_pools(rt)
    while not is_finished(rt):
        done = rematch_some(rt, holder)
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()
        if done and dies:
            propose._keep = kill  # type: ignore[assignment]
        if not done:
            clock.move(seconds=1)


if __name__ == "__main__":
    url, folder, name, end = sys.argv[1:]
    moving = Clock()
    work(make_runtime(url, Path(folder), moving), moving, name, dies=end == "dies")
