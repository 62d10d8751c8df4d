"""The runtime of a process that serves, which may be begun before its database.

A machine that starts begins both at once, and a database is restarted while a service is. Commands
that people give do not wait: whoever typed one sees at once what is wrong.
"""

import logging
import time
from collections.abc import Callable
from typing import Final

from rfl import wiring
from rfl.config import Settings
from rfl.errors import StorageFailed
from rfl.flows.runtime import Runtime
from rfl.storage.away import is_away

FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 5.0
Rest = Callable[[float], object]
"""Rests for so many seconds; what it returns is true if the process is to end."""

log = logging.getLogger(__name__)


def serving(chosen: Settings, rest: Rest = time.sleep) -> Runtime:
    """Return the runtime; wait for a database that is away, or raise StorageFailed in the end.

    What is wrong for another reason is raised soon, and so is what it waits for if it is told to
    end.
    """
    began, pause, was_there = time.monotonic(), FIRST_PAUSE, False
    while True:
        try:
            return wiring.runtime(chosen)
        except StorageFailed as failed:
            waited = time.monotonic() - began
            is_there = not is_away(wiring.database_of(chosen))
            # It may have come up, or have gone, since that try: one more tells.
            if waited >= chosen.database_wait_seconds or (is_there and was_there):
                raise
            told = {"code": failed.code, "seconds": round(waited, 1)}
            log.warning("the database is away, will try again", extra=told)
            if rest(pause):
                raise
            pause, was_there = min(pause * 2, LONGEST_PAUSE), is_there
