"""The node's background without HTTP, or its matching alone, until it is told to end."""

import signal
import threading
from queue import SimpleQueue

from rfl import logs, waiting, wiring
from rfl.background import Background
from rfl.errors import StorageFailed
from rfl.matcher import match_alone

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def run(*, matching_alone: bool = False) -> None:
    """Work until SIGTERM or SIGINT, finish what is under way, and return."""
    chosen = wiring.settings()
    logs.configure(chosen.log_level)
    ending = ending_by_signal()
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


def ending_by_signal() -> threading.Event:
    """Return what SIGTERM or SIGINT sets from now on, for the main thread to call.

    A handler runs in the midst of what the main thread does, which may hold the event's own lock
    as it begins to wait. A queue that is made for that tells a thread, which sets the event.
    """
    ending, told = threading.Event(), SimpleQueue[int]()
    for number in _SIGNALS:
        signal.signal(number, lambda caught, _frame: told.put(caught))

    def end() -> None:
        told.get()
        ending.set()

    threading.Thread(target=end, name="rfl-ending", daemon=True).start()
    return ending
