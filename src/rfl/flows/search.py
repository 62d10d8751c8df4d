"""Search for a person, bound to a case or an intake; at most ten are shown, by name and band."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from rfl.domain.access import Object, Verb
from rfl.domain.groups import Group
from rfl.domain.person import Name, Person, require_named
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.matching.pools import Candidate, Pool, Pools, in_pools
from rfl.matching.prepared import Prepared, from_sketch, prepare
from rfl.matching.scoring import Among, Band, Score, band, score_many, weigh_many
from rfl.storage import cases, children, people, searches, vault
from rfl.storage.queries import living
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

SHOWN = 10
CONSIDERED = 100
LEAST = 0.001
_LEAST_WEIGHT = math.log(LEAST / (1 - LEAST))

Found = tuple[Pool, Candidate]


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """One person shown: which record, in which part, the names, and how likely."""

    record: str
    part: Pool
    names: tuple[Name, ...]
    band: Band
    score: Score


def search(rt: Runtime, call: Call, made_for: str, sought: Person) -> list[Hit]:
    """Return at most SHOWN persons who may be `sought`, the likeliest first.

    Candidates are scored from memory, and nobody is opened but those who are shown. The search is
    one entry in the log whatever it opens; its terms are sealed under the keys of the case or
    intake that it was made for. Whereabouts and contact are never shown.
    """
    query = prepare(require_named(sought))
    among = rt.pools.among()
    likeliest = _likeliest(rt.pools, query, among, but=made_for)
    with rt.begin(call, Verb.SEARCH) as work:
        work.require()
        log_id = _made_for(work, made_for)
        searches.keep(work, made_for, msgspec.json.encode(sought))
        rows = _rows(work, likeliest)
        hits: list[Hit] = []

        def choose(contents: list[bytes]) -> list[int]:
            records = [row.record for row in rows]
            everyone = dict(zip(records, contents, strict=True))
            hits.extend(_hits(everyone, query, likeliest, among))
            return sorted({records.index(hit.record) for hit in hits})

        vault.open_shown(work, rows, Group.IDENTITY, log_id, choose)
    return hits


def _likeliest(pools: Pools, query: Prepared, among: Among, *, but: str) -> list[Found]:
    """Those who will be shown, by the sketches in memory."""
    found = [
        (pool, candidate)
        for pool in (Pool.REGISTERED, Pool.ENQUIRERS, Pool.SOUGHT)
        for candidate in pools.find(pool, query, CONSIDERED, but=but)
    ]
    weights = weigh_many(query, [from_sketch(one.sketch) for _pool, one in found], among)
    order = sorted(range(len(found)), key=weights.__getitem__, reverse=True)
    return [found[one] for one in order[:SHOWN] if weights[one] >= _LEAST_WEIGHT]


def _made_for(work: Work, record: str) -> str:
    if record.startswith("cas_"):
        row, sealed = cases.load(work, record)
        cases.require_alive(work, row)
        on = Object(branch=row.branch, officer=row.officer)
    elif record.startswith("int_"):
        intake, sealed = cases.load_intake(work, record)
        on = Object(branch=intake.branch, officer=intake.officer)
    else:
        raise InvalidInput("made_for", "must be the id of a case or an intake")
    log_ids = vault.log_ids(work, sealed)
    work.require(on)
    return log_ids[0]


def _rows(work: Work, likeliest: list[Found]) -> list[SealedRow]:
    """Return the records of those who are shown; a child's is shown to who is vetted alone."""
    found = dict.fromkeys(candidate.record for _pool, candidate in likeliest)
    hidden = children.closed(work, list(found))
    shown = [record for record in found if record not in hidden]
    return living(work, shown, (Group.IDENTITY, vault.TIE))


def _hits(
    opened: Mapping[str, bytes], query: Prepared, likeliest: list[Found], among: Among
) -> list[Hit]:
    """The likeliest as they stand in the store now, with the reasons."""
    persons = [
        (record, pool, person)
        for record, content in opened.items()
        for pool, person in _persons(record, content)
        if any(_is(record, pool, person, found) for found in likeliest)
    ]
    scores = score_many(query, [prepare(person) for _r, _p, person in persons], among=among)
    hits = [
        Hit(record, pool, person.names, band(result.probability), result)
        for (record, pool, person), result in zip(persons, scores, strict=True)
    ]
    return sorted(hits, key=lambda hit: -hit.score.probability)


def _is(record: str, pool: Pool, person: Person, found: Found) -> bool:
    part, candidate = found
    return (candidate.record, part) == (record, pool) and candidate.person in (None, person.id)


def _persons(record: str, content: bytes) -> list[tuple[Pool, Person]]:
    if record.startswith("reg_"):
        return [(Pool.REGISTERED, people.identity_in_registration(content))]
    return in_pools(*people.identities_in_request(content))
