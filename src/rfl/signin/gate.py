"""How often a password may be tried, so that guessing is slow and nobody is locked out by it.

Tries are counted by name, whether or not there is such an account. Whoever has signed in on this
device before is counted by the device instead (OWASP: device cookies): so a stranger who tries a
name without end closes it to strangers only.
"""

import threading
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from rfl.errors import TooManyAttempts

TRIES: Final = 10
WINDOW: Final = 15 * 60 * 1_000_000
SLOTS: Final = 1 << 16
AT_ONCE: Final = 2
WAIT_SECONDS: Final = 5.0


def _zeros() -> "array[int]":
    return array("q", bytes(8 * SLOTS))


@dataclass(slots=True)
class Gate:
    """Counts tries in slots of a fixed number: made-up names neither fill it nor push others out.

    It stands before the database, where the tries of all processes are counted: whoever floods one
    process writes nothing. `AT_ONCE` passwords are worked on at once for strangers, and as
    many for devices that are known, since each takes 64 MiB.
    """

    _since: "array[int]" = field(default_factory=_zeros, repr=False)
    _tries: "array[int]" = field(default_factory=_zeros, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _strangers: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(AT_ONCE), repr=False
    )
    _known: threading.Semaphore = field(
        default_factory=lambda: threading.Semaphore(AT_ONCE), repr=False
    )

    def enter(self, key: bytes, at: int) -> None:
        """Count a try before it is made, or raise TooManyAttempts; `key` is a keyed hash."""
        slot = _slot(key)
        with self._lock:
            if not 0 <= at - self._since[slot] < WINDOW:
                self._since[slot], self._tries[slot] = at, 0
            if self._tries[slot] >= TRIES:
                raise TooManyAttempts
            self._tries[slot] += 1

    def forgive(self, key: bytes) -> None:
        """Take the tries back, since the right one came."""
        with self._lock:
            self._tries[_slot(key)] = 0

    @contextmanager
    def working(self, *, known: bool) -> Iterator[None]:
        """Wait for a turn to work on a password, or raise TooManyAttempts."""
        turns = self._known if known else self._strangers
        if not turns.acquire(timeout=WAIT_SECONDS):
            raise TooManyAttempts
        try:
            yield
        finally:
            turns.release()


def _slot(key: bytes) -> int:
    return int.from_bytes(key[:2], "big")
