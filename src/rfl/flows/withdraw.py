"""Take back what an enquirer agreed to; from this moment on nothing more is done with it."""

from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.consent import NEEDED_TO_HAND_OVER, Use, without
from rfl.domain.ids import check_id
from rfl.errors import Conflict, StaleVersion
from rfl.exchange.handed import call_back_from_all
from rfl.flows.runtime import Call, Runtime
from rfl.matching import pools
from rfl.storage import casefiles, cases, handovers, ledger, merges, people
from rfl.storage.merges import Side
from rfl.storage.work import Work

SAID = "Consent withdrawn"


def withdraw_consent(
    rt: Runtime, call: Call, case_id: str, version: int, uses: frozenset[Use]
) -> int:
    """Withdraw these uses; return the case's next version. Conflict if none was agreed to.

    Every request to another society that is under way is recalled in the same moment. A duplicate
    of the same enquirer that is merged into the case follows it.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_CHANGE) as work:
        one = merges.opened(work, case_id)
        if one.row.version != version:
            raise StaleVersion
        others = [merges.opened(work, other) for other in one.file.merged]
        same = [one, *(other for other in others if other.file.rests_in_another)]
        following = [_withdrawn(work, each, uses) for each in same]
        if not any(following):
            raise Conflict("There is no consent to this that could be withdrawn.")
        return following[0] or version


def _withdrawn(work: Work, one: Side, uses: frozenset[Use]) -> int | None:
    """Withdraw the uses in one case; return its next version, None if none was agreed to."""
    request, case_id = one.request, one.row.id
    after = without(request.consents, uses, work.today)
    if after == request.consents:
        return None
    changed = replace(request, consents=after)
    terms = pools.request_terms(changed, one.file.hides(request.enquirer.id))
    sealed = cases.seal(work, case_id, changed, terms)
    ledger.append(work, objects=[one.log_id], groups=people.STORED, count=1, reason="withdrawn")
    event = Event(at=work.now, by=work.actor.id, kind=Kind.NOTED, said=SAID)
    if Use.SHARE in uses:
        call_back_from_all(work, case_id)
    file = one.file.with_event(event)
    if uses & NEEDED_TO_HAND_OVER and handovers.take_back(work, case_id):
        file = replace(file, offered_to=None)
    return casefiles.keep(work, one.row, file, **sealed)
