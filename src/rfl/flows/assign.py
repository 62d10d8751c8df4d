"""Give the enquirer's side of a case to another officer of the branch."""

from rfl.domain.access import Verb, sees_all
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.domain.request import Level
from rfl.errors import Forbidden, InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import accounts, casefiles, facets, messages, tasks, transmissions

_BESIDE = (tasks.SHELF, transmissions.SHELF, messages.SHELF)


def assign_case(rt: Runtime, call: Call, case_id: str, version: int, officer: str) -> int:
    """Make another live account of the branch the case's officer; return the next version.

    The open tasks, requests and letters of the case go along, and so do cases that are merged into
    it: one officer handles all enquirers of a family. A case in which a child asks goes to a vetted
    officer (P-20). Of a case for named persons only, the data protection officer says who that is:
    so one whose officer has left is not lost in the archive.
    """
    check_id(case_id, "cas")
    check_id(officer, "acc", field="officer")
    with rt.begin(call, Verb.CASE_ASSIGN) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version, archived=True)
        found = facets.of_cases(work, [row])[case_id]
        if sees_all(call.actor) and found.level is not Level.NAMED_PERSONS_ONLY:
            raise Forbidden
        accounts.require_officer(work, officer, row.branch)
        if found.child and not accounts.is_vetted(work, officer):
            raise InvalidInput("officer", "must be vetted for work with children (P-20)")
        for shelf in _BESIDE:
            shelf.give(work, case_id, row.officer, officer)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.ASSIGNED)
        for merged in file.merged:
            other, its_file, _log_id = casefiles.opened(work, merged)
            casefiles.keep(work, other, its_file.with_event(event), officer=officer)
        return casefiles.keep(work, row, file.with_event(event), officer=officer)
