"""Keep the pools in step with the records: loaded from sealed terms, then by the change feed."""

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress

from rfl.crypto.beside import Beside, Lost, started
from rfl.domain.access import Verb
from rfl.domain.groups import Group, Half
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.matching import pools
from rfl.matching.carried import arrived
from rfl.matching.memory import give_back
from rfl.storage import feed, people, vault
from rfl.storage.feed import Position as Position
from rfl.storage.queries import count_terms, holds_many, living, opened_terms, opened_terms_of
from rfl.storage.work import Work

CHUNK = 2_000
SORTED = 65_536
MANY = 200_000
"""From more people on processes beside this one are worth the memory that each of them takes."""

MOST_BESIDE = 4
OPENER = "rfl.opener"

log = logging.getLogger(__name__)


def load_pools(rt: Runtime) -> Position:
    """Load every living record's terms; return the feed position from which to follow.

    The log says once that they were loaded, and how many; nothing else is opened, except for
    terms made by older rules, which are made anew from *identity*. Where there are many, and more
    than one processor, processes beside this one open and sort the terms of the registrations.
    """
    with rt.look(MATCHER_CALL, Verb.INDEX_LOAD) as work:
        position = feed.head(work)
        many = holds_many(work, MANY)
    processors = os.cpu_count() or 1
    if many and processors > 1:
        command = [sys.executable, "-P", "-m", OPENER, *map(str, pools.rules())]
        with suppress(Lost), started(command, min(processors, MOST_BESIDE)) as beside:
            if _load(rt, beside):
                return position
        log.warning("no process opens terms beside this one: opening them here")
    _load(rt, None)
    return position


def _load(rt: Runtime, beside: Beside | None) -> bool:
    """Open and put in everybody; False if a process beside was lost, which may be tried without.

    A second thread sorts what was opened here while the next chunk is read: sorting needs no
    interpreter.
    """
    with rt.look(MATCHER_CALL, Verb.INDEX_LOAD) as work:
        count = count_terms(work)
    with (
        rt.stream(MATCHER_CALL, Verb.INDEX_LOAD, (Group.TERMS,), count) as work,
        ThreadPoolExecutor(1, "rfl-sorting") as sorting,
    ):
        try:
            _put_opened_here(rt, _together(work, beside), sorting)
            whole = beside is None or _put_opened_beside(rt, work, beside) == beside.given
        except Lost:
            return False  # What it was given to open is accounted for by this work's entry.
    give_back()
    return whole


def _put_opened_here(
    rt: Runtime, parts: Iterator[tuple[list[str], list[bytes]]], sorting: ThreadPoolExecutor
) -> None:
    before: Future[None] | None = None
    for records, contents in parts:
        if before is not None:
            before.result()  # At most one part waits to be sorted: memory stays small.
        before = sorting.submit(rt.pools.put_many, records, contents)
    if before is not None:
        before.result()


def _put_opened_beside(rt: Runtime, work: Work, beside: Beside) -> int:
    people = 0
    for message in beside.answers():
        part = arrived(message)
        rt.pools.put_arrived(part)
        rt.pools.put_many(part.records, _renewed(work, part.records, part.contents))
        people += part.people
    return people


def _together(work: Work, beside: Beside | None) -> Iterator[tuple[list[str], list[bytes]]]:
    """The opened terms in parts of SORTED: sorting likes large parts, opening small ones."""
    records: list[str] = []
    contents: list[bytes] = []
    for some, opened in opened_terms(work, CHUNK, beside):
        records += some
        contents += _renewed(work, some, opened)
        if len(records) >= SORTED:
            yield records, contents
            records, contents = [], []
    yield records, contents


def catch_up(rt: Runtime, position: Position) -> Position:
    """Take the next changes of the feed into the pools; return how far it came.

    Where there are none the pools are settled: a search then asks one part of the index, not seven.
    """
    with rt.look(MATCHER_CALL, Verb.INDEX_LOAD) as work:
        changes = feed.after(work, position, CHUNK)
    if not changes:
        rt.pools.settle()
        return position
    records = list(dict.fromkeys(change.record for change in changes))
    with rt.stream(MATCHER_CALL, Verb.INDEX_LOAD, (Group.TERMS,), len(records)) as work:
        opened = {
            record: content
            for some, contents in opened_terms_of(work, records)
            for record, content in zip(some, _renewed(work, some, contents), strict=True)
        }
    for record in records:
        if record not in opened:
            rt.pools.drop(record)
    rt.pools.put_many(list(opened), list(opened.values()))
    return changes[-1].position


def _renewed(work: Work, records: Sequence[str], contents: list[bytes]) -> list[bytes]:
    for number in pools.stale_among(contents):
        contents[number] = _made_anew(work, records[number], contents[number])
    return contents


def _made_anew(work: Work, record: str, content: bytes) -> bytes:
    """Terms of an older version, from the names themselves; of a case, of the same persons."""
    [row] = living(work, [record], (Group.IDENTITY,))
    identity = vault.open_logged(work, row, Group.IDENTITY, Half.IDENTITY)
    if row.table == "registrations":
        return pools.person_terms(
            [(pools.Pool.REGISTERED, people.identity_in_registration(identity))]
        )
    persons = pools.in_pools(*people.identities_in_request(identity))
    kept = pools.persons_in_terms(content)
    return pools.person_terms([(pool, one) for pool, one in persons if one.id in kept])
