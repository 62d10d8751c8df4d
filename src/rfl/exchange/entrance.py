"""Where other societies' calls come in: who may call, as read a moment ago, and one desk for each.

What is read here opens nothing: each call is admitted in a transaction of its own, which asks again
whether its society is trusted, and by which keys (`admission.admitted`).
"""

import time
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from rfl.exchange.admission import Known
from rfl.exchange.taking import Desk

MOMENT_SECONDS: Final = 1.0
PEERS_AT_ONCE: Final = 8


def _threads() -> Executor:
    return ThreadPoolExecutor(PEERS_AT_ONCE, "rfl-desk")


@dataclass(slots=True)
class Entrance:
    """The entrance of one process. `desks` are those where each peer's calls are brought.

    `threads` serve them: as many peers at once, each by turns, whatever the office asks meanwhile.
    """

    desks: dict[str, Desk] = field(default_factory=dict)
    threads: Executor = field(default_factory=_threads)
    _known: tuple[float, Known] | None = None

    def known(self) -> Known | None:
        """Return whom the node knew a moment ago, or None if that has to be read."""
        if self._known is None or time.monotonic() > self._known[0] + MOMENT_SECONDS:
            return None
        return self._known[1]

    def keep(self, known: Known) -> None:
        """Know these for a moment."""
        self._known = (time.monotonic(), known)
