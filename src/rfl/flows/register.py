"""Open a case: take in a tracing request, seal it, log it, and hand it to the matcher."""

from dataclasses import dataclass

from rfl.domain.access import Object, Role, Verb
from rfl.domain.casefile import CaseFile, Event, Kind, Outcome
from rfl.domain.consent import require_timely
from rfl.domain.ids import CaseId, IntakeId, check_id, new_id
from rfl.domain.request import TracingRequest
from rfl.domain.states import MessageState
from rfl.errors import Conflict, Forbidden, NotFound
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.matching import pools
from rfl.storage import (
    cases,
    enquiries,
    feed,
    ledger,
    messages,
    opening,
    vault,
)
from rfl.storage.cases import IntakeRow
from rfl.storage.work import Work


@dataclass(frozen=True, slots=True)
class Opened:
    """What a caller is told of a new record; the same for a repeated call."""

    id: str
    version: int = 1


def open_intake(rt: Runtime, call: Call) -> Opened:
    """Begin an intake, which searches can be bound to before there is a case."""
    with rt.begin(call, Verb.INTAKE_OPEN) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return Opened(earlier)
        intake = IntakeId(new_id("int"))
        _keys, row = vault.fresh_keys(work, intake)
        vault.keep_keys(work, [row])
        tie, log_ids = vault.new_tie(work, "intakes", intake, 0)
        cases.add_intake(work, IntakeRow(intake, call.actor.branch, call.actor.id), tie)
        ledger.append(work, objects=log_ids)
        remember_result(work, call, 201, intake)
    return Opened(intake)


def open_case(rt: Runtime, call: Call, request: TracingRequest, intake: str | None) -> Opened:
    """Open a case from a tracing request, or raise; nothing is stored in half.

    `intake` is the id of an intake, of an eligible enquiry, which becomes this case, or of a
    message that could not be delivered, whose writer was offered it.
    """
    with rt.begin(call, Verb.CASE_OPEN, basis=request.legal_basis) as work:
        work.require(Object(child=request.child_enquirer))
        if (earlier := earlier_result(work, call)) is not None:
            return Opened(earlier)
        request.require_basis()
        require_timely(request.consents, work.today)
        case_id = CaseId(new_id("cas"))
        if intake is not None and intake.startswith("enq_"):
            _take_enquiry(work, check_id(intake, "enq", field="intake"), case_id)
        elif intake is not None and intake.startswith("msg_"):
            _take_message(work, check_id(intake, "msg", field="intake"), case_id)
        elif intake is not None:
            _check_intake(work, intake)
        _keep_case(work, rt, case_id, request)
        feed.announce(work, [case_id])
        remember_result(work, call, 201, case_id)
    return Opened(case_id)


def _check_intake(work: Work, intake: str) -> None:
    try:
        row, _sealed = cases.load_intake(work, check_id(intake, "int", field="intake"))
    except Forbidden as cause:
        raise NotFound from cause
    if row.branch != work.actor.branch:
        raise NotFound


def _take_enquiry(work: Work, enquiry_id: str, case_id: CaseId) -> None:
    """The enquiry becomes this case, once; it says so in its sealed part."""
    row, enquiry = enquiries.opened(work, enquiry_id)
    enquiries.keep(work, row, enquiry.became(case_id))


def _take_message(work: Work, message_id: str, case_id: CaseId) -> None:
    """The letter that could not be delivered belongs to this case from now on, and is erased
    with it."""
    row, letter = messages.SHELF.opened(work, message_id)
    if row.case_id is not None or letter.state is not MessageState.COULD_NOT_BE_DELIVERED:
        raise Conflict("A letter that could not be delivered becomes a tracing request, once.")
    messages.keep(work, row, letter, case_id=case_id)


def _keep_case(work: Work, rt: Runtime, case_id: CaseId, request: TracingRequest) -> None:
    is_volunteer = work.actor.role is Role.INTAKE_VOLUNTEER
    began = Event(at=work.now, by=work.actor.id, kind=Kind.OPENED)
    outcomes = tuple(Outcome(sought.person.id) for sought in request.sought)
    new = opening.NewCase(
        id=case_id,
        officer=None if is_volunteer else work.actor.id,
        request=request,
        terms=pools.request_terms(request),
        file=CaseFile(outcomes=outcomes, events=(began,)),
    )
    hashing = opening.Hashing(rt.rules.identifier_kinds, rt.rules.phone_region)
    opening.open_case(work, new, work.actor.branch, hashing)
