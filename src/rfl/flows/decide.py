"""Show proposals with their reasons, and keep what officers decide about them (P-10)."""

from dataclasses import dataclass, replace
from typing import TypeVar

from rfl.domain.access import Object, Verb
from rfl.domain.dates import PartialDate
from rfl.domain.groups import Group
from rfl.domain.ids import check_id
from rfl.domain.match import Decided, Evidence, MatchState, Step
from rfl.domain.person import Name, Person, Sex
from rfl.errors import Forbidden, NotFound, StaleVersion
from rfl.flows.runtime import Call, Runtime
from rfl.matching.explain import unknown_fields
from rfl.storage import (
    cases,
    children,
    ledger,
    matches,
    notices,
    people,
    proposals,
    registrations,
    vault,
)
from rfl.storage.cases import CaseRow
from rfl.storage.matches import MatchRow
from rfl.storage.queries import living
from rfl.storage.registrations import RegistrationRow
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

_Sealed = TypeVar("_Sealed", SealedRow, None)


@dataclass(frozen=True, slots=True, repr=False)
class Side:
    """One of the two persons, as far as is needed to compare them, and what is not known."""

    record: str
    person: str
    names: tuple[Name, ...]
    sex: Sex
    birth: PartialDate | None
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class MatchView:
    """A proposal: who with whom, why, and what was decided."""

    row: MatchRow
    sought: Side
    other: Side
    evidence: Evidence
    decided: Decided


def list_matches(rt: Runtime, call: Call, case_id: str) -> list[MatchView]:
    """Return the proposals of a case, the likeliest first; to its team alone once it is searched.

    Before that the branch may see them: somebody must, and nothing was searched yet.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.MATCH_READ) as work:
        row, sealed = cases.load(work, case_id)
        cases.require_alive(work, row)
        log_ids = vault.log_ids(work, sealed)
        work.require()
        found = matches.of_records(work, [case_id])
        views = _views(work, found, log_ids[0])
        if case_id in children.closed(work, [case_id]):
            raise Forbidden
        if not proposals.rights(work, [case_id])[case_id].sees:
            work.require(Object(branch=row.branch))
            raise Forbidden
        mine = proposals.seen(work, [view.row for view in views])
        views = [view for view in views if view.row.id in mine]
    return sorted(views, key=lambda view: -view.evidence.probability)


def read_match(rt: Runtime, call: Call, match_id: str) -> MatchView:
    """Return one proposal, or raise NotFound where the caller has no case in it."""
    check_id(match_id, "mat")
    with rt.begin(call, Verb.MATCH_READ) as work:
        row, sealed = matches.load(work, match_id)
        log_id = _own_record(work, row)
        views = _views(work, [(row, sealed)], log_id)
        _require_seen(work, row)
    return views[0]


def decide_match(
    rt: Runtime, call: Call, match_id: str, version: int, state: MatchState, reason: str
) -> int:
    """Keep a decision with its reason; return the next version of the proposal."""
    check_id(match_id, "mat")
    with rt.begin(call, Verb.MATCH_DECIDE) as work:
        row, sealed = matches.load(work, match_id)
        log_id = _own_record(work, row)
        ledger.append(work, objects=[log_id], groups=(Group.RESULT,), count=1, reason=state)
        _require_seen(work, row)
        if row.version != version:
            raise StaleVersion
        decided, evidence = matches.decided_of(work, sealed), matches.evidence_of(work, sealed)
        step = Step(state=state, by=call.actor.id, at=work.now, reason=reason)
        following = decided.then(step, evidence)
        notices.clear(work, match_id, call.actor.branch)
        return matches.decide(work, row, version, following, replace(evidence, rose=False))


def list_duplicates(rt: Runtime, call: Call, registration_id: str) -> list[MatchView]:
    """Return other registrations that may be of the same person, the likeliest first.

    Whoever searches for the person does not show here: that is told on the side of the case.
    """
    check_id(registration_id, "reg")
    with rt.begin(call, Verb.MATCH_READ) as work:
        row, sealed = registrations.load(work, registration_id)
        log_ids = vault.log_ids(work, sealed)
        work.require(Object(branch=row.branch, officer=row.officer))
        found = matches.of_records(work, [registration_id])
        pairs = [(one, kept) for one, kept in found if one.left_record.startswith("reg_")]
        views = _views(work, pairs, log_ids[0])
    return sorted(views, key=lambda view: -view.evidence.probability)


def _own_record(work: Work, row: MatchRow) -> str:
    """Return the log id of a record of this proposal that the actor may read, or of its case.

    A proposal with a case in it is the case's: who registered a person is not told who searches.
    Which team sees it is asked after the entry: `_require_seen`.
    """
    records = (row.left_record, row.right_record)
    mine = [record for record in records if record.startswith("cas_")]
    loaded = [_loaded(work, record) for record in mine or records]
    loaded.sort(key=lambda one: one[0].branch != work.actor.branch)
    found, sealed = loaded[0]
    if not mine and found.branch != work.actor.branch:
        raise NotFound
    log_ids = vault.log_ids(work, sealed)
    work.require(None if mine else Object(branch=found.branch, officer=found.officer))
    return log_ids[0]


def _require_seen(work: Work, row: MatchRow) -> None:
    """Raise NotFound for a proposal of a case whose team, or before it branch, is another, and
    for one with a child in it where the actor is not vetted.
    """
    if not _open_to(work, [(row, None)]):
        raise NotFound
    is_of_case = "cas_" in (row.left_record[:4], row.right_record[:4])
    if is_of_case and row.id not in proposals.seen(work, [row]):
        raise NotFound


def _loaded(work: Work, record: str) -> tuple[CaseRow | RegistrationRow, SealedRow]:
    if record.startswith("cas_"):
        return cases.load(work, record)
    return registrations.load(work, record)


def _open_to(work: Work, found: list[tuple[MatchRow, _Sealed]]) -> list[tuple[MatchRow, _Sealed]]:
    """Return those whose two sides may both be shown to this actor (P-20)."""
    sides = [(row.left_record, row.right_record) for row, _sealed in found]
    hidden = children.closed(work, [record for both in sides for record in both])
    return [one for one, both in zip(found, sides, strict=True) if hidden.isdisjoint(both)]


def _views(work: Work, found: list[tuple[MatchRow, SealedRow]], log_id: str) -> list[MatchView]:
    found = _open_to(work, found)
    records = list({record for row, _s in found for record in (row.left_record, row.right_record)})
    rows = living(work, records, (Group.IDENTITY, vault.TIE))
    others = [vault.log_ids(work, row)[0] for row in rows]
    work.objects = (log_id,)
    objects = list(dict.fromkeys([log_id, *others]))
    opened = vault.open_rows(work, rows, (Group.IDENTITY,), objects=objects)
    persons: dict[str, Person] = {}
    for row, groups in zip(rows, opened, strict=True):
        shown = people.persons_in(row.table, groups[Group.IDENTITY])
        persons |= {one.id: one for one in shown}
    return [
        MatchView(
            row=row,
            sought=_side(row.left_record, persons[row.left_person]),
            other=_side(row.right_record, persons[row.right_person]),
            evidence=matches.evidence_of(work, sealed),
            decided=matches.decided_of(work, sealed),
        )
        for row, sealed in found
    ]


def _side(record: str, person: Person) -> Side:
    unknown = unknown_fields(person)
    return Side(record, person.id, person.names, person.sex, person.birth, unknown)
