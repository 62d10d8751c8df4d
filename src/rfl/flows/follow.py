"""Keep the pools in step with the records: loaded from sealed terms, then by the change feed."""

from collections.abc import Iterable

from rfl.domain.access import Verb
from rfl.domain.groups import Group, Half
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.matching import pools
from rfl.storage import feed, people, vault
from rfl.storage.feed import Position as Position
from rfl.storage.queries import count_terms, living, sealed_terms
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

CHUNK = 2_000


def load_pools(rt: Runtime) -> Position:
    """Load every living record's terms; return the feed position from which to follow.

    The log says once that they were loaded, and how many; nothing else is opened, except for
    terms made by older rules, which are made anew from *identity*.
    """
    with rt.look(MATCHER_CALL, Verb.INDEX_LOAD) as work:
        position = feed.head(work)
        count = count_terms(work)
    with rt.stream(MATCHER_CALL, Verb.INDEX_LOAD, (Group.TERMS,), count) as work:
        for rows in sealed_terms(work, CHUNK):
            rt.pools.put_many(_opened_terms(work, rows))
            work.keys.clear()
            work.wrapped.clear()
    return position


def catch_up(rt: Runtime, position: Position) -> Position:
    """Take the next changes of the feed into the pools; return how far it came."""
    with rt.look(MATCHER_CALL, Verb.INDEX_LOAD) as work:
        changes = feed.after(work, position, CHUNK)
    if not changes:
        return position
    records = list(dict.fromkeys(change.record for change in changes))
    with rt.stream(MATCHER_CALL, Verb.INDEX_LOAD, (Group.TERMS,), len(records)) as work:
        opened = dict(_opened_terms(work, living(work, records, (Group.TERMS,))))
    for record in records:
        if record not in opened:
            rt.pools.drop(record)
    rt.pools.put_many(opened.items())
    return changes[-1].position


def _opened_terms(work: Work, rows: list[SealedRow]) -> Iterable[tuple[str, bytes]]:
    vault.load_keys(work, [row.record for row in rows], Half.IDENTITY)
    for row in rows:
        content = vault.open_logged(work, row, Group.TERMS, Half.IDENTITY)
        if pools.terms_are_stale(content):
            content = _made_anew(work, row.record)
        yield row.record, content


def _made_anew(work: Work, record: str) -> bytes:
    """Terms of an older version, from the names themselves."""
    [row] = living(work, [record], (Group.IDENTITY,))
    identity = vault.open_logged(work, row, Group.IDENTITY, Half.IDENTITY)
    if row.table == "registrations":
        return pools.person_terms(
            [(pools.Pool.REGISTERED, people.identity_in_registration(identity))]
        )
    enquirer, sought = people.identities_in_request(identity)
    persons = [(pools.Pool.SOUGHT, one.person) for one in sought]
    return pools.person_terms([(pools.Pool.ENQUIRERS, enquirer), *persons])
