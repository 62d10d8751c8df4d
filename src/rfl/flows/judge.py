"""Judge before a search leaves the house: credibility (P-07) and harm (P-06)."""

from dataclasses import dataclass, replace

from rfl.domain.access import Verb
from rfl.domain.care import Credibility, Found, Harm, Screening, Side
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.domain.masked import Masked
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles


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
