"""Accept a case: the search begins, and the day of the answer is fixed (P-03)."""

from datetime import datetime, time, timedelta

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.eligibility import require_eligible
from rfl.domain.ids import check_id
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles, cases
from rfl.storage.cases import OutsideState
from rfl.storage.work import micros


def accept_case(
    rt: Runtime, call: Call, case_id: str, version: int, country: str | None = None
) -> int:
    """Make an open or reopened case active; return its next version.

    The answer date is the society's for this country of search, counted from today. Nothing that
    is found later moves it. Raises InvalidInput where the policy asks for more.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        _row, request, _log_ids = cases.opened(work, case_id)
        version_of_rules = rt.rules.policy.on(work.today)
        rules = version_of_rules.rules(country)
        require_eligible(request, rules, dict(file.leads), work.today)
        answer_on = work.today + timedelta(days=rules.answering.answer_days)
        if file.credibility is None:
            raise InvalidInput("credibility", "must be judged before a case is accepted")
        accepted = file.accepted(work.today, answer_on, version_of_rules.code, country)
        promised = answer_on.isoformat()
        event = Event(at=work.now, by=call.actor.id, kind=Kind.ACCEPTED, said=promised)
        due_at = micros(datetime.combine(answer_on, time(), rt.rules.zone))
        kept = {"state": OutsideState.OPEN, "due_at": due_at, "review_at": None}
        return casefiles.keep(work, row, accepted.with_event(event), **kept)
