"""Close a case towards the enquirer, and reopen it with its whole history."""

from rfl.domain.access import Verb
from rfl.domain.casefile import Ending, Event, Kind
from rfl.domain.ids import check_id
from rfl.domain.task import WHILE_IT_GOES_ON
from rfl.exchange.asking import conclude, resume
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles, tasks
from rfl.storage.cases import OutsideState


def close_case(rt: Runtime, call: Call, case_id: str, version: int, ending: Ending) -> int:
    """Close a case; return its next version. The answer date stays: closing tells nothing.

    What the policy wants while a case goes on is asked no more; what an officer planned stays.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.CLOSED, said=ending.value)
        closed = file.closed(ending).with_event(event)
        if rt.rules.network is not None:
            conclude(work, rt.rules.network, case_id, ending)
        tasks.end(work, case_id, WHILE_IT_GOES_ON)
        clear = {"state": OutsideState.CLOSED, "review_at": None, "policy": None}
        return casefiles.keep(work, row, closed, **clear)


def reopen_case(rt: Runtime, call: Call, case_id: str, version: int, reason: str) -> int:
    """Reopen a closed case; it is accepted anew, and so gets a new answer date."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.REOPENED, said=reason)
        reopened = file.reopened().with_event(event)
        if rt.rules.network is not None:
            resume(work, rt.rules.network, case_id)
        return casefiles.keep(work, row, reopened, state=OutsideState.OPEN, due_at=None)
