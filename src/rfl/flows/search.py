"""Search for a person, bound to a case or an intake; at most ten are shown, by name and band."""

from dataclasses import dataclass

import msgspec

from rfl.domain.access import Object, Verb
from rfl.domain.groups import Group
from rfl.domain.person import Name, Person, require_named
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.matching.pools import Candidate, Pool
from rfl.matching.scoring import Among, Band, Score, band, score_many
from rfl.matching.terms import Prepared, prepare
from rfl.storage import cases, people, searches, vault
from rfl.storage.cases import OutsideState
from rfl.storage.queries import living
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

SHOWN = 10
OPENED = 100
LEAST = 0.001


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

    The search is one entry in the log whatever it opens; its terms are sealed under the keys of
    the case or intake that it was made for. Whereabouts and contact are never shown.
    """
    require_named(sought)
    query = prepare(sought)
    found = [
        (pool, candidate)
        for pool in (Pool.REGISTERED, Pool.ENQUIRERS, Pool.SOUGHT)
        for candidate in rt.pools.find(pool, query, OPENED, but=made_for)
    ]
    with rt.begin(call, Verb.SEARCH) as work:
        work.require()
        log_id = _made_for(work, made_for)
        searches.keep(work, made_for, msgspec.json.encode(sought))
        rows = _rows(work, [candidate for _pool, candidate in found])
        hits: list[Hit] = []
        among = rt.pools.among()

        def choose(contents: list[bytes]) -> list[int]:
            records = [row.record for row in rows]
            parts = {(candidate.record, pool) for pool, candidate in found}
            everyone = _hits(list(zip(records, contents, strict=True)), query, parts, among)
            hits.extend(hit for hit in everyone[:SHOWN] if hit.score.probability >= LEAST)
            return [records.index(hit.record) for hit in hits]

        vault.open_shown(work, rows, Group.IDENTITY, log_id, choose)
    return hits


def _made_for(work: Work, record: str) -> str:
    if record.startswith("cas_"):
        row, sealed = cases.load(work, record)
        if row.state is OutsideState.ERASED:
            raise InvalidInput("made_for", "must be a living case or an intake")
        on = Object(branch=row.branch, officer=row.officer)
    elif record.startswith("int_"):
        intake, sealed = cases.load_intake(work, record)
        on = Object(branch=intake.branch, officer=intake.officer)
    else:
        raise InvalidInput("made_for", "must be the id of a case or an intake")
    log_ids = vault.log_ids(work, sealed)
    work.require(on)
    return log_ids[0]


def _rows(work: Work, candidates: list[Candidate]) -> list[SealedRow]:
    records = list(dict.fromkeys(candidate.record for candidate in candidates))
    return living(work, records, (Group.IDENTITY, vault.TIE))


def _hits(
    opened: list[tuple[str, bytes]], query: Prepared, parts: set[tuple[str, Pool]], among: Among
) -> list[Hit]:
    """Everyone in these records who has one of these parts, the likeliest first."""
    persons = [
        (record, pool, person)
        for record, content in opened
        for pool, person in _persons(record, content)
        if (record, pool) in parts
    ]
    scores = score_many(query, [prepare(person) for _r, _p, person in persons], among=among)
    hits = [
        Hit(record, pool, person.names, band(result.probability), result)
        for (record, pool, person), result in zip(persons, scores, strict=True)
    ]
    return sorted(hits, key=lambda hit: -hit.score.probability)


def _persons(record: str, content: bytes) -> list[tuple[Pool, Person]]:
    if record.startswith("reg_"):
        return [(Pool.REGISTERED, people.identity_in_registration(content))]
    enquirer, others = people.identities_in_request(content)
    return [(Pool.ENQUIRERS, enquirer)] + [(Pool.SOUGHT, one.person) for one in others]
