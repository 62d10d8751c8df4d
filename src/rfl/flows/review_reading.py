"""Look for unusual reading in whole days of the log, and keep what is found for people to judge.

Every case's tie is opened to know whose the cases are that were read; the entry says how many. No
name is opened, unless family names are compared too: then the ties of registrations, and the
*identity* of what was read by those who gave their family names. That is off unless asked for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from rfl.audit import unusual
from rfl.audit.readers import Book
from rfl.audit.unusual import Assignment, Limits
from rfl.domain.access import Verb
from rfl.domain.entry import Entry, from_bytes
from rfl.domain.finding import Finding
from rfl.domain.groups import Group
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.matching.family_names import bears_one_of
from rfl.storage import accounts, findings, ledger, log_questions, people, ties, vault
from rfl.storage.queries import living
from rfl.storage.ties import Tied

MOST_DAYS = 31
MOST_OPENED = 500


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Which days were looked at, what was found, and how much of it was not known before."""

    since: date
    until: date
    found: int
    new: int


def review_reading(
    rt: Runtime,
    call: Call,
    since: date | None = None,
    until: date | None = None,
    *,
    limits: Limits | None = None,
    family_names: bool = False,
) -> Reviewed:
    """Review the days from `since` to `until`, both included and over; without them, yesterday."""
    limits = limits or Limits()
    first, last = _days(rt, since, until)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    book, cases = _book(rt, call, days, limits)
    with rt.ask(call, Verb.LOG_REVIEW) as work:
        branches = accounts.branches_of(work, list(book.days))
    found = unusual.unusual(book, days, cases, branches, limits)
    if family_names:
        found += _own_families(rt, call, book, days)
    with rt.begin(call, Verb.LOG_REVIEW) as work:
        work.require()
        new = findings.keep(work, found)
        ledger.append(work, reason="kept")
    return Reviewed(first, last, len(found), new)


def _days(rt: Runtime, since: date | None, until: date | None) -> tuple[date, date]:
    yesterday = rt.clock().astimezone(rt.rules.zone).date() - timedelta(days=1)
    last = until or yesterday
    first = since or last
    if last > yesterday:
        raise InvalidInput("until", "must be a day that is over")
    if not 0 <= (last - first).days < MOST_DAYS:
        raise InvalidInput("since", f"must be at most {MOST_DAYS - 1} days before until")
    return first, last


def _book(
    rt: Runtime, call: Call, days: Sequence[date], limits: Limits
) -> tuple[Book, dict[str, Assignment]]:
    """Read the days and the history before them, and whose the cases are that were read."""
    begin = _midnight(rt, days[0] - timedelta(days=limits.history_days))
    end = _midnight(rt, days[-1] + timedelta(days=1))
    book = Book(rt.rules.zone)
    with rt.look(call, Verb.LOG_REVIEW) as work:
        opened = ties.count(work, ties.CASES)
    with rt.stream(call, Verb.LOG_REVIEW, (), opened) as work:
        book.add(_entries(log_questions.between(work, begin, end)), limits.rejected)
        wanted = {
            log_id
            for kept in book.days.values()
            for day in days
            if day in kept
            for log_id in kept[day].cases
        }
        tied = list(ties.tied_to(work, ties.CASES, wanted))
    return book, {one.log_id: Assignment(one.branch, one.officer) for one in tied}


def _midnight(rt: Runtime, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=rt.rules.zone)


def _entries(bodies: Iterable[bytes]) -> Iterable[Entry]:
    return (from_bytes(body) for body in bodies)


def _own_families(rt: Runtime, call: Call, book: Book, days: Sequence[date]) -> list[Finding]:
    """Compare what readers opened with the family names that they gave; keep the flag alone."""
    readings = {
        (reader, day): kept[day].objects
        for reader, kept in book.days.items()
        for day in days
        if day in kept
    }
    with rt.look(call, Verb.LOG_REVIEW) as work:
        givers = accounts.with_family_names(work, sorted({reader for reader, _day in readings}))
        opened = len(givers) + (ties.count(work, ties.EVERY) if givers else 0)
    if not givers:
        return []
    wanted = {one for key, read in readings.items() if key[0] in givers for one in read}
    with rt.stream(call, Verb.LOG_REVIEW, (), opened) as work:
        given = accounts.family_names_of(work, givers)
        tied = list(ties.tied_to(work, ties.EVERY, wanted))[:MOST_OPENED]
    names = _names(rt, call, tied)
    found = []
    for (reader, day), read in sorted(readings.items(), key=lambda item: item[0]):
        own = [one for one in read if bears_one_of(names.get(one, ()), given.get(reader, ()))]
        if own:
            found.append(unusual.own_family(reader, day, len(own)))
    return found


def _names(rt: Runtime, call: Call, tied: Sequence[Tied]) -> dict[str, list[str]]:
    """Open the names in these records, by log id; the entry names every one of them."""
    if not tied:
        return {}
    log_ids = {one.record: one.log_id for one in tied}
    groups = (Group.IDENTITY,)
    with rt.begin(call, Verb.LOG_REVIEW) as work:
        work.require()
        rows = living(work, list(log_ids), groups)
        opened = vault.open_rows(work, rows, groups, objects=[log_ids[row.record] for row in rows])
    return {
        log_ids[row.record]: [
            name.text
            for person in people.persons_in(row.table, content[Group.IDENTITY])
            for name in person.names
        ]
        for row, content in zip(rows, opened, strict=True)
    }
