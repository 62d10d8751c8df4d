"""Who is in memory for comparison: registered, sought and enquiring persons, a pool for each.

A record's sealed *terms* are made here (`request_terms`, `registration_terms`) and put into the
pools from there. A record at level *named persons only* has terms of the same size that name
nobody, so that the size of the sealed value does not tell the level.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rfl.domain.person import Person
from rfl.domain.registration import Registration
from rfl.domain.request import Level, Sought, TracingRequest
from rfl.matching import packed
from rfl.matching.carried import Arrived
from rfl.matching.family import with_family
from rfl.matching.index import TermIndex
from rfl.matching.layout import Rules
from rfl.matching.memory import give_back
from rfl.matching.rarity import rarity_in
from rfl.matching.scoring import Among
from rfl.matching.terms import Prepared, mark, search_terms


class Pool(StrEnum):
    """The part that a person has in a record."""

    REGISTERED = "r"
    SOUGHT = "s"
    ENQUIRERS = "e"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody worth scoring, by the sketch; `person` is None where the record has but one."""

    record: str
    person: str | None
    rank: float
    sketch: bytes = field(default=b"", repr=False)


def in_pools(enquirer: Person, sought: Sequence[Sought]) -> list[tuple[Pool, Person]]:
    """The persons of a request by their part, each with the family among its relatives."""
    asking, looked_for = with_family(enquirer, sought)
    return [(Pool.ENQUIRERS, asking), *((Pool.SOUGHT, one) for one in looked_for)]


def request_terms(request: TracingRequest, hidden: frozenset[str] = frozenset()) -> bytes:
    """Return the matcher's terms of a tracing request's persons, but for those who are `hidden`.

    These are in the matcher by another case that theirs is merged into. If all of them are, the
    terms are like those of a record at level *named persons only*.
    """
    persons = in_pools(request.enquirer, request.sought)
    shown = [(pool, person) for pool, person in persons if person.id not in hidden]
    level = request.level if shown else Level.NAMED_PERSONS_ONLY
    return person_terms(shown or persons, level)


def registration_terms(registration: Registration) -> bytes:
    """Return the matcher's terms of a registered person."""
    return person_terms([(Pool.REGISTERED, registration.person)], registration.level)


def person_terms(persons: Sequence[tuple[Pool, Person]], level: Level = Level.NORMAL) -> bytes:
    """Return the matcher's terms of the persons of one record."""
    entries = [(pool.value, person.id, search_terms(person)) for pool, person in persons]
    return packed.pack(entries, mark(), hidden=level is Level.NAMED_PERSONS_ONLY)


def rules() -> Rules:
    """By what terms were made today, as `carried.carried` is told."""
    return mark()


def stale_among(contents: Sequence[bytes]) -> list[int]:
    """Return the numbers of the terms that were made by other rules than today's."""
    return packed.stale_among(contents, mark())


def persons_in_terms(content: bytes) -> frozenset[str]:
    """Return the ids of those whom these terms name, also if other rules made them."""
    return frozenset(packed.persons_in(content))


@dataclass(slots=True)
class Pools:
    """All living records that may be matched. Safe for one writer and many readers."""

    registered: TermIndex = field(default_factory=TermIndex)
    sought: TermIndex = field(default_factory=TermIndex)
    enquirers: TermIndex = field(default_factory=TermIndex)
    _case_of: dict[str, str] = field(default_factory=dict)
    _persons_of: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def put_many(self, records: Sequence[str], contents: Sequence[bytes]) -> None:
        """Put records in, in place of what they had, by their opened terms; each record once."""
        if not records:
            return
        found = packed.unpack_many(contents, Pool.REGISTERED, mark())
        with self._lock:
            for number in found.others.tolist():
                self._drop(records[number])
                self._put_persons(records[number], packed.unpack(contents[number]))
            self.registered.add_block([records[n] for n in found.registered.tolist()], found.block)

    def put_arrived(self, arrived: Arrived) -> None:
        """Put in the part of the index that another process has sorted, and nothing else of it."""
        if arrived.segment is not None:
            with self._lock:
                self.registered.add_segment(arrived.segment)

    def drop(self, record: str) -> None:
        """Take a record out, at once."""
        with self._lock:
            self._drop(record)

    def settle(self) -> None:
        """Merge the parts of the index: for when nothing else is to be done."""
        indexes = (self.registered, self.sought, self.enquirers)
        merged = [index.settle() for index in indexes]
        if any(merged):
            give_back()

    def find(self, pool: Pool, query: Prepared, limit: int, *, but: str) -> list[Candidate]:
        """Return the best candidates of a pool, best first, none of them of the record `but`."""
        if pool is Pool.REGISTERED:
            found = self.registered.candidates(query, limit, (but,) if but else ())
            return [Candidate(one.key, None, one.rank, one.sketch) for one in found]
        index = self.sought if pool is Pool.SOUGHT else self.enquirers
        candidates = []
        for one in index.candidates(query, limit):
            record = self._case_of.get(one.key)
            if record is not None and record != but:
                candidates.append(Candidate(record, one.key, one.rank, one.sketch))
        return candidates

    def among(self) -> Among:
        """Who is compared: how many in all, and how rare name parts are among the registered."""
        return Among(len(self), rarity_in(self.registered))

    def may_meet(self, record: str) -> bool:
        """True if a record is in the pools."""
        if record.startswith("reg_"):
            return record in self.registered
        return record in self._persons_of

    def holds(self, record: str, person: str) -> bool:
        """True if this person of a record is in the pools."""
        return record.startswith("reg_") or self._case_of.get(person) == record

    def __len__(self) -> int:
        return len(self.registered) + len(self.sought) + len(self.enquirers)

    def _put_persons(self, record: str, entries: Sequence[packed.Entry]) -> None:
        for pool, person, terms in entries:
            self._index(pool).add(person, terms)
            self._case_of[person] = record
        if entries:
            self._persons_of[record] = tuple((pool, person) for pool, person, _t in entries)

    def _drop(self, record: str) -> None:
        if record.startswith("reg_"):
            self.registered.remove(record)
            return
        for pool, person in self._persons_of.pop(record, ()):
            self._index(pool).remove(person)
            self._case_of.pop(person, None)

    def _index(self, pool: str) -> TermIndex:
        return self.sought if pool == Pool.SOUGHT else self.enquirers
