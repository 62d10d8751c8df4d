"""Write a note into the timeline of a case, on the enquirer's side."""

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.errors import StaleVersion
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles


def note(rt: Runtime, call: Call, case_id: str, version: int, said: str) -> int:
    """Add a note; return the case's next version.

    Also while the case is offered to another society: its owner looks after the family until then,
    and a note is no part of what was offered.
    """
    check_id(case_id, "cas")
    event = Event(at=rt.clock(), by=call.actor.id, kind=Kind.NOTED, said=said)
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id)
        if row.version != version:
            raise StaleVersion
        file.require_own_work()
        file.require_handled_here()
        file.require_not_archived()
        return casefiles.keep(work, row, file.with_event(event))
