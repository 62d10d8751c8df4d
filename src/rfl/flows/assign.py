"""Give the enquirer's side of a case to another officer of the branch."""

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import accounts, casefiles


def assign_case(rt: Runtime, call: Call, case_id: str, version: int, officer: str) -> int:
    """Make another live account of the branch the case's officer; return the next version.

    Cases that are merged into it go with it: one officer handles all enquirers of a family.
    """
    check_id(case_id, "cas")
    check_id(officer, "acc", field="officer")
    with rt.begin(call, Verb.CASE_ASSIGN) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        accounts.require_officer(work, officer, row.branch)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.ASSIGNED)
        for merged in file.merged:
            other, its_file, _log_id = casefiles.opened(work, merged)
            casefiles.keep(work, other, its_file.with_event(event), officer=officer)
        return casefiles.keep(work, row, file.with_event(event), officer=officer)
