"""Ask another society: one transmission for each, with methods, due date, and what came back.

The exchange is not there yet: officers enter what was sent and answered by other ways.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from rfl.domain.access import Verb
from rfl.domain.care import Side
from rfl.domain.casefile import CaseFile
from rfl.domain.consent import Use
from rfl.domain.ids import check_id, new_id
from rfl.domain.policy import Version
from rfl.domain.request import TracingRequest
from rfl.domain.states import CaseState, Outside, TransmissionState
from rfl.domain.transmission import Transmission, WhyReturned
from rfl.errors import Conflict, InvalidInput
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import casefiles, cases, transmissions
from rfl.storage.shelf import Filed
from rfl.storage.work import micros


@dataclass(frozen=True, slots=True, repr=False)
class TransmissionView:
    """A transmission and what stands in clear of it."""

    row: Filed
    transmission: Transmission


@dataclass(frozen=True, slots=True, repr=False)
class Move:
    """The next state of a transmission, and what belongs to it."""

    state: TransmissionState
    reason: WhyReturned | None = None
    answer_on: date | None = None
    results: tuple[tuple[str, Outside], ...] = ()


def queue_transmission(rt: Runtime, call: Call, case_id: str, asked: Transmission) -> str:
    """Queue a request to one society; return its id.

    Raises Conflict where harm was not screened under today's rules (P-06) or the enquirer has not
    agreed that this society is told, and InvalidInput for a method that is not allowed.
    """
    with rt.begin(call, Verb.TRANSMIT) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        check_id(case_id, "cas", field="case_id")
        case, file, _log_id = casefiles.opened(work, case_id)
        _row, request, _log_ids = cases.opened(work, case_id)
        _require_may_leave(asked, file, request, rt.rules.policy.on(work.today), work.today)
        row = Filed(
            id=new_id("trm"),
            case_id=case_id,
            branch=case.branch,
            officer=case.officer,
            created_at=work.micros,
            due_at=_moment(rt, asked.due_on),
            open=True,
            version=1,
        )
        transmissions.SHELF.add(work, row, asked, peer=asked.peer)
        remember_result(work, call, 201, row.id)
    return row.id


def read_transmission(rt: Runtime, call: Call, transmission_id: str) -> TransmissionView:
    """Open a transmission, or raise NotFound or Forbidden."""
    with rt.begin(call, Verb.CASE_FILE) as work:
        found = transmissions.SHELF.opened(work, check_id(transmission_id, "trm"))
        return TransmissionView(*found)


def transmissions_of(rt: Runtime, call: Call, case_id: str) -> list[Filed]:
    """Return what stands in clear of a case's transmissions, oldest first."""
    with rt.begin(call, Verb.CASE_FILE) as work:
        casefiles.reached(work, check_id(case_id, "cas"))
        return transmissions.SHELF.of_case(work, case_id)


def move_transmission(
    rt: Runtime, call: Call, transmission_id: str, version: int, move: Move
) -> int:
    """Move a transmission one step of the table, or raise Conflict; return its next version."""
    with rt.begin(call, Verb.TRANSMIT) as work:
        found = transmissions.SHELF.opened(work, check_id(transmission_id, "trm"), version)
        row, before = found
        if move.state is TransmissionState.ENDED:
            _require_persons(move, casefiles.load(work, row.case_id or ""))
            after = before.ended(move.results, work.now, call.actor.id)
        else:
            reason, answer_on = move.reason, move.answer_on
            after = before.moved(
                move.state, work.now, call.actor.id, reason=reason, answer_on=answer_on
            )
        due_on = after.answer_on or after.due_on
        return transmissions.keep(work, row, after, _moment(rt, due_on))


def _require_may_leave(
    asked: Transmission, file: CaseFile, request: TracingRequest, rules: Version, on: date
) -> None:
    file.require_own_work()
    if file.state is not CaseState.ACTIVE:
        raise Conflict("Only a case that was accepted, and goes on, is sent to others.")
    if file.screening is None or not file.screening.holds(Side.ENQUIRER, rules.code):
        raise Conflict("Harm is screened before any step of search outside (P-06).")
    if not any(one.covers(Use.SHARE, on, asked.peer) for one in request.consents):
        raise Conflict("The enquirer has not agreed that this society is told.")
    if not asked.methods <= rules.rules(file.country).methods & request.methods:
        raise InvalidInput("methods", "must be allowed by the enquirer and by the policy")
    if asked.due_on <= on:
        raise InvalidInput("due_on", "must lie in the future")


def _require_persons(move: Move, file: CaseFile) -> None:
    sought = [outcome.person for outcome in file.outcomes]
    if sorted(person for person, _outcome in move.results) != sorted(sought):
        raise InvalidInput("results", "must name each sought person of this case once")


def _moment(rt: Runtime, day: date) -> int:
    return micros(datetime.combine(day, time(), rt.rules.zone))
