"""A worker ends when it is told to, whatever it is in the midst of."""

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src"
IN_THE_MIDST = """
import os, signal
from rfl.worker import ending_by_signal

ending = ending_by_signal()
with ending._cond:  # as it is for a moment whenever somebody begins to wait
    os.kill(os.getpid(), signal.SIGTERM)
    sum(range(1_000))
print(ending.wait(10))
"""


def test_a_signal_as_the_waiting_begins_is_heard() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", IN_THE_MIDST],
        env={"PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert ended.stdout == "True\n"
