"""Take back what an enquirer agreed to; from this moment on nothing more is done with it."""

from dataclasses import replace

from rfl.domain.access import Verb
from rfl.domain.casefile import Event, Kind
from rfl.domain.consent import Use, without
from rfl.domain.ids import check_id
from rfl.domain.states import TransmissionState
from rfl.errors import Conflict, StaleVersion
from rfl.flows.runtime import Call, Runtime
from rfl.matching import pools
from rfl.storage import casefiles, cases, ledger, people, recalls, transmissions
from rfl.storage.recalls import Why
from rfl.storage.work import Work

SAID = "Consent withdrawn"


def withdraw_consent(
    rt: Runtime, call: Call, case_id: str, version: int, uses: frozenset[Use]
) -> int:
    """Withdraw these uses; return the case's next version. Conflict if none was agreed to.

    Every request to another society that is under way is recalled in the same moment.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_CHANGE) as work:
        row, request, log_ids = cases.opened(work, case_id)
        if row.version != version:
            raise StaleVersion
        after = without(request.consents, uses, work.today)
        if after == request.consents:
            raise Conflict("There is no consent to this that could be withdrawn.")
        changed = replace(request, consents=after)
        sealed = cases.seal(work, case_id, changed, pools.request_terms(changed))
        ledger.append(work, objects=log_ids, groups=people.STORED, count=1, reason="withdrawn")
        file = casefiles.load(work, case_id)
        event = Event(at=work.now, by=call.actor.id, kind=Kind.NOTED, said=SAID)
        if Use.SHARE in uses:
            _recall(work, case_id)
        return casefiles.keep(work, row, file.with_event(event), **sealed)


def _recall(work: Work, case_id: str) -> None:
    recalls.add(work, transmissions.sent_to_nodes(work, [case_id]), Why.WITHDRAWN)
    for row in transmissions.SHELF.of_case(work, case_id):
        if row.open:
            _row, sent = transmissions.SHELF.opened(work, row.id)
            recalled = sent.moved(TransmissionState.RECALLED, work.now)
            transmissions.keep(work, row, recalled, None)
