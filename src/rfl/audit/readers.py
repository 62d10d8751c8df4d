"""The log as the rules of unusual reading see it: what each reader did on each day."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from rfl.domain.access import Role, Verb
from rfl.domain.entry import Decision, Entry

OPENING = frozenset(
    {Verb.CASE_READ, Verb.REGISTRATION_READ, Verb.SEARCH, Verb.MATCH_READ, Verb.LIST_READ}
)
CASE_READING = frozenset({Verb.CASE_READ, Verb.MATCH_READ})
WORKING = frozenset({Verb.CASE_OPEN, Verb.CASE_CHANGE, Verb.MATCH_DECIDE})


@dataclass(slots=True)
class Day:
    """What one reader opened on one day of the society."""

    role: str
    records: int = 0
    objects: set[str] = field(default_factory=set)
    cases: set[str] = field(default_factory=set)
    hours: Counter[int] = field(default_factory=Counter)

    @property
    def breadth(self) -> int:
        """How many distinct records."""
        return len(self.objects)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A denied entry, or what a peer was turned away with."""

    at: datetime
    action: str
    reason: str | None
    objects: tuple[str, ...]


@dataclass(slots=True)
class Book:
    """Everything that the rules look at, from the entries of a span."""

    zone: ZoneInfo
    days: dict[str, dict[date, Day]] = field(default_factory=dict)
    denials: dict[str, list[Refusal]] = field(default_factory=dict)
    peers: dict[str, list[tuple[datetime, bool, tuple[str, ...]]]] = field(default_factory=dict)
    worked_on: set[tuple[str, str]] = field(default_factory=set)

    def add(self, entries: Iterable[Entry], rejected: frozenset[str]) -> None:
        """Enter entries; `rejected` are reasons that count as turning a peer away."""
        for entry in entries:
            at = datetime.fromisoformat(entry.at).astimezone(self.zone)
            is_denied = entry.decision == Decision.DENIED
            if entry.peer is not None:
                turned_away = is_denied or entry.reason in rejected
                self.peers.setdefault(entry.peer, []).append((at, turned_away, entry.objects))
            elif is_denied:
                refusal = Refusal(at, entry.action, entry.reason, entry.objects)
                self.denials.setdefault(entry.actor, []).append(refusal)
            elif entry.role != Role.SERVICE:
                self._add_reading(entry, at)

    def readers_of(self, role: str, *, but: str) -> list[str]:
        """Return the readers who had this role, one left out."""
        return [
            reader
            for reader, days in self.days.items()
            if reader != but and any(day.role == role for day in days.values())
        ]

    def _add_reading(self, entry: Entry, at: datetime) -> None:
        if entry.action in WORKING:
            self.worked_on |= {(entry.actor, log_id) for log_id in entry.objects[:1]}
        if entry.action not in OPENING:
            return
        day = self.days.setdefault(entry.actor, {}).setdefault(at.date(), Day(entry.role))
        day.records += entry.count
        day.objects |= set(entry.objects)
        day.hours[at.hour] += 1
        if entry.action in CASE_READING:
            day.cases |= set(entry.objects[:1])
