"""A process that works on a log until it is killed, or kills itself half-way.

`python dying.py URL FOLDER write|sequence|both|sign|publish|rotate|cosign|answer`, for tests.
`cosign` dies before its commit, `answer` after it, both with the message on standard input.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rfl.audit import checkpoint, host, sequencer
from rfl.domain.access import Verb
from rfl.flows import cosign as cosigning
from rfl.flows import rotate_keys
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.flows.sequence import sequence_waiting, sign_checkpoint
from rfl.storage import witnesses
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


def sign(rt: Runtime) -> None:
    with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        checkpoint.make(work, rt.rules.society, padded=True)
        os.kill(os.getpid(), signal.SIGKILL)


def publish(rt: Runtime) -> None:
    rt.rules = replace(rt.rules, log_host=Path(sys.argv[2]) / "host")
    host.publish = lambda *_arguments: os.kill(os.getpid(), signal.SIGKILL)
    sign_checkpoint(rt)


def rotate(rt: Runtime) -> None:
    checkpoint.announce = lambda *_arguments: os.kill(os.getpid(), signal.SIGKILL)
    rotate_keys.rotate_log_key(rt, OFFICE_CALL)


def cosign(rt: Runtime) -> None:
    witnesses.keep_cosigned = _then_die(witnesses.keep_cosigned)
    cosigning.cosign(rt, OFFICE_CALL, sys.stdin.buffer.read())


def answer(rt: Runtime) -> None:
    cosigning.cosign(rt, OFFICE_CALL, sys.stdin.buffer.read())
    os.kill(os.getpid(), signal.SIGKILL)


def _then_die(keep: Callable[..., None]) -> Callable[..., None]:
    def kept(*arguments: object) -> None:
        keep(*arguments)
        os.kill(os.getpid(), signal.SIGKILL)

    return kept


STEPS = {
    "write": write,
    "sequence": sequence,
    "both": both,
    "sign": sign,
    "publish": publish,
    "rotate": rotate,
    "cosign": cosign,
    "answer": answer,
}

if __name__ == "__main__":
    node = make_runtime(sys.argv[1], Path(sys.argv[2]), Clock())
    node.rules = replace(node.rules, society=sys.argv[4])
    STEPS[sys.argv[3]](node)
