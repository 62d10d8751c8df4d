"""Where other societies' calls come in: who may call, as read a moment ago, and one desk for each.

What is read here opens nothing: each call is admitted in a transaction of its own, which asks again
whether its society is trusted, and by which keys (`admission.admitted`).
"""

import time
from dataclasses import dataclass, field
from typing import Final

from rfl.exchange.admission import Known
from rfl.exchange.taking import Desk

MOMENT_SECONDS: Final = 1.0


@dataclass(slots=True)
class Entrance:
    """The entrance of one process. `desks` are those where each peer's calls are brought."""

    desks: dict[str, Desk] = field(default_factory=dict)
    _known: tuple[float, Known] | None = None

    def known(self) -> Known | None:
        """Return whom the node knew a moment ago, or None if that has to be read."""
        if self._known is None or time.monotonic() > self._known[0] + MOMENT_SECONDS:
            return None
        return self._known[1]

    def keep(self, known: Known) -> None:
        """Know these for a moment."""
        self._known = (time.monotonic(), known)
