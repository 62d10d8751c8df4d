"""Let a case rest until a day on which somebody looks again; take it up."""

from datetime import date

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.domain.task import TaskKind, after_rest
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles, tasks
from rfl.storage.cases import OutsideState


def suspend_case(
    rt: Runtime, call: Call, case_id: str, version: int, review_on: date, reason: str
) -> int:
    """Suspend a case with its reason and a day of review, which is a task then.

    Its answer date stays (P-03).
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.SUSPENDED, said=reason)
        resting = file.suspended(review_on, work.today).with_event(event)
        tasks.plan(work, row, after_rest(call.actor.id, review_on), rt.moment)
        review_at = rt.moment(review_on)
        return casefiles.keep(work, row, resting, state=OutsideState.WAITING, review_at=review_at)


def take_up_case(rt: Runtime, call: Call, case_id: str, version: int) -> int:
    """Take up a suspended case, whose task of review is done by this; return its next version."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.TAKEN_UP)
        active = file.taken_up().with_event(event)
        tasks.end(work, case_id, {TaskKind.REVIEW_SUSPENDED})
        return casefiles.keep(work, row, active, state=OutsideState.OPEN, review_at=None)
