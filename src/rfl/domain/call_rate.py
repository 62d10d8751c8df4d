"""How often each other society, and each account, may call in a minute, in each process.

Each has a bucket that holds a minute's calls and fills evenly: who was away may bring a backlog at
once, and nobody keeps the node from the others for longer.
"""

import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from rfl.domain.attempts import MINUTE, Attempts


@dataclass(slots=True)
class CallRate:
    """The calls that each caller has left, and a count of those that came on top."""

    a_minute: int
    _left: dict[str, tuple[float, int]] = field(default_factory=dict)
    _refused: defaultdict[str, Attempts] = field(default_factory=lambda: defaultdict(Attempts))
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def refused(self) -> Mapping[str, Attempts]:
        """The refusals of each caller that had any."""
        return dict(self._refused)

    def take(self, caller: str, at: int) -> bool:
        """Count a call at this microsecond; False if the caller has none left.

        A clock that was set back fills nothing, and holds nobody up.
        """
        with self._lock:
            left, since = self._left.get(caller, (float(self.a_minute), at))
            filled = max(at - since, 0) * self.a_minute / MINUTE
            left = min(left + filled, float(self.a_minute))
            has_one = left >= 1
            self._left[caller] = (left - 1 if has_one else left, at)
            return has_one

    def refuse(self, caller: str, at: int) -> int:
        """Count a refusal; return how many are to be entered in the log now."""
        with self._lock:
            refused = self._refused[caller]
        return refused.add(at)
