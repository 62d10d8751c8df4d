"""Attempts that anybody can make without end, such as signing in with a made-up token.

An entry for each would let a stranger fill the disk. So of each minute the first is an entry at
once, and all that follow are one entry with their count.
"""

import threading
from dataclasses import dataclass, field

MINUTE = 60 * 1_000_000


@dataclass(slots=True)
class Attempts:
    """Counts attempts by the minute. A process that is killed loses the count of its last one."""

    _minute: int = -1
    _waiting: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def add(self, at: int) -> int:
        """Count an attempt at this microsecond; return how many are to be entered now."""
        with self._lock:
            if at // MINUTE == self._minute:
                self._waiting += 1
                return 0
            self._minute, due, self._waiting = at // MINUTE, self._waiting + 1, 0
            return due

    def due(self, at: int) -> int:
        """Return how many of an ended minute are to be entered now, each once."""
        with self._lock:
            if at // MINUTE == self._minute:
                return 0
            due, self._waiting = self._waiting, 0
            return due

    def rest(self) -> int:
        """Return how many are still to be entered, as when the process ends."""
        with self._lock:
            due, self._waiting = self._waiting, 0
            return due
