"""Look for a case of the same family before another is opened, and say what was found of it.

The same enquirer, a person sought or searching in both, or a relative by name. Who is shown is
shown like in a search: name parts and band. No journal is opened, so it tells of no finding; and a
case that is searched for another society is never shown.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from rfl.domain.access import Object, Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.enquiry import Look
from rfl.domain.groups import Group
from rfl.domain.ids import PersonId, check_id, new_id
from rfl.domain.masked import Masked
from rfl.domain.person import Name, Person
from rfl.domain.request import TracingRequest
from rfl.flows.runtime import Call, Runtime
from rfl.matching.pools import Candidate, Pool
from rfl.matching.scoring import Among, Score, score_many
from rfl.matching.terms import Prepared, prepare
from rfl.storage import (
    casefiles,
    cases,
    children,
    enquiries,
    identifiers,
    people,
    received,
    searches,
    vault,
)
from rfl.storage.queries import living
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

SHOWN = 10
OPENED = 300
EACH = 40
LEAST = 0.05


@dataclass(frozen=True, slots=True, repr=False)
class Related(Masked):
    """A case that may be of the same family: who in it may be whom of the request, how likely."""

    record: str
    part: Pool
    asked: str
    names: tuple[Name, ...]
    score: Score


@dataclass(frozen=True, slots=True, repr=False)
class _Asked(Masked):
    """A person of the request, as `enquirer`, `sought[0]` or `sought[0].kin[1]`."""

    name: str
    person: Person
    prepared: Prepared


def look_for_family(
    rt: Runtime, call: Call, made_for: str, request: TracingRequest
) -> list[Related]:
    """Return at most SHOWN cases that may be of the same family, the likeliest first.

    It is made for an intake, or for an eligible enquiry, which keeps that it was looked for.
    """
    asked = list(_asked(request))
    found = [(one, candidate) for one in asked for candidate in _candidates(rt, one)]
    with rt.begin(call, Verb.SEARCH) as work:
        work.require()
        log_id = _made_for(work, made_for)
        searches.keep(work, made_for, msgspec.json.encode([one.person for one in asked]))
        shared = _sharers(rt, work, asked)
        found += [(one, Candidate(record, person, 0.0)) for one, record, person in shared]
        met = _opened_first(found, {record for _one, record, _person in shared})
        others = received.cases_among(work, met)
        met = [record for record in met if record not in others]
        rows = living(work, met, (Group.IDENTITY, vault.TIE))
        related: list[Related] = []

        def choose(contents: list[bytes]) -> list[int]:
            known = _known(rows, contents)
            weighed = _weighed(found, known, shared, rt.pools.among())
            best = _best_of_each(weighed)
            hidden = children.closed(work, [one.record for one in best])
            related.extend(one for one in best if one.record not in hidden)
            records = [row.record for row in rows]
            return [records.index(one.record) for one in related]

        vault.open_shown(work, rows, Group.IDENTITY, log_id, choose)
        _remember(work, made_for, [one.record for one in related])
    return related


def open_another(rt: Runtime, call: Call, enquiry_id: str, version: int, reason: str) -> int:
    """Say that none of the cases that were shown is this family's; return the next version."""
    check_id(enquiry_id, "enq")
    with rt.begin(call, Verb.ENQUIRY_WORK) as work:
        row, enquiry = enquiries.opened(work, enquiry_id, version)
        return enquiries.keep(work, row, enquiry.is_another(reason))


def join_case(rt: Runtime, call: Call, enquiry_id: str, version: int, case_id: str) -> int:
    """Let an enquiry join a case that was shown: the same enquirer asks again.

    Another enquirer gets a case of their own, which is then merged into the one that is there.
    """
    check_id(enquiry_id, "enq")
    check_id(case_id, "cas", field="case")
    with rt.begin(call, Verb.ENQUIRY_WORK) as work:
        row, enquiry = enquiries.opened(work, enquiry_id, version)
        joined = enquiry.joined(case_id)
        case, file, _log_id = casefiles.opened(work, case_id)
        file.require_own_work()
        event = Event(at=work.now, by=call.actor.id, kind=Kind.ASKED_AGAIN)
        casefiles.keep(work, case, file.with_event(event))
        return enquiries.keep(work, row, joined)


def _asked(request: TracingRequest) -> Iterator[_Asked]:
    persons = [("enquirer", request.enquirer)]
    persons += [(f"sought[{number}]", one.person) for number, one in enumerate(request.sought)]
    for name, person in persons:
        yield _Asked(name, person, prepare(person))
        for number, kin in enumerate(person.kin):
            relative = Person(id=PersonId(new_id("per")), names=kin.names)
            yield _Asked(f"{name}.kin[{number}]", relative, prepare(relative))


def _candidates(rt: Runtime, one: _Asked) -> list[Candidate]:
    found = [rt.pools.find(pool, one.prepared, EACH, but="") for pool in _POOLS]
    return [candidate for part in found for candidate in part]


_POOLS = (Pool.SOUGHT, Pool.ENQUIRERS)


def _made_for(work: Work, record: str) -> str:
    if record.startswith("enq_"):
        enquiry_id = check_id(record, "enq", field="made_for")
        _row, enquiry = enquiries.opened(work, enquiry_id)
        enquiry.require_lookable()
        return enquiries.log_id(work, enquiry_id)
    intake, sealed = cases.load_intake(work, check_id(record, "int", field="made_for"))
    log_ids = vault.log_ids(work, sealed)
    work.require(Object(branch=intake.branch, officer=intake.officer))
    return log_ids[0]


def _sharers(rt: Runtime, work: Work, asked: list[_Asked]) -> list[tuple[_Asked, str, str]]:
    """Whoever in a case has one of these identifiers: (person of the request, record, person)."""
    kinds, region = rt.rules.identifier_kinds, rt.rules.phone_region
    mine = {
        digest: one
        for one in asked
        for digest, _p, _r in identifiers.hashes_of(work, one.person, "", kinds, region)
    }
    holders = identifiers.holders(work, list(mine))
    return [(mine[one], record, who) for one, who, record in holders if record.startswith("cas_")]


def _opened_first(found: list[tuple[_Asked, Candidate]], sure: set[str]) -> list[str]:
    """The records to open: those that share an identifier, then the best ranked."""
    ranked = sorted(found, key=lambda one: (one[1].record not in sure, -one[1].rank))
    return list(dict.fromkeys(candidate.record for _one, candidate in ranked))[:OPENED]


def _known(rows: list[SealedRow], contents: list[bytes]) -> dict[str, tuple[str, Pool, Person]]:
    known: dict[str, tuple[str, Pool, Person]] = {}
    for row, content in zip(rows, contents, strict=True):
        enquirer, sought = people.identities_in_request(content)
        known[enquirer.id] = (row.record, Pool.ENQUIRERS, enquirer)
        known |= {one.person.id: (row.record, Pool.SOUGHT, one.person) for one in sought}
    return known


def _weighed(
    found: list[tuple[_Asked, Candidate]],
    known: dict[str, tuple[str, Pool, Person]],
    shared: list[tuple[_Asked, str, str]],
    among: Among,
) -> Iterator[Related]:
    """Score everybody found against whom of the request they were found for."""
    counts = [(one.name, person) for one, _record, person in shared]
    by_asked: dict[str, tuple[_Asked, list[str]]] = {}
    for one, candidate in found:
        if candidate.person in known:
            by_asked.setdefault(one.name, (one, []))[1].append(str(candidate.person))
    for one, persons in by_asked.values():
        chosen = list(dict.fromkeys(persons))
        scores = score_many(
            one.prepared,
            [prepare(known[person][2]) for person in chosen],
            shared_identifiers=[counts.count((one.name, person)) for person in chosen],
            among=among,
        )
        for person, score in zip(chosen, scores, strict=True):
            record, part, description = known[person]
            yield Related(record, part, one.name, description.names, score)


def _best_of_each(weighed: Iterator[Related]) -> list[Related]:
    """The likeliest person of each case, and of these the SHOWN likeliest."""
    best: dict[str, Related] = {}
    for one in sorted(weighed, key=lambda one: -one.score.probability):
        if one.score.probability >= LEAST:
            best.setdefault(one.record, one)
    return list(best.values())[:SHOWN]


def _remember(work: Work, made_for: str, shown: list[str]) -> None:
    if made_for.startswith("enq_"):
        row, enquiry = enquiries.opened(work, made_for)
        look = Look(work.now, work.actor.id, tuple(shown))
        enquiries.keep(work, row, enquiry.looked(look))
