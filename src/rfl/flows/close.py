"""Close a case towards the enquirer, and reopen it with its whole history."""

from rfl.domain.access import Verb
from rfl.domain.casefile import Ending, Event, Kind
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles
from rfl.storage.cases import OutsideState


def close_case(rt: Runtime, call: Call, case_id: str, version: int, ending: Ending) -> int:
    """Close a case; return its next version. The answer date stays: closing tells nothing."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.CLOSED, said=ending.value)
        closed = file.closed(ending).with_event(event)
        return casefiles.keep(work, row, closed, state=OutsideState.CLOSED, review_at=None)


def reopen_case(rt: Runtime, call: Call, case_id: str, version: int, reason: str) -> int:
    """Reopen a closed case; it is accepted anew, and so gets a new answer date."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.REOPENED, said=reason)
        reopened = file.reopened().with_event(event)
        return casefiles.keep(work, row, reopened, state=OutsideState.OPEN, due_at=None)
