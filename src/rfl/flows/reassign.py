"""Give everything of an officer who leaves to another, on the enquirer's side.

Their searches are handed over apart (`pass_on_searches`): who gets the enquirers of a case does not
get its search with the same call (P-37).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.ids import check_id
from rfl.errors import Forbidden, InvalidInput
from rfl.flows.runtime import Call, Runtime
from rfl.storage import (
    accounts,
    approvals,
    casefiles,
    cases,
    desks,
    enquiries,
    facets,
    ledger,
    messages,
    tasks,
    transmissions,
)
from rfl.storage.work import Work

BATCH = 200
_BESIDE = (tasks.SHELF, transmissions.SHELF, messages.SHELF)
_Page = tuple[str, int]


class What(StrEnum):
    """What an officer had in hand."""

    CASE = "case"
    ENQUIRY = "enquiry"
    MESSAGE = "message"
    APPROVAL = "approval"


class WhyLeft(StrEnum):
    """Why something stays where it was, until a supervisor decides about it alone."""

    OUT_OF_REACH = "out_of_reach"
    NOT_VETTED = "not_vetted"
    SEARCHES_IT = "searches_it"
    APPROVED_IT = "approved_it"


@dataclass(frozen=True, slots=True)
class Handed:
    """One record: given to the other officer, or left, and why."""

    what: What
    id: str
    left: WhyLeft | None = None


@dataclass(frozen=True, slots=True)
class _Change:
    """Who leaves, who comes, and the cases that the one who comes searches."""

    leaving: str
    officer: str
    searches: frozenset[str]
    is_vetted: bool


def reassign(rt: Runtime, call: Call, leaving: str, officer: str) -> list[Handed]:
    """Give what `leaving` has in the caller's branch to `officer`; return what became of each.

    Cases go with their open tasks, requests to other societies and letters; then enquiries,
    letters without a case, and requests for a second officer. Each is a transaction of its
    own, so that a call that broke off is simply made again.
    """
    check_id(leaving, "acc", field="leaving")
    check_id(officer, "acc", field="officer")
    if leaving == officer:
        raise InvalidInput("officer", "must be another account")
    with rt.begin(call, Verb.CASE_ASSIGN) as work:
        work.require()
        accounts.require_officer(work, officer, call.actor.branch)
        ledger.append(work, count=1)
        searches = frozenset(desks.cases_of(work, officer))
        change = _Change(leaving, officer, searches, accounts.is_vetted(work, officer))
    return [
        _handed(rt, call, what, record, change)
        for what, having in _HAVING.items()
        for record in _all(rt, call, leaving, having)
    ]


def _all(
    rt: Runtime, call: Call, leaving: str, having: Callable[[Work, str, str, _Page], list[str]]
) -> Iterator[str]:
    """Yield the ids of what they have, in batches, each of which is an entry."""
    after = ""
    while True:
        with rt.begin(call, Verb.CASE_ASSIGN) as work:
            work.require()
            theirs = having(work, call.actor.branch, leaving, (after, BATCH))
            ledger.append(work, count=len(theirs))
        yield from theirs
        if len(theirs) < BATCH:
            return
        after = theirs[-1]


def _handed(rt: Runtime, call: Call, what: What, record: str, change: _Change) -> Handed:
    try:
        with rt.begin(call, Verb.CASE_ASSIGN) as work:
            left = _GIVING[what](work, record, change)
    except Forbidden:
        left = WhyLeft.OUT_OF_REACH
    return Handed(what, record, left)


def _give_case(work: Work, case_id: str, change: _Change) -> WhyLeft | None:
    row, file, _log_id = casefiles.opened(work, case_id)
    if case_id in change.searches:
        return WhyLeft.SEARCHES_IT
    if facets.of_cases(work, [row])[case_id].child and not change.is_vetted:
        return WhyLeft.NOT_VETTED
    event = Event(at=work.now, by=work.actor.id, kind=Kind.ASSIGNED)
    casefiles.keep(work, row, file.with_event(event), officer=change.officer)
    for shelf in _BESIDE:
        shelf.give(work, case_id, change.leaving, change.officer)
    return None


def _give_enquiry(work: Work, enquiry_id: str, change: _Change) -> WhyLeft | None:
    row, enquiry = enquiries.opened(work, enquiry_id)
    enquiries.keep(work, row, enquiry, officer=change.officer, due_at=row.due_at)
    return None


def _give_message(work: Work, message_id: str, change: _Change) -> WhyLeft | None:
    row, letter = messages.SHELF.opened(work, message_id)
    messages.SHELF.keep(work, row, letter, officer=change.officer)
    return None


def _give_approval(work: Work, approval_id: str, change: _Change) -> WhyLeft | None:
    row, approval = approvals.SHELF.opened(work, approval_id)
    if approval.approver == change.officer:
        return WhyLeft.APPROVED_IT
    given = approval.handed_to(change.officer)
    approvals.SHELF.keep(work, row, given, officer=change.officer)
    return None


_HAVING: dict[What, Callable[[Work, str, str, _Page], list[str]]] = {
    What.CASE: cases.of_officer,
    What.ENQUIRY: enquiries.of_officer,
    What.MESSAGE: messages.SHELF.of_officer,
    What.APPROVAL: approvals.SHELF.of_officer,
}
_GIVING: dict[What, Callable[[Work, str, _Change], WhyLeft | None]] = {
    What.CASE: _give_case,
    What.ENQUIRY: _give_enquiry,
    What.MESSAGE: _give_message,
    What.APPROVAL: _give_approval,
}
