"""How many keys the node's own jobs may unwrap in an hour, in each process.

They open far more than any person and show it to nobody, so that their records are not counted
one by one: that would cost a start more than the opening.
"""

import threading
from dataclasses import dataclass, field

from rfl.domain.budget import DEFAULTS, Limit, What
from rfl.domain.verbs import Role
from rfl.errors import BudgetSpent

HOUR = 3_600 * 1_000_000


@dataclass(slots=True)
class BulkRate:
    """The keys of this hour; the hour is that of the clock, UTC."""

    limit: Limit = DEFAULTS[Role.SERVICE][What.KEYS_HOUR]
    _hour: int = 0
    _count: int = 0
    _is_news: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def see(self, at: int, count: int) -> None:
        """Count keys that are about to be unwrapped, or raise BudgetSpent."""
        with self._lock:
            if at // HOUR != self._hour:
                self._hour, self._count = at // HOUR, 0
            if self._count + count > self.limit.hard:
                raise BudgetSpent
            before, self._count = self._count, self._count + count
            self._is_news |= before <= self.limit.soft < self._count

    def passed(self) -> bool:
        """True once after the soft limit was passed."""
        with self._lock:
            news, self._is_news = self._is_news, False
        return news
