"""Judge before a search leaves the house: who asks (P-07), a child's own wish (P-19), harm (P-06)
and changed rules.
"""

from dataclasses import dataclass, replace

from rfl.domain.access import Verb
from rfl.domain.care import AskingChild, Credibility, Found, Harm, Screening, Side
from rfl.domain.casefile import Event, Kind
from rfl.domain.eligibility import require_eligible
from rfl.domain.ids import check_id
from rfl.domain.masked import Masked
from rfl.errors import Conflict
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles, cases


@dataclass(frozen=True, slots=True, repr=False)
class Judged(Masked):
    """What an officer answered to the questions of harm; rules, day and name are added here."""

    found: tuple[tuple[Harm, Found], ...]
    goes_on: bool
    reason: str


def judge_credible(
    rt: Runtime, call: Call, case_id: str, version: int, credibility: Credibility
) -> int:
    """Keep how identity and relationship became credible, or that they did not."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.JUDGED_CREDIBLE)
        judged = replace(file, credibility=credibility).with_event(event)
        return casefiles.keep(work, row, judged)


def hear_child(rt: Runtime, call: Call, case_id: str, version: int, child: AskingChild) -> int:
    """Keep how a child that asks was heard; only an officer who is vetted opens its case (P-20).

    Raises Conflict where the enquirer is no child.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        _row, request, _log_ids = cases.opened(work, case_id)
        if not request.child_enquirer:
            raise Conflict("The enquirer of this case is not a child.")
        event = Event(at=work.now, by=call.actor.id, kind=Kind.CHILD_ASKED)
        return casefiles.keep(work, row, replace(file, child=child).with_event(event))


def screen_enquirer(rt: Runtime, call: Call, case_id: str, version: int, judged: Judged) -> int:
    """Keep the screening for harm that stands before any step of search outside."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        screening = Screening(
            side=Side.ENQUIRER,
            found=judged.found,
            goes_on=judged.goes_on,
            reason=judged.reason,
            policy=rt.rules.policy.on(work.today).code,
            by=call.actor.id,
            on=work.today,
        )
        event = Event(at=work.now, by=call.actor.id, kind=Kind.SCREENED)
        return casefiles.keep(work, row, replace(file, screening=screening).with_event(event))


def judge_again(rt: Runtime, call: Call, case_id: str, version: int) -> int:
    """Hold an accepted case against today's rules; return its next version.

    It leaves the queue of those that the rules have left behind. The answer date stays (P-03).
    Raises InvalidInput where the rules now ask for more, and Conflict where harm was not screened
    under them (P-06).
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        _row, request, _log_ids = cases.opened(work, case_id)
        rules = rt.rules.policy.on(work.today)
        if row.policy is None:
            raise Conflict("Only a case that was accepted, and goes on, is judged again.")
        if file.screening is None or not file.screening.holds(Side.ENQUIRER, rules.code):
            raise Conflict("Harm is screened anew under the changed rules first (P-06).")
        file.require_judged(asked_by_child=request.child_enquirer)
        require_eligible(request, rules.rules(file.country), dict(file.leads), work.today)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.JUDGED_AGAIN)
        judged = replace(file, policy=rules.code).with_event(event)
        return casefiles.keep(work, row, judged, policy=rules.code)
