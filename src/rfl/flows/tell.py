"""Tell by the clock what may leave (P-03), and record that the family was told."""

from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind, Outcome
from rfl.domain.death import Talk
from rfl.domain.ids import check_id
from rfl.domain.states import Outside
from rfl.domain.telling import retold
from rfl.errors import Conflict, NotFound, StaleVersion
from rfl.flows.runtime import MATCHER_CALL, Call, Runtime
from rfl.storage import casefiles, cases, journals, ledger, received
from rfl.storage.cases import OutsideState
from rfl.storage.told import keep_told

BATCH = 500


def tell_due(rt: Runtime) -> int:
    """Tell every case whose answer date has come, each in its own transaction; return how many.

    It is one round for all of a day, whatever each search found or goes on finding; also for those
    whose case was erased meanwhile.
    """
    after, told = "", _owe_due(rt)
    while True:
        with rt.look(MATCHER_CALL, Verb.CASE_TELL) as work:
            due = cases.due(work, after, BATCH)
        for case_id in due:
            told += _tell(rt, case_id)
        if len(due) < BATCH:
            return told
        after = due[-1]


def _owe_due(rt: Runtime) -> int:
    """Let societies be told of what was erased here, in the round of the day."""
    with rt.look(MATCHER_CALL, Verb.CASE_TELL) as work:
        if not received.due_without_case(work):
            return 0
    with rt.begin(MATCHER_CALL, Verb.CASE_TELL) as work:
        work.require()
        count = received.owe_due(work)
        ledger.append(work, count=count)
    return count


def record_talk(
    rt: Runtime, call: Call, case_id: str, version: int, person: str, talk: Talk
) -> int:
    """Record the talk in which the family was told; only then a death's letter prints (P-05).

    Also in a duplicate that is merged: what another society was asked for comes back to it.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id)
        if row.version != version:
            raise StaleVersion
        _require_told(file.outcomes, person)
        outcomes = tuple(
            replace(one, talk=talk) if one.person == person else one for one in file.outcomes
        )
        event = Event(at=work.now, by=call.actor.id, kind=Kind.TALKED)
        after = replace(file, outcomes=outcomes).with_event(event)
        state = OutsideState.CLOSED if file.rests_in_another else OutsideState.OPEN
        return casefiles.keep(work, row, after, state=state)


def _require_told(outcomes: tuple[Outcome, ...], person: str) -> None:
    for one in outcomes:
        if one.person == person:
            if one.told.outcome is Outside.SEARCHING:
                raise Conflict("There is nothing that the family could have been told.")
            return
    raise NotFound


def _tell(rt: Runtime, case_id: str) -> int:
    with rt.begin(MATCHER_CALL, Verb.CASE_TELL) as work:
        work.require()
        found = journals.whole(work, case_id)
        rules = rt.rules.policy.on(work.today)
        if found.file.answer_on is None or work.today < found.file.answer_on:
            return 0
        file = retold(found.file, found.journal, found.request, rules, work.today)
        if file.outcomes == found.file.outcomes:
            casefiles.keep(work, found.row, file, due_at=None)
            return 0
        keep_told(work, found.row, file, due_at=None)
    return 1
