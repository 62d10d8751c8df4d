"""Read, list and change cases."""

from dataclasses import dataclass

from rfl.domain.access import Role, Verb
from rfl.domain.consent import require_timely
from rfl.domain.ids import check_id
from rfl.domain.request import TracingRequest
from rfl.errors import InvalidInput, StaleVersion
from rfl.exchange.asking import restate
from rfl.exchange.handed import call_back_from_all
from rfl.flows.runtime import Call, Runtime
from rfl.matching import pools
from rfl.storage import casefiles, cases, feed, ledger, opening
from rfl.storage.cases import CaseRow


@dataclass(frozen=True, slots=True, repr=False)
class CaseView:
    """A case as its officers see it."""

    row: CaseRow
    request: TracingRequest


def read_case(rt: Runtime, call: Call, case_id: str) -> CaseView:
    """Open a case for reading, or raise NotFound, Erased or Forbidden."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_READ) as work:
        row, request, _log_ids = cases.opened(work, case_id)
    return CaseView(row, request)


def list_cases(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[CaseRow]:
    """Return what stands in clear of the branch's cases; no name is opened for a list."""
    everywhere = call.actor.role is Role.DATA_PROTECTION_OFFICER
    with rt.begin(call, Verb.CASE_LIST) as work:
        work.require()
        rows = cases.in_branch(work, None if everywhere else call.actor.branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def change_case(
    rt: Runtime, call: Call, case_id: str, version: int, request: TracingRequest
) -> int:
    """Replace the tracing request of a case that still has this version; return the next.

    Once it is marked as detrimental if passed on, others are asked to destroy theirs (P-36).
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_CHANGE, basis=request.legal_basis) as work:
        row, before, log_ids = cases.opened(work, case_id)
        if row.version != version:
            raise StaleVersion
        _check_persons(before, request)
        request.require_basis()
        require_timely(request.consents, work.today, before.consents)
        file = casefiles.load(work, case_id)
        file.require_own_work()
        file.require_kept()
        file.require_not_archived()
        hidden = file.hides(request.enquirer.id)
        hashing = opening.Hashing(rt.rules.identifier_kinds, rt.rules.phone_region)
        terms = pools.request_terms(request, hidden)
        following = opening.change_case(work, (row, log_ids), request, terms, (hashing, hidden))
        rules = rt.rules.policy.on(work.today)
        if request.detrimental and not before.detrimental:
            call_back_from_all(work, case_id, but=rules.agency)
        if rt.rules.network is not None:
            restate(work, rt.rules.network, case_id, request, rules)
        feed.announce(work, [case_id])
    return following


def _check_persons(before: TracingRequest, after: TracingRequest) -> None:
    if before.withheld != after.withheld:
        raise InvalidInput("withheld", "must stay: only another society keeps a name back")
    had = [person.id for person in before.persons()]
    has = [person.id for person in after.persons()]
    if has[: len(had)] != had:
        rule = "must keep the ids and order of the persons of this case; new ones come last"
        raise InvalidInput("sought", rule)
