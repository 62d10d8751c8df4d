"""A unit of work: one transaction with who acts, why, when, and the keys in reach."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import Connection as Connection

from rfl.crypto.agent import KeyAgent
from rfl.crypto.sealing import DataKey
from rfl.domain.access import Actor, Object, Verb, require
from rfl.domain.bulk_rate import BulkRate
from rfl.domain.entry import Entry
from rfl.domain.key_use import KeyTally
from rfl.domain.purpose import LegalBasis, Purpose

EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(slots=True)
class Work:
    """What a flow holds between `begin` and commit; it does not outlive the transaction."""

    connection: Connection
    agent: KeyAgent
    actor: Actor
    purpose: Purpose | None
    verb: Verb
    now: datetime
    today: date
    policy: str
    reach: str = ""
    request: str | None = None
    basis: LegalBasis | None = None
    peer: str | None = None
    objects: tuple[str, ...] = ()
    entries: int = 0
    pending: list[Entry] = field(default_factory=list, repr=False)
    keys: dict[tuple[str, str], DataKey] = field(default_factory=dict, repr=False)
    wrapped: dict[str, tuple[bytes, bytes]] = field(default_factory=dict, repr=False)
    unwrapped: int = 0
    opened: set[str] = field(default_factory=set, repr=False)
    searches: int = 0
    may_open: bool = False
    widened: bool = False
    honey: frozenset[str] | None = field(default=None, repr=False)
    destroyed: int = 0
    tally: KeyTally = field(default_factory=KeyTally, repr=False)
    rate: BulkRate | None = None

    @property
    def micros(self) -> int:
        """The moment of this work as integer microseconds since 1970, UTC."""
        return micros(self.now)

    @contextmanager
    def unwrapping(self, count: int) -> Iterator[None]:
        """Count data keys that the agent unwraps in this block; none, if it fails.

        They are counted before: whoever compares the two counts never finds the agent's ahead.
        """
        if self.rate is not None:
            self.rate.see(self.micros, count)
        self._count_unwraps(count)
        try:
            yield
        except BaseException:
            self._count_unwraps(-count)
            raise

    def _count_unwraps(self, count: int) -> None:
        self.unwrapped += count
        self.tally.see(count)

    def require(self, on: Object | None = None, *, verb: Verb | None = None) -> None:
        """Ask the access table for this actor, verb and purpose, or raise Forbidden."""
        if require(self.actor, verb or self.verb, self.purpose, on):
            self.widened = True


def micros(moment: datetime) -> int:
    """Return integer microseconds since 1970, UTC."""
    since = moment - EPOCH
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def from_micros(at: int) -> datetime:
    """Return the moment, in UTC."""
    return EPOCH + timedelta(microseconds=at)


def day_micros(day: date | None) -> int | None:
    """Return the first microsecond after a day (UTC), when what holds until it has ended."""
    if day is None:
        return None
    return (day.toordinal() + 1 - EPOCH.toordinal()) * 86_400_000_000
