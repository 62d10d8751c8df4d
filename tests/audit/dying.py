"""A process that writes and sequences entries until it is killed, or kills itself half-way.

`python dying.py URL FOLDER write|sequence|both`; run by test_faults.
"""

import os
import signal
import sys
from pathlib import Path

from rfl.audit import sequencer
from rfl.domain.access import Verb
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from tests.audit.logs import add_entries
from tests.support import Clock, make_runtime


def say(what: str) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def write(rt: Runtime) -> None:
    while True:
        add_entries(rt, 1)
        say("written")


def sequence(rt: Runtime) -> None:
    with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        assert sequencer.sequence(work)
        os.kill(os.getpid(), signal.SIGKILL)


def both(rt: Runtime) -> None:
    while True:
        add_entries(rt, 3)
        sequence_waiting(rt)
        sign_checkpoint(rt)
        say("sequenced")


if __name__ == "__main__":
    node = make_runtime(sys.argv[1], Path(sys.argv[2]), Clock())
    {"write": write, "sequence": sequence, "both": both}[sys.argv[3]](node)
