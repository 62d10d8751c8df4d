"""What a check of an exported log says: a verdict, and the fault with the lowest leaf."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from rfl.audit.absences import Expiry


class Fault(StrEnum):
    """What is wrong, from the most to the least certain."""

    MALFORMED = "malformed"
    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    REORDERED = "reordered"
    TRUNCATED = "truncated"
    EARLY = "early"
    UNANNOUNCED = "unannounced"
    UNSIGNED = "unsigned"
    CONTRADICTED = "contradicted"
    FORKED = "forked"
    OTHER_LOG = "other-log"
    UNSTAMPED = "unstamped"
    DAMAGED = "damaged"


CERTAINTY = {fault: number for number, fault in enumerate(Fault)}


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault. `first` is the first bad leaf; where only a range is known, `last` ends it."""

    fault: Fault
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a file is: how many leaves, whose, witnessed by whom and when; and what is wrong.

    `expiries` are those that the log declares; `stamped` gives the time of each time stamp by the
    size that it vouches for; `shown` lists the leaves of a part of a log. `key` is the newest key
    of the log, `earlier_keys` are those before it, the oldest first.
    """

    origin: str
    key: str
    size: int
    checkpoints: int
    witnessed: dict[str, datetime]
    finding: Finding | None
    expiries: tuple[Expiry, ...] = ()
    stamped: dict[int, datetime] = field(default_factory=dict)
    shown: tuple[int, ...] | None = None
    earlier_keys: tuple[str, ...] = ()


def worst(findings: Iterable[Finding]) -> Finding | None:
    """Return the finding with the lowest leaf; of two, the more certain one."""
    order = sorted(findings, key=lambda one: (one.first, CERTAINTY[one.fault]))
    return order[0] if order else None
