"""Let a case rest until a day on which somebody looks again; take it up."""

from datetime import date, datetime, time

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles
from rfl.storage.cases import OutsideState
from rfl.storage.work import micros


def suspend_case(
    rt: Runtime, call: Call, case_id: str, version: int, review_on: date, reason: str
) -> int:
    """Suspend a case with its reason and a day of review. Its answer date stays (P-03)."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.SUSPENDED, said=reason)
        resting = file.suspended(review_on, work.today).with_event(event)
        review_at = micros(datetime.combine(review_on, time(), rt.rules.zone))
        return casefiles.keep(work, row, resting, state=OutsideState.WAITING, review_at=review_at)


def take_up_case(rt: Runtime, call: Call, case_id: str, version: int) -> int:
    """Take up a suspended case; return its next version."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.TAKEN_UP)
        active = file.taken_up().with_event(event)
        return casefiles.keep(work, row, active, state=OutsideState.OPEN, review_at=None)
