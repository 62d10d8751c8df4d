"""Which contents may be absent from an exported log: those that an expiry in the log declares.

`log.expire` is an entry like any other: sequenced, hashed, signed over. Its `count` is a number of
leaves; the bodies of all leaves below it have ended. So an absent body is in order if a later leaf,
whose own content is there and has its hash, is such an entry and covers it. Whatever else is absent
was taken away (decision 0012). What it claims is held against the dates of witnesses: whatever
came after a checkpoint is no older than that checkpoint's cosignature.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import msgspec

from rfl.domain.access import Verb
from rfl.domain.entry import Decision, from_bytes

MARK = f'"{Verb.LOG_EXPIRE}"'.encode()


@dataclass(frozen=True, slots=True)
class Expiry:
    """An expiry that the log declares: at which leaf, below which leaf, when, by which rule."""

    leaf: int
    below: int
    at: str
    rule: str

    @property
    def days(self) -> int | None:
        """The retention that the rule names, or None if it names none."""
        named = self.rule.removeprefix("retention_").removesuffix("_days")
        return int(named[:6]) if named.isdecimal() and named.isascii() else None


@dataclass(slots=True)
class Absences:
    """Absent leaves that no expiry has covered yet, and the expiries seen."""

    expiries: list[Expiry] = field(default_factory=list)
    ended: int = 0
    _ranges: list[tuple[int, int]] = field(default_factory=list)

    def note(self, leaf: int) -> None:
        """Note that a leaf's content is not there; leaves come in their order."""
        if self._ranges and self._ranges[-1][1] == leaf - 1:
            self._ranges[-1] = (self._ranges[-1][0], leaf)
        else:
            self._ranges.append((leaf, leaf))

    def see(self, leaf: int, content: bytes) -> None:
        """Take account of a leaf whose content has its hash."""
        if MARK in content and (found := declared(leaf, content)) is not None:
            self.expiries.append(found)
            self.ended = max(self.ended, found.below)

    def uncovered(self) -> tuple[int, int] | None:
        """Return the first leaves that are absent though nothing declares it, or None."""
        left = ((max(first, self.ended), last) for first, last in self._ranges)
        return next((one for one in left if one[0] <= one[1]), None)

    def too_early(self, dates: Mapping[int, int]) -> int | None:
        """Return the first leaf that an expiry ended before its retention was over, or None.

        `dates` has, for sizes of the log, the second from which on everything beyond was written.
        """
        found = [leaf for one in self.expiries for leaf in _too_early(one, dates)]
        return min(found, default=None)


def declared(leaf: int, content: bytes) -> Expiry | None:
    """Return the expiry that this content is, or None. It covers only what stands before it."""
    try:
        entry = from_bytes(content)
    except msgspec.DecodeError:
        return None
    is_one = entry.action == Verb.LOG_EXPIRE and entry.decision is Decision.ALLOWED
    if not is_one or not 0 <= entry.count <= leaf:
        return None
    found = Expiry(leaf, entry.count, entry.at, entry.reason or "")
    return found if found.days is not None and _seconds(found.at) is not None else None


def dates_of(moments: Iterable[tuple[int, Iterable[int]]]) -> dict[int, int]:
    """Return from when on everything beyond a size was written, by sizes and their cosignatures.

    A later checkpoint that was cosigned earlier than this one counts for this one too, so that a
    witness that was late makes nothing younger than it is.
    """
    dates: dict[int, int] = {}
    latest: int | None = None
    for size, seconds in sorted(moments, key=lambda one: -one[0]):
        known = [*seconds, *([] if latest is None else [latest])]
        if known:
            dates[size] = latest = min(known)
    return dates


def _too_early(expiry: Expiry, dates: Mapping[int, int]) -> list[int]:
    """Return the sizes beyond which it ended what was too young.

    Its own time counts unless a witness has seen it earlier. A day is allowed for clocks.
    """
    said, days = _seconds(expiry.at), expiry.days
    if said is None or days is None:
        return []
    seen = [at for size, at in dates.items() if size > expiry.leaf]
    limit = min([said, *seen]) - (days - 1) * _DAY
    return [size for size, at in dates.items() if size < expiry.below and at > limit]


def _seconds(written: str) -> float | None:
    try:
        return datetime.fromisoformat(written).timestamp()
    except (ValueError, OverflowError):
        return None


_DAY = 86_400
