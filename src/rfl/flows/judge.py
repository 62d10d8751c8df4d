"""Judge before a search leaves the house: credibility (P-07) and harm (P-06)."""

from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.care import Credibility, Screening, Side
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles


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


def screen_enquirer(
    rt: Runtime, call: Call, case_id: str, version: int, screening: Screening
) -> int:
    """Keep the screening for harm that stands before any step of search outside."""
    check_id(case_id, "cas")
    if screening.side is not Side.ENQUIRER:
        raise InvalidInput("side", "must be the enquirer's")
    with rt.begin(call, Verb.CASE_WORK) as work:
        row, file, _log_id = casefiles.opened(work, case_id, version)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.SCREENED)
        return casefiles.keep(work, row, replace(file, screening=screening).with_event(event))
