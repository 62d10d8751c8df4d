"""What was sent to each partner, in counts by month."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from rfl.audit.tracing import is_disclosure
from rfl.domain.entry import Entry


@dataclass(slots=True)
class Sent:
    """How often data was opened for a peer, how many records, and when; `YYYY-MM` by month."""

    peer: str
    first: datetime
    last: datetime
    entries: int = 0
    records: int = 0
    months: dict[str, int] = field(default_factory=dict)


def by_partner(entries: Iterable[Entry], zone: ZoneInfo) -> list[Sent]:
    """Return what entries in the order of time say was sent, by peer."""
    found: dict[str, Sent] = {}
    for entry in entries:
        if entry.peer is None or not is_disclosure(entry):
            continue
        at = datetime.fromisoformat(entry.at).astimezone(zone)
        sent = found.setdefault(entry.peer, Sent(entry.peer, at, at))
        sent.last = at
        sent.entries += 1
        sent.records += entry.count
        month = at.strftime("%Y-%m")
        sent.months[month] = sent.months.get(month, 0) + 1
    return [found[peer] for peer in sorted(found)]
