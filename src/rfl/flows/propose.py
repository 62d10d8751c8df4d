"""Match what changed, and everybody anew when the rules have: candidates from memory, scored on
opened identities, kept as proposals.

No lock is held while records are opened and scored: each opening's entry is committed before it.
What comes of it is kept in parts, so that a family of a name that many share keeps no officer
waiting for the only writer; the last part marks the work as done. A crash before it repeats the
work; at most one proposal is kept for a pair.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from random import SystemRandom

from rfl.domain.access import Verb
from rfl.domain.groups import Group, Half
from rfl.domain.ids import new_id
from rfl.domain.match import MatchKind
from rfl.domain.person import Person
from rfl.exchange.asked_often import watch_asked
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.matching.meeting import TARGETS, Becomes, Compared, Known, becomes, compare
from rfl.matching.pools import Candidate, Pool, in_pools
from rfl.matching.scoring import Among
from rfl.matching.terms import prepare
from rfl.storage import (
    feed,
    identifiers,
    ledger,
    matches,
    notices,
    people,
    rematch,
    vault,
)
from rfl.storage.feed import Position
from rfl.storage.matches import MatchRow
from rfl.storage.queries import branches_of, living, records_after
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

BATCH = 50
ANEW = 10
KEPT = 20
PART = 40
"""How many proposals one transaction writes at most: on SQLite nobody else writes meanwhile."""

_CHANCE = SystemRandom()


@dataclass(slots=True)
class _Round:
    """What one round compares: persons of these records, and those that they may be."""

    records: list[str]
    own: list[Known] = field(default_factory=list)
    others: dict[str, list[Known]] = field(default_factory=dict)
    pairs: list[tuple[Known, Candidate]] = field(default_factory=list)
    shared: dict[frozenset[str], int] = field(default_factory=dict)
    kept: list[MatchRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Part:
    """What one transaction writes: proposals that there are, by id, and new ones."""

    ids: list[str]
    added: list[Compared]


def propose_waiting(rt: Runtime, position: Position) -> int:
    """Match up to BATCH changes that the pools have taken in; return how many were done."""
    with rt.ask(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        if not feed.anything_waits(work):
            return 0
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        work.require()
        changes = feed.unmatched(work, position, BATCH)
    if not changes:
        return 0
    now = _opened_round(rt, list(dict.fromkeys(change.record for change in changes)))
    found = _compared(now, rt.pools.among())
    chosen = [*_likeliest(found), *_drawn(found.values(), rt.rules.sample_share)]
    *first, last = _parts(rt, now, chosen)
    for part in first:
        with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
            _keep(work, part, found, anew=False)
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        _keep(work, last, found, anew=False)
        feed.mark_matched(work, [change.position.id for change in changes])
    return len(changes)


def rematch_some(rt: Runtime, holder: str) -> int:
    """Compare the next ANEW records with everybody; return how many were done."""
    with rt.ask(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        known = rematch.progress(work)
    if known is None or known.finished_at is not None:
        return 0
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        work.require()
        before = rematch.lease(work, holder)
        records = records_after(work, before.cursor, ANEW) if before is not None else []
    if before is None:
        return 0
    now = _opened_round(rt, records)
    found = _compared(now, rt.pools.among())
    *first, last = _parts(rt, now, _likeliest(found))
    for part in first:
        with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
            work.require()
            if rematch.is_at(work, holder, before):
                _keep(work, part, found, anew=True)
    with rt.begin(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        cursor = records[-1] if records else None
        if rematch.advance(work, holder, before, cursor, len(records)):
            _keep(work, last, found, anew=True)
    return len(records)


def _opened_round(rt: Runtime, records: list[str]) -> _Round:
    """Open whom it is about, then whom they may be; each opening's entry is kept before it."""
    now = _Round(records)
    met = _known(rt, [record for record in records if rt.pools.may_meet(record)])
    now.own = [known for known in met if rt.pools.holds(known.record, known.person)]
    for known in now.own:
        for pool, opened in TARGETS[known.pool].items():
            found = rt.pools.find(pool, known.prepared, opened, but=known.record)
            now.pairs += [(known, candidate) for candidate in found]
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        now.kept = matches.rows_of(work, records)
        _add_kept(now)
        _add_sharers(work, now, records)
    wanted = dict.fromkeys(candidate.record for _own, candidate in now.pairs)
    for known in _known(rt, list(wanted)):
        now.others.setdefault(known.record, []).append(known)
    return now


def _known(rt: Runtime, records: list[str]) -> list[Known]:
    if not records:
        return []
    known: list[Known] = []
    groups = (Group.IDENTITY,)
    with rt.stream(MATCHER_CALL, Verb.MATCH_COMPARE, groups, len(records)) as work:
        rows = living(work, records, groups)
        vault.load_keys(work, [row.record for row in rows], Half.IDENTITY)
        for row in rows:
            identity = vault.open_logged(work, row, Group.IDENTITY, Half.IDENTITY)
            for pool, person in _persons(row, identity):
                known.append(Known(row.record, person.id, pool, prepare(person)))
    return known


def _persons(row: SealedRow, identity: bytes) -> Iterable[tuple[Pool, Person]]:
    if row.table == "registrations":
        return [(Pool.REGISTERED, people.identity_in_registration(identity))]
    return in_pools(*people.identities_in_request(identity))


def _add_kept(now: _Round) -> None:
    """Whoever is proposed already is compared again, whether the search still finds them."""
    own = {known.person: known for known in now.own}
    for row in now.kept:
        sides = ((row.left_person, row.right_record, row.right_person),)
        for person, record, other in (*sides, (row.right_person, row.left_record, row.left_person)):
            if person in own:
                now.pairs.append((own[person], Candidate(record, other, 0.0)))


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


def _compared(now: _Round, among: Among) -> dict[tuple[str, str], Compared]:
    """Every pair of the round once, however it was found."""
    met: dict[frozenset[str], tuple[Known, Known, int]] = {}
    for own, candidate in now.pairs:
        for other in now.others.get(candidate.record, ()):
            pair = frozenset((own.person, other.person))
            if candidate.person in (None, other.person):
                met[pair] = (own, other, now.shared.get(pair, 0))
    return {one.pair: one for one in compare(met.values(), among)}


def _likeliest(found: dict[tuple[str, str], Compared]) -> list[Compared]:
    """At most KEPT proposals of each kind for each person in one round.

    So namesakes on lists crowd out no family that searches too.
    """
    counts: Counter[tuple[str, MatchKind]] = Counter()
    shown: list[Compared] = []
    for one in sorted(found.values(), key=lambda one: -one.evidence.probability):
        mine = (one.left.person, one.evidence.kind)
        counts[mine] += 1
        if one.is_shown and counts[mine] <= KEPT:
            shown.append(one)
    return shown


def _drawn(found: Iterable[Compared], share: float) -> list[Compared]:
    """Some of those that nobody would see, so that it becomes known what the threshold misses."""
    return [one for one in found if not one.is_shown and _CHANCE.random() < share]


def _parts(rt: Runtime, now: _Round, chosen: list[Compared]) -> list[_Part]:
    """Return what a round writes, PART proposals together; at least one part, maybe empty."""
    with rt.look(MATCHER_CALL, Verb.MATCH_COMPARE) as work:
        ids = sorted({row.id for row in matches.rows_of(work, now.records)})
    wanted: list[str | Compared] = [*ids, *chosen]
    some = [wanted[start : start + PART] for start in range(0, max(len(wanted), 1), PART)]
    return [
        _Part(
            [one for one in part if isinstance(one, str)],
            [one for one in part if isinstance(one, Compared)],
        )
        for part in some
    ]


def _keep(work: Work, part: _Part, found: dict[tuple[str, str], Compared], *, anew: bool) -> None:
    """Bring what is proposed already up to what the round has found, and add what is new."""
    count = len(part.ids) + len(part.added)
    ledger.append(work, count=count, groups=(Group.IDENTITY,), reason="proposals")
    _renew(work, part.ids, found, anew=anew)
    _add_new(work, part.added)


def _renew(
    work: Work, ids: list[str], found: dict[tuple[str, str], Compared], *, anew: bool
) -> None:
    for row, sealed in matches.locked(work, ids):
        fresh = found.get((row.left_person, row.right_person))
        before = matches.evidence_of(work, sealed)
        what = becomes(before, fresh, is_open=row.open, anew=anew)
        if what is Becomes.WITHDRAWN and not matches.is_decided(sealed):
            matches.remove(work, row.id)
        elif what is not Becomes.KEPT and fresh is not None:
            rose = before.rose or (what is Becomes.ROSE and not row.open)
            sample = before.sample and not fresh.is_shown
            matches.renew(work, row, replace(fresh.evidence, rose=rose, sample=sample))
            if what is Becomes.ROSE:
                notices.tell(work, row.id, _told(work, fresh), "rose")


def _add_new(work: Work, chosen: list[Compared]) -> None:
    sides = [side.record for one in chosen for side in (one.left, one.right)]
    there = {row.record for row in living(work, list(dict.fromkeys(sides)), ())}
    for one in chosen:
        if not {one.left.record, one.right.record} <= there:
            continue
        row = MatchRow(
            id=new_id("mat"),
            left_record=one.left.record,
            left_person=one.left.person,
            right_record=one.right.record,
            right_person=one.right.person,
            open=True,
            created_at=work.micros,
            version=1,
        )
        if matches.add(work, row, replace(one.evidence, sample=not one.is_shown)):
            code = "new" if one.is_shown else "sample"
            notices.tell(work, row.id, _told(work, one), code)
    shown = [one for one in chosen if one.is_shown]
    watch_asked(work, {side.record for one in shown for side in (one.left, one.right)})


def _told(work: Work, one: Compared) -> list[str]:
    """The branches of the cases; of two registrations their own, since there is no case."""
    records = [one.left.record, one.right.record]
    cases = [record for record in records if record.startswith("cas_")]
    return branches_of(work, cases or records)
