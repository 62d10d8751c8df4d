"""The node's background without HTTP, or its matching alone, until it is told to end."""

import signal
import threading

from rfl import logs, waiting, wiring
from rfl.background import Background
from rfl.errors import StorageFailed
from rfl.matcher import match_alone

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(*, matching_alone: bool = False) -> None:
    """Work until SIGTERM or SIGINT, finish what is under way, and return."""
    chosen = wiring.settings()
    logs.configure(chosen.log_level)
    ending = threading.Event()
    for number in _SIGNALS:
        signal.signal(number, lambda _number, _frame: ending.set())
    try:
        rt = waiting.serving(chosen, ending.wait)
    except StorageFailed:
        if ending.is_set():
            return
        raise
    if matching_alone:
        match_alone(rt, ending)
        return
    background = Background(rt, line=wiring.transport(chosen))
    background.start()
    ending.wait()
    background.stop()
