"""Pass on the searches of an officer who leaves to another, without breaking P-37."""

from dataclasses import dataclass
from enum import StrEnum

from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.errors import Forbidden, InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import accounts, desks, journals, ledger
from rfl.storage.journals import Opened


class WhyNot(StrEnum):
    """Why a search was not passed on: who leaves is out of its team all the same, but the first."""

    OUT_OF_REACH = "out_of_reach"
    HANDLES_ENQUIRER = "handles_enquirer"
    NOT_VETTED = "not_vetted"


@dataclass(frozen=True, slots=True)
class PassedOn:
    """One case whose search was passed on, or why not: then a supervisor says who searches."""

    case: str
    left: WhyNot | None = None


def pass_on_searches(rt: Runtime, call: Call, leaving: str, searcher: str) -> list[PassedOn]:
    """Put `searcher` in the place of `leaving` in each team; return what became of each search.

    Who handles the enquirer of a case never comes into its team by this: a second officer decides
    about one case at a time (P-37). Each is a transaction of its own, so that a call that
    broke off is simply made again.
    """
    check_id(leaving, "acc", field="leaving")
    check_id(searcher, "acc", field="searcher")
    if leaving == searcher:
        raise InvalidInput("searcher", "must be another account")
    with rt.begin(call, Verb.CASE_ASSIGN) as work:
        work.require()
        if accounts.branches_of(work, [leaving]).get(leaving) != call.actor.branch:
            raise InvalidInput("leaving", "must be an account of this branch")
        accounts.require_officer(work, searcher, None)
        ledger.append(work, count=1)
        theirs = desks.cases_of(work, leaving)
    return [
        PassedOn(case_id, _pass_on(rt, call, case_id, (leaving, searcher))) for case_id in theirs
    ]


def _pass_on(rt: Runtime, call: Call, case_id: str, who: tuple[str, str]) -> WhyNot | None:
    leaving, searcher = who
    try:
        with rt.begin(call, Verb.FINDING_WORK) as work:
            found = journals.opened(work, case_id, joining=True)
            journal = found.journal.left_by(leaving)
            is_vetted = accounts.is_vetted(work, searcher)
            why = _barred(found, searcher, is_vetted=is_vetted)
            if why is None:
                journal = journal.joined_by(searcher, call.actor.id, found.row.officer)
            journals.keep(work, found, journal, rt.rules.policy.on(work.today))
            return why
    except Forbidden:
        return WhyNot.OUT_OF_REACH


def _barred(found: Opened, searcher: str, *, is_vetted: bool) -> WhyNot | None:
    if found.row.officer == searcher:
        return WhyNot.HANDLES_ENQUIRER
    if found.request.child_enquirer and not is_vetted:
        return WhyNot.NOT_VETTED
    return None
