"""Match what changed: candidates from memory, scored on opened identities, kept as proposals.

No lock is held while records are opened and scored: each opening's entry is committed before it,
and one transaction at the end keeps the proposals and marks the changes. A crash before it repeats
the work; at most one proposal is kept for a pair.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rfl.domain.access import Verb
from rfl.domain.groups import Group, Half
from rfl.domain.ids import new_id
from rfl.domain.match import Evidence, MatchKind
from rfl.domain.person import Person
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.matching.pools import Candidate, Pool
from rfl.matching.scoring import MODEL_VERSION, SHOW_THRESHOLD, Among, Score, score_pairs
from rfl.matching.scripts import NORM_VERSION
from rfl.matching.terms import Prepared, prepare
from rfl.storage import feed, identifiers, ledger, matches, people, vault
from rfl.storage.feed import Change, Position
from rfl.storage.matches import MatchRow
from rfl.storage.queries import living
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

BATCH = 50
OPENED = 60
KEPT = 20


@dataclass(frozen=True, slots=True)
class _Known:
    """An opened person with its part in its record."""

    record: str
    person: str
    pool: Pool
    prepared: Prepared = field(repr=False)


@dataclass(slots=True)
class _Round:
    """What one round compares: persons that changed, and those that they may be."""

    changes: list[Change]
    own: list[_Known] = field(default_factory=list)
    others: dict[str, list[_Known]] = field(default_factory=dict)
    pairs: list[tuple[_Known, Candidate]] = field(default_factory=list)
    shared: dict[frozenset[str], int] = field(default_factory=dict)


TARGETS: dict[Pool, tuple[Pool, ...]] = {
    Pool.SOUGHT: (Pool.REGISTERED, Pool.ENQUIRERS),
    Pool.ENQUIRERS: (Pool.SOUGHT,),
    Pool.REGISTERED: (Pool.SOUGHT,),
}


def propose_waiting(rt: Runtime, position: Position) -> int:
    """Match up to BATCH changes that the pools have taken in; return how many were done."""
    with rt.ask(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        if not feed.anything_waits(work):
            return 0
    now = _opened_round(rt, position)
    if not now.changes:
        return 0
    proposals = _scored(now, rt.pools.among())
    _keep(rt, now, proposals)
    return len(now.changes)


def _opened_round(rt: Runtime, position: Position) -> _Round:
    """Open who changed, then whom they may be; each opening's entry is kept before it."""
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        work.require()
        now = _Round(feed.unmatched(work, position, BATCH))
    records = list(dict.fromkeys(change.record for change in now.changes))
    now.own = _known(rt, [record for record in records if rt.pools.may_meet(record)])
    for known in now.own:
        for pool in TARGETS[known.pool]:
            found = rt.pools.find(pool, known.prepared, OPENED, but=known.record)
            now.pairs += [(known, candidate) for candidate in found]
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        _add_sharers(work, now, records)
    wanted = dict.fromkeys(candidate.record for _own, candidate in now.pairs)
    for known in _known(rt, list(wanted)):
        now.others.setdefault(known.record, []).append(known)
    return now


def _known(rt: Runtime, records: list[str]) -> list[_Known]:
    if not records:
        return []
    known: list[_Known] = []
    groups = (Group.IDENTITY,)
    with rt.stream(MATCHER_CALL, Verb.MATCH_COMPARE, groups, len(records)) as work:
        rows = living(work, records, groups)
        vault.load_keys(work, [row.record for row in rows], Half.IDENTITY)
        for row in rows:
            identity = vault.open_logged(work, row, Group.IDENTITY, Half.IDENTITY)
            for pool, person in _persons(row, identity):
                known.append(_Known(row.record, person.id, pool, prepare(person)))
    return known


def _persons(row: SealedRow, identity: bytes) -> Iterable[tuple[Pool, Person]]:
    if row.table == "registrations":
        yield Pool.REGISTERED, people.identity_in_registration(identity)
        return
    enquirer, sought = people.identities_in_request(identity)
    yield Pool.ENQUIRERS, enquirer
    for one in sought:
        yield Pool.SOUGHT, one.person


def _add_sharers(work: Work, now: _Round, records: list[str]) -> None:
    """Whoever shares an identifier is compared, whatever the names say."""
    own = {known.person: known for known in now.own}
    mine = identifiers.of_records(work, records)
    holders = identifiers.holders(work, list({digest for digest, _person, _record in mine}))
    by_hash: dict[bytes, list[tuple[str, str]]] = {}
    for digest, person, record in holders:
        by_hash.setdefault(digest, []).append((person, record))
    for digest, person, record in mine:
        for other, its_record in by_hash.get(digest, ()):
            if its_record != record and person in own:
                pair = frozenset((person, other))
                now.shared[pair] = now.shared.get(pair, 0) + 1
                now.pairs.append((own[person], Candidate(its_record, other, 0.0)))


def _scored(now: _Round, among: Among) -> dict[tuple[str, str], tuple[_Known, _Known, Score]]:
    compared: dict[tuple[str, str], tuple[_Known, _Known]] = {}
    for own, candidate in now.pairs:
        for other in now.others.get(candidate.record, ()):
            sides = _sides(own, other) if candidate.person in (None, other.person) else None
            if sides is not None:
                compared[sides[0].person, sides[1].person] = sides
    results = score_pairs(
        [(left.prepared, right.prepared) for left, right in compared.values()],
        shared_identifiers=[now.shared.get(frozenset(pair), 0) for pair in compared],
        among=among,
    )
    return _best(
        {
            pair: (*sides, result)
            for (pair, sides), result in zip(compared.items(), results, strict=True)
            if result.probability >= SHOW_THRESHOLD
        }
    )


def _best(
    kept: dict[tuple[str, str], tuple[_Known, _Known, Score]],
) -> dict[tuple[str, str], tuple[_Known, _Known, Score]]:
    """At most KEPT proposals for each sought person in one round, the likeliest."""
    counts: dict[str, int] = {}
    best: dict[tuple[str, str], tuple[_Known, _Known, Score]] = {}
    for key, value in sorted(kept.items(), key=lambda item: -item[1][2].probability):
        counts[key[0]] = counts.get(key[0], 0) + 1
        if counts[key[0]] <= KEPT:
            best[key] = value
    return best


def _sides(own: _Known, other: _Known) -> tuple[_Known, _Known] | None:
    """The sought person stands left. None where the two are not compared with each other."""
    if other.pool not in TARGETS[own.pool]:
        return None
    return (own, other) if own.pool is Pool.SOUGHT else (other, own)


def _keep(
    rt: Runtime, now: _Round, proposals: dict[tuple[str, str], tuple[_Known, _Known, Score]]
) -> None:
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        known = matches.pairs_kept(work, list(proposals))
        fresh = {pair: found for pair, found in proposals.items() if pair not in known}
        sides = [side.record for left, right, _score in fresh.values() for side in (left, right)]
        there = {row.record for row in living(work, list(set(sides)), ())}
        ledger.append(work, count=len(fresh), groups=(Group.IDENTITY,), reason="proposals")
        for left, right, result in fresh.values():
            if {left.record, right.record} <= there:
                row = _row(work, left, right)
                matches.add(work, row, _evidence(right, result))
        feed.mark_matched(work, [change.position.id for change in now.changes])


def _row(work: Work, left: _Known, right: _Known) -> MatchRow:
    return MatchRow(
        id=new_id("mat"),
        left_record=left.record,
        left_person=left.person,
        right_record=right.record,
        right_person=right.person,
        open=True,
        created_at=work.micros,
        version=1,
    )


def _evidence(right: _Known, result: Score) -> Evidence:
    is_registration = right.pool is Pool.REGISTERED
    return Evidence(
        kind=MatchKind.REGISTRATION if is_registration else MatchKind.BOTH_SEARCHING,
        probability=result.probability,
        total=result.total,
        contributions=tuple((one.field, one.code, one.weight) for one in result.contributions),
        model=str(MODEL_VERSION),
        norm=str(NORM_VERSION),
    )
