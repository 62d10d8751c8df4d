"""Record that a family spoke on the society's line, and read it: the fact alone."""

from rfl.domain.access import Verb
from rfl.domain.call import FamilyCall
from rfl.domain.ids import check_id, new_id
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import casefiles, messages
from rfl.storage.shelf import Filed


def record_call(rt: Runtime, call: Call, spoken: FamilyCall, case_id: str | None = None) -> str:
    """Keep that a family spoke, for a case or without one; return its id."""
    if spoken.on > rt.today():
        raise InvalidInput("on", "must not lie in the future")
    with rt.begin(call, Verb.MESSAGE_COLLECT) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        if case_id is not None:
            casefiles.reached(work, check_id(case_id, "cas", field="case_id"))
        row = Filed(
            id=new_id("cal"),
            case_id=case_id,
            branch=call.actor.branch,
            officer=call.actor.id,
            created_at=work.micros,
            due_at=None,
            open=False,
            version=1,
        )
        messages.CALLS.add(work, row, spoken)
        remember_result(work, call, 201, row.id)
    return row.id


def read_call(rt: Runtime, call: Call, call_id: str) -> tuple[Filed, FamilyCall]:
    """Open the record of a call, or raise NotFound or Forbidden."""
    with rt.begin(call, Verb.MESSAGE_READ) as work:
        return messages.CALLS.opened(work, check_id(call_id, "cal"))


def calls_of(rt: Runtime, call: Call, case_id: str) -> list[tuple[Filed, FamilyCall]]:
    """Open the records of a case's calls, the first kept first."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.MESSAGE_READ) as work:
        casefiles.reached(work, case_id)
        return messages.CALLS.all_of_case(work, case_id)
