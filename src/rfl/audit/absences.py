"""Which contents may be absent from an exported log: those that an expiry in the log declares.

`log.expire` is an entry like any other: sequenced, hashed, signed over. Its `count` is a number of
leaves; the bodies of all leaves below it have ended. So an absent body is in order if a later leaf,
whose own content is there and has its hash, is such an entry and covers it. Whatever else is absent
was taken away (decision 0012).
"""

from dataclasses import dataclass, field

import msgspec

from rfl.domain.access import Verb
from rfl.domain.entry import Decision, from_bytes

_MARK = f'"{Verb.LOG_EXPIRE}"'.encode()


@dataclass(frozen=True, slots=True)
class Expiry:
    """An expiry that the log declares: at which leaf, below which leaf, when, by which rule."""

    leaf: int
    below: int
    at: str
    rule: str


@dataclass(slots=True)
class Absences:
    """Absent leaves that no expiry has covered yet, and the expiries seen."""

    expiries: list[Expiry] = field(default_factory=list)
    _ranges: list[tuple[int, int]] = field(default_factory=list)

    def note(self, leaf: int) -> None:
        """Note that a leaf's content is not there; leaves come in their order."""
        if self._ranges and self._ranges[-1][1] == leaf - 1:
            self._ranges[-1] = (self._ranges[-1][0], leaf)
        else:
            self._ranges.append((leaf, leaf))

    @property
    def may_end(self) -> bool:
        """True if something is absent that a later entry may still declare."""
        return bool(self._ranges)

    def see(self, leaf: int, content: bytes) -> None:
        """Take account of a leaf whose content has its hash."""
        if _MARK not in content or (found := declared(leaf, content)) is None:
            return
        self.expiries.append(found)
        left = [(max(first, found.below), last) for first, last in self._ranges]
        self._ranges = [one for one in left if one[0] <= one[1]]

    def uncovered(self) -> tuple[int, int] | None:
        """Return the first leaves that are absent though nothing declares it, or None."""
        return self._ranges[0] if self._ranges else None


def declared(leaf: int, content: bytes) -> Expiry | None:
    """Return the expiry that this content is, or None. It covers only what stands before it."""
    try:
        entry = from_bytes(content)
    except msgspec.DecodeError:
        return None
    is_one = entry.action == Verb.LOG_EXPIRE and entry.decision is Decision.ALLOWED
    if not is_one or not 0 <= entry.count <= leaf:
        return None
    return Expiry(leaf, entry.count, entry.at, entry.reason or "")
