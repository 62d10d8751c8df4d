"""Close a case towards the enquirer, and reopen it with its whole history."""

from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.casefile import CaseFile, Ending, Event, Kind
from rfl.domain.groups import Group
from rfl.domain.ids import check_id
from rfl.domain.person import Person
from rfl.domain.request import NO_CONTACT, Level
from rfl.domain.task import WHILE_IT_GOES_ON
from rfl.errors import Conflict
from rfl.exchange.asking import conclude, resume
from rfl.flows.runtime import Call, Runtime
from rfl.matching import pools
from rfl.storage import (
    archives,
    casefiles,
    cases,
    feed,
    identifiers,
    ledger,
    people,
    tasks,
    vault,
)
from rfl.storage.cases import CaseRow, OutsideState
from rfl.storage.work import Work


def close_case(rt: Runtime, call: Call, case_id: str, version: int, ending: Ending) -> int:
    """Close a case; return its next version. The answer date stays: closing tells nothing.

    What the policy wants while a case goes on is asked no more; what an officer planned stays.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.CLOSED, said=ending.value)
        closed = file.closed(ending).with_event(event)
        conclude(work, rt.rules.network, case_id, ending)
        tasks.end(work, case_id, WHILE_IT_GOES_ON)
        clear = {"state": OutsideState.CLOSED, "review_at": None, "policy": None}
        return casefiles.keep(work, row, closed, **clear)


def reopen_case(
    rt: Runtime,
    call: Call,
    case_id: str,
    version: int,
    reason: str,
    successor: Person | None = None,
) -> int:
    """Reopen a closed case; it is accepted anew, and so gets a new answer date.

    One that was archived has its level again, and is compared with everybody again (P-24).

    A successor takes the enquirer's place as a person of their own: no answer, consent or judgement
    passes on to them (P-04), and no other society searches on for them unasked. Everything that was
    done stays on record.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version, archived=True)
        _require_other_side(work, file)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.REOPENED, said=reason)
        reopened = file.reopened().with_event(event)
        if rt.rules.network is not None and successor is None:
            resume(work, rt.rules.network, case_id)
        clear: dict[str, object] = {"state": OutsideState.OPEN, "due_at": None}
        if successor is not None and file.asked_by is not None:
            raise Conflict("Who asks is handled by the society that asked.")
        if successor is not None:
            reopened = replace(reopened, credibility=None, screening=None, child=None)
            clear |= _succeeded(work, rt, row, (successor, file))
        else:
            clear |= archives.brought_back(work, row, file, rt.rules.matching)
        _bring_back_merged(work, rt, file)
        return casefiles.keep(work, row, reopened, **clear)


def _require_other_side(work: Work, file: CaseFile) -> None:
    """Whoever is sought in two merged cases is compared from the surviving one, so that is first.

    Raises Conflict while it is archived.
    """
    if file.merge is not None:
        _row, into, _log_id = casefiles.opened(work, file.merge.into)
        into.require_not_archived()


def _bring_back_merged(work: Work, rt: Runtime, file: CaseFile) -> None:
    """What is worked within a case was archived with it, and comes back with it."""
    for merged in file.merged if file.archive is not None else ():
        row, its_file, _log_id = casefiles.opened(work, merged)
        if its_file.rests_in_another:
            sealed = archives.brought_back(work, row, its_file, rt.rules.matching)
            casefiles.keep(work, row, replace(its_file, archive=None), **sealed)


def _succeeded(
    work: Work, rt: Runtime, row: CaseRow, who: tuple[Person, CaseFile]
) -> dict[str, bytes]:
    """Put a successor in the enquirer's place, under a log id of their own; the sealed groups.

    `who`: the successor, and the file as it was.
    """
    case_id, (successor, file) = row.id, who
    hidden = file.hides(successor.id)
    tasks.end(work, case_id, archives.KEPT)
    _row, before, log_ids = cases.opened(work, case_id)
    request = replace(
        before,
        level=before.level if file.archive is None else file.archive.level,
        enquirer=successor,
        contact=NO_CONTACT,
        consents=(),
        notice=None,
        child_enquirer=False,
    )
    case_log, _enquirer, *sought = log_ids
    _tie, (_case, fresh) = vault.grown_tie(work, "cases", case_id, (case_log,), 2)
    known = (case_log, fresh, *sought)
    tie, _log_ids = vault.grown_tie(work, "cases", case_id, known, len(known))
    if request.level is not Level.NAMED_PERSONS_ONLY:
        kinds, region = rt.rules.identifier_kinds, rt.rules.phone_region
        shown = [person for person in request.persons() if person.id not in hidden]
        identifiers.replace(work, case_id, shown, kinds, region)
    ledger.append(work, objects=known, groups=(*people.STORED, Group.TERMS), count=1)
    feed.announce(work, [case_id])
    return {vault.TIE: tie} | cases.seal(
        work, case_id, request, pools.request_terms(request, hidden)
    )
