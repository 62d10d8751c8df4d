"""Accept a case: the search begins, and the day of the answer is fixed (P-03)."""

from datetime import timedelta

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.eligibility import require_eligible
from rfl.domain.ids import check_id
from rfl.domain.task import from_acceptance
from rfl.domain.telling import comes_of_age
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles, cases, tasks
from rfl.storage.cases import OutsideState


def accept_case(
    rt: Runtime, call: Call, case_id: str, version: int, country: str | None = None
) -> int:
    """Make an open or reopened case active; return its next version.

    The answer date is the society's for this country of search, counted from today. Nothing that
    is found later moves it. The tasks that the policy wants from now on are planned. Raises
    InvalidInput where the policy asks for more.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        _row, request, _log_ids = cases.opened(work, case_id)
        version_of_rules = rt.rules.policy.on(work.today)
        rules = version_of_rules.rules(country)
        require_eligible(request, rules, dict(file.leads), work.today)
        answer_on = work.today + timedelta(days=rules.answering.answer_days)
        file.require_judged(asked_by_child=request.child_enquirer)
        accepted = file.accepted(work.today, answer_on, version_of_rules.code, country)
        promised = answer_on.isoformat()
        event = Event(at=work.now, by=call.actor.id, kind=Kind.ACCEPTED, said=promised)
        birth = request.enquirer.birth if request.child_enquirer else None
        asks = from_acceptance(rules.answering, call.actor.id, work.today, comes_of_age(birth))
        for task in asks:
            tasks.plan(work, row, task, rt.moment)
        due_at = rt.moment(answer_on)
        kept = {"state": OutsideState.OPEN, "due_at": due_at, "review_at": None}
        kept |= {"policy": version_of_rules.code}
        return casefiles.keep(work, row, accepted.with_event(event), **kept)
