"""Keep the pools in step with the records: loaded from sealed terms, then by the change feed."""

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from rfl.domain.access import Verb
from rfl.domain.groups import Group, Half
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.matching import pools
from rfl.matching.memory import give_back
from rfl.storage import feed, people, vault
from rfl.storage.feed import Position as Position
from rfl.storage.queries import count_terms, living, opened_terms, opened_terms_of
from rfl.storage.work import Work

CHUNK = 2_000
SORTED = 65_536


def load_pools(rt: Runtime) -> Position:
    """Load every living record's terms; return the feed position from which to follow.

    The log says once that they were loaded, and how many; nothing else is opened, except for
    terms made by older rules, which are made anew from *identity*. A second thread sorts what was
    opened while the next chunk is read: sorting needs no interpreter.
    """
    with rt.look(MATCHER_CALL, Verb.INDEX_LOAD) as work:
        position = feed.head(work)
        count = count_terms(work)
    with (
        rt.stream(MATCHER_CALL, Verb.INDEX_LOAD, (Group.TERMS,), count) as work,
        ThreadPoolExecutor(1, "rfl-sorting") as sorting,
    ):
        before: Future[None] | None = None
        for records, contents in _together(work):
            if before is not None:
                before.result()  # At most one part waits to be sorted: memory stays small.
            before = sorting.submit(rt.pools.put_many, records, contents)
        if before is not None:
            before.result()
    give_back()
    return position


def _together(work: Work) -> Iterator[tuple[list[str], list[bytes]]]:
    """The opened terms in parts of SORTED: sorting likes large parts, opening small ones."""
    records: list[str] = []
    contents: list[bytes] = []
    for some, opened in opened_terms(work, CHUNK):
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
