"""Keep each case as long as the policy says (P-24), then let people look, archive it, or erase it.

Each case is a transaction of its own, in which it is asked anew whether its time is over: a node
that stopped midway goes on with the next one, and a case that was just reopened stays.
"""

from contextlib import suppress
from datetime import timedelta

from rfl.domain import keeping
from rfl.domain.access import Verb
from rfl.domain.casefile import CaseFile, Event, Kind
from rfl.domain.policy import AfterKeeping, DataClass, Rules
from rfl.domain.states import TransmissionState
from rfl.domain.task import when_kept_long
from rfl.errors import Conflict, Erased, StaleVersion
from rfl.exchange.ending import end_copy
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import (
    archives,
    blobs,
    casefiles,
    cases,
    keepings,
    ledger,
    merges,
    messages,
    received,
    tasks,
    transmissions,
    vault,
)
from rfl.storage.cases import CaseRow, OutsideState
from rfl.storage.lifecycle import destroy_case
from rfl.storage.work import Work, from_micros, micros

BATCH = 200
RECKONED, ROUNDS = 50, 20
LATER = timedelta(days=1)
_GONE_ON = (Conflict, Erased, StaleVersion)
"""What an officer who was quicker leaves behind: the case is looked at again in the next round."""


def keep_cases(rt: Runtime) -> int:
    """Reckon which cases' time is over, and do what the policy says; return how many it removed."""
    reckon_cases(rt)
    return end_cases(rt)


def reckon_cases(rt: Runtime) -> int:
    """Reckon until when cases are kept, if they or the rules have changed; return how many.

    After a change of the rules all are opened for it, at most ROUNDS times RECKONED in one call.
    """
    total = 0
    for _round in range(ROUNDS):
        code = rt.rules.policy.on(rt.today()).code
        with rt.look(OFFICE_CALL, Verb.RETAIN) as work:
            ids = keepings.unreckoned(work, code, RECKONED)
        if not ids:
            break
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            for case_id in ids:
                with suppress(Erased):
                    row, file = _opened(work, case_id)
                    _reckon(work, rt, row, file)
        total += len(ids)
    return total


def end_cases(rt: Runtime) -> int:
    """Do what the policy says to every case whose time is over; return how many it removed."""
    after, removed = (-1, ""), 0
    while True:
        with rt.look(OFFICE_CALL, Verb.RETAIN) as work:
            over = keepings.over(work, after, BATCH)
        for _moment, case_id in over:
            with suppress(*_GONE_ON):
                removed += _end(rt, case_id)
        if len(over) < BATCH:
            break
        after = over[-1]
    if removed:
        rt.database.scrub()
    return removed


def _end(rt: Runtime, case_id: str) -> bool:
    """Return whether the case was removed."""
    with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
        work.require()
        row, file = _opened(work, case_id)
        found = keeping.ends(file, from_micros(row.created_at), _rules(work, rt, file))
        if found is None or found[0] > work.now:
            _reckon(work, rt, row, file)
            return False
        kept = found[1]
        code = rt.rules.policy.on(work.today).code
        resting = _resting(work, file)
        if _goes_on(work, rt, (row, file), resting):
            keepings.reckon(work, case_id, micros(work.now + LATER), code)
            return False
        why = f"{kept.then}_after_{kept.days}_days"
        if kept.then is AfterKeeping.REVIEW:
            _let_review(work, rt, (row, file), why)
            return False
        for one in (*resting, case_id):
            if kept.then is AfterKeeping.ARCHIVE:
                archives.put_away(work, one, rt.rules.matching, (code, why))
            else:
                _remove(work, rt, one, why)
        return kept.then is AfterKeeping.REMOVE


def _opened(work: Work, case_id: str) -> tuple[CaseRow, CaseFile]:
    row, sealed = cases.load(work, case_id)
    if row.state is OutsideState.ERASED:
        raise Erased
    log_id = vault.log_ids(work, sealed)[0]
    ledger.append(work, objects=[log_id], groups=casefiles.GROUPS, count=1)
    return row, casefiles.load(work, case_id)


def _rules(work: Work, rt: Runtime, file: CaseFile) -> Rules:
    return rt.rules.policy.on(work.today).rules(file.country)


def _reckon(work: Work, rt: Runtime, row: CaseRow, file: CaseFile) -> None:
    found = keeping.ends(file, from_micros(row.created_at), _rules(work, rt, file))
    until = None if found is None else micros(found[0])
    keepings.reckon(work, row.id, until, rt.rules.policy.on(work.today).code)


def _goes_on(work: Work, rt: Runtime, case: tuple[CaseRow, CaseFile], resting: list[str]) -> bool:
    """True while something of a closed case is under way: it is looked at again tomorrow.

    An answer that is promised for a day, a letter or a request on its way, and another enquirer's
    case that is worked with this one and is kept on. `resting`: the duplicates that end with it.
    """
    row, file = case
    if keeping.kept_as(file) is DataClass.OPEN_CASE:
        return False
    beside = (messages.SHELF, transmissions.SHELF)
    if row.due_at is not None or any(
        one.open for shelf in beside for one in shelf.of_case(work, row.id)
    ):
        return True
    others = set(file.merged) - set(resting)
    others |= {file.merge.into} if file.merge is not None else set()
    return any(_is_kept(work, rt, *_opened(work, other)) for other in sorted(others))


def _is_kept(work: Work, rt: Runtime, row: CaseRow, file: CaseFile) -> bool:
    """True if a case is open, or its time of keeping is not over."""
    if keeping.kept_as(file) is DataClass.OPEN_CASE:
        return True
    found = keeping.ends(file, from_micros(row.created_at), _rules(work, rt, file))
    return found is not None and found[0] > work.now


def _resting(work: Work, file: CaseFile) -> list[str]:
    """Return the duplicates that are worked within this case: they end with it."""
    return [one for one in file.merged if _opened(work, one)[1].rests_in_another]


def _let_review(work: Work, rt: Runtime, case: tuple[CaseRow, CaseFile], why: str) -> None:
    """Put a task into the officers' queue; it comes again after as many days."""
    row, file = case
    ledger.append(work, count=1, reason=why)
    tasks.end(work, row.id, archives.KEPT)
    tasks.plan(work, row, when_kept_long(work.actor.id, work.today), rt.moment)
    reviewed = file.with_event(Event(at=work.now, by=work.actor.id, kind=Kind.REVIEW_DUE))
    casefiles.rewrite(work, row.id, reviewed)
    _reckon(work, rt, row, reviewed)


def _remove(work: Work, rt: Runtime, case_id: str, why: str) -> None:
    """Destroy a case; whoever holds a copy is asked to destroy it too (P-25)."""
    ledger.append(work, count=1, reason=why)
    asked = received.of_case(work, case_id)
    if asked is None:
        destroy_case(work, case_id, rt.rules.matching)
        return
    merges.part_from_all(work, case_id, rt.rules.matching)
    end_copy(work, asked[1].peer, asked[1].ref, TransmissionState.RECALLED)
    blobs.remove_forsaken(work)
