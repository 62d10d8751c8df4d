"""Give everything of an officer who leaves to another: the enquirers of all their open cases."""

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import accounts, casefiles, cases, ledger

BATCH = 200


def reassign(rt: Runtime, call: Call, leaving: str, officer: str) -> int:
    """Give each case of `leaving` in the caller's branch to `officer`; return how many.

    Each is a transaction of its own, so that a call that broke off is simply made again.
    """
    check_id(leaving, "acc", field="leaving")
    check_id(officer, "acc", field="officer")
    if leaving == officer:
        raise InvalidInput("officer", "must be another account")
    after, given = "", 0
    while True:
        with rt.begin(call, Verb.CASE_ASSIGN) as work:
            work.require()
            accounts.require_officer(work, officer, call.actor.branch)
            theirs = cases.of_officer(work, call.actor.branch, leaving, (after, BATCH))
            ledger.append(work, count=len(theirs))
        for case_id in theirs:
            _give(rt, call, case_id, officer)
        given += len(theirs)
        if len(theirs) < BATCH:
            return given
        after = theirs[-1]


def _give(rt: Runtime, call: Call, case_id: str, officer: str) -> None:
    with rt.begin(call, Verb.CASE_ASSIGN) as work:
        row, file, _log_id = casefiles.opened(work, case_id)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.ASSIGNED)
        casefiles.keep(work, row, file.with_event(event), officer=officer)
