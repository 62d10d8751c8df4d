"""The node's background without HTTP: following, matching and tidying until it is told to end."""

import signal
import threading

from rfl import logs, wiring
from rfl.background import Background

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run() -> None:
    """Work until SIGTERM or SIGINT, finish what is under way, and return."""
    chosen = wiring.settings()
    logs.configure(chosen.log_level)
    background = Background(wiring.runtime(chosen), line=wiring.transport(chosen))
    ending = threading.Event()
    for number in _SIGNALS:
        signal.signal(number, lambda _number, _frame: ending.set())
    background.start()
    ending.wait()
    background.stop()
