"""A process that compares everybody anew to the end, or kills itself half-way through a batch.

`python rematching.py URL FOLDER HOLDER lives|dies BEGAN`; run by test_rematching_processes. All
processes have one clock: so many seconds have passed since BEGAN, which is of the monotonic clock.
"""

import os
import signal
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

from rfl.flows import propose
from rfl.flows.follow import load_pools
from rfl.flows.propose import rematch_some
from rfl.flows.rematch import rematch_progress
from rfl.flows.runtime import Runtime
from tests.support import Clock, make_runtime


class Running(Clock):
    """A clock that runs, the same in every process that is told when it began."""

    def __init__(self, began: float) -> None:
        super().__init__()
        self._first, self._began = self.now, began

    def __call__(self) -> datetime:
        return self._first + timedelta(seconds=time.monotonic() - self._began)


def is_finished(rt: Runtime) -> bool:
    progress = rematch_progress(rt)
    return progress is not None and progress.finished_at is not None


def kill(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def work(rt: Runtime, holder: str, *, dies: bool) -> None:
    load_pools(rt)
    while not is_finished(rt):
        done = rematch_some(rt, holder)
        sys.stdout.write(f"{done}\n")
        sys.stdout.flush()
        if done and dies:
            propose._keep = kill  # type: ignore[assignment]
        if not done:
            time.sleep(0.02)


if __name__ == "__main__":
    url, folder, name, end, since = sys.argv[1:]
    work(make_runtime(url, Path(folder), Running(float(since))), name, dies=end == "dies")
