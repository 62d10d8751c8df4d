"""From entries of the log: which log ids somebody could have read, and of which groups."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rfl.domain.access import Verb
from rfl.domain.entry import Decision, Entry
from rfl.domain.groups import Group

_BITS = {group: 1 << number for number, group in enumerate(Group)}


@dataclass(slots=True)
class Exposure:
    """What was opened or shown, by log id; `unnamed` counts records that no entry names.

    One number for each log id, so that three hundred thousand take little memory.
    """

    masks: dict[str, int] = field(default_factory=dict)
    entries: int = 0
    unnamed: int = 0

    def groups_of(self, log_ids: Iterable[str]) -> frozenset[Group]:
        """Return the groups that could have been read of whoever bears one of these log ids."""
        mask = 0
        for log_id in log_ids:
            mask |= self.masks.get(log_id, 0)
        return frozenset(group for group, bit in _BITS.items() if mask & bit)


def exposed(entries: Iterable[Entry]) -> Exposure:
    """Collect what these entries have opened. What was refused was shown to nobody."""
    found = Exposure()
    for entry in entries:
        mask = sum(_BITS[Group(one)] for one in set(entry.groups) if one in _KNOWN)
        if entry.decision is not Decision.ALLOWED or not mask:
            continue
        found.entries += 1
        shown = _shown(entry)
        for log_id in shown:
            found.masks[log_id] = found.masks.get(log_id, 0) | mask
        found.unnamed += 0 if entry.objects else entry.count
    return found


_KNOWN = frozenset(Group)


def _shown(entry: Entry) -> tuple[str, ...]:
    """A search names first what it was made for, of which it opened nothing."""
    return entry.objects[1:] if entry.action == Verb.SEARCH else entry.objects
