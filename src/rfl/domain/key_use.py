"""How many data keys were unwrapped, and how many the access log accounts for.

The agent counts what it unwraps; every work counts what it asked for, by the day of its entries.
Both are exact and must be equal: a difference means that a key was asked for past the vault. The
entries themselves hold numbers of records, not of keys, so they give a bound (`most_unwraps`).
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from rfl.domain.access import Verb
from rfl.domain.entry import Entry

DAY = 86_400 * 1_000_000

# What is stored for the first time is sealed with keys that were made, not unwrapped.
_FRESH = frozenset({Verb.CASE_OPEN, Verb.REGISTRATION_ADD, Verb.INTAKE_OPEN, Verb.ACCOUNT_ADD})
_ONE_HALF = frozenset({Verb.SEARCH, Verb.MATCH_COMPARE, Verb.INDEX_LOAD})


def most_unwraps(entry: Entry) -> int:
    """Return how many data keys this entry accounts for at most.

    A record has two keys. The matcher and searches open the identity of the records that they
    count; and each log id named may have had its record's tie opened to learn it.
    """
    if entry.action in _FRESH:
        return 0
    each = 1 if entry.action in _ONE_HALF else 2
    return each * entry.count + 2 * len(entry.objects)


def total_unwraps(entries: Iterable[Entry]) -> int:
    """Return how many data keys these entries account for at most."""
    return sum(map(most_unwraps, entries))


@dataclass(slots=True)
class KeyTally:
    """The keys unwrapped by this process's works. Days are numbered from 1970, UTC."""

    _seen: int = 0
    _missed: int = 0
    _days: dict[int, int] = field(default_factory=dict)
    _kept: object = None
    _agent: Callable[[], int] = field(default=lambda: 0, repr=False)
    _before: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def start(self, agent: Callable[[], int]) -> None:
        """Begin to compare with the agent's own count."""
        self._agent, self._before = agent, agent() - self._seen

    def see(self, count: int) -> None:
        """Count keys that a work has asked for."""
        with self._lock:
            self._seen += count

    def account(self, at: int, count: int) -> None:
        """Count keys of a work whose entry is kept."""
        if count:
            with self._lock:
                self._days[at // DAY] = self._days.get(at // DAY, 0) + count

    def miss(self, count: int) -> None:
        """Count keys of a work that left no entry."""
        with self._lock:
            self._missed += count

    def news(self) -> tuple[dict[int, int], int] | None:
        """Return the keys that works have accounted for by day, and those that nobody has.

        None if that is what was kept last.
        """
        unaccounted = self.unaccounted()
        with self._lock:
            found = dict(self._days), unaccounted
        return None if found in (self._kept, ({}, 0)) else found

    def keep(self, kept: tuple[dict[int, int], int], today: int) -> None:
        """Remember what was kept, and forget days that have ended."""
        with self._lock:
            self._kept = kept
            self._days = {day: count for day, count in self._days.items() if day >= today - 1}

    def unaccounted(self) -> int:
        """Return how many keys the agent has unwrapped for nobody's entry.

        A work counts a moment before the agent does, so that this is never too many.
        """
        past = self._agent() - self._before
        return max(past - self._seen, 0) + self._missed
