"""Read an enquiry, list those that wait, and move one through triage and interview."""

from dataclasses import dataclass
from datetime import date

from rfl.domain.access import Verb
from rfl.domain.enquiry import Enquiry, Reason, Turn
from rfl.domain.ids import check_id
from rfl.domain.states import PreCase
from rfl.errors import Conflict
from rfl.flows.runtime import Call, Runtime
from rfl.storage import enquiries, ledger
from rfl.storage.enquiries import EnquiryRow


@dataclass(frozen=True, slots=True, repr=False)
class EnquiryView:
    """An enquiry and what stands in clear of it."""

    row: EnquiryRow
    enquiry: Enquiry


@dataclass(frozen=True, slots=True, repr=False)
class Move:
    """The next state, and what belongs to it."""

    state: PreCase
    said: str | None = None
    reason: Reason | None = None
    interview_on: date | None = None


def read_enquiry(rt: Runtime, call: Call, enquiry_id: str) -> EnquiryView:
    """Open an enquiry, or raise NotFound or Forbidden."""
    check_id(enquiry_id, "enq")
    with rt.begin(call, Verb.ENQUIRY_READ) as work:
        row, enquiry = enquiries.opened(work, enquiry_id)
    return EnquiryView(row, enquiry)


def list_enquiries(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[EnquiryRow]:
    """Return what stands in clear of the branch's open enquiries, oldest first."""
    with rt.begin(call, Verb.ENQUIRY_LIST) as work:
        work.require()
        rows = enquiries.waiting(work, call.actor.branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def move_enquiry(rt: Runtime, call: Call, enquiry_id: str, version: int, move: Move) -> int:
    """Move an enquiry one step, or raise Conflict; return its next version.

    The day of an interview becomes its due date.
    """
    check_id(enquiry_id, "enq")
    with rt.begin(call, Verb.ENQUIRY_WORK) as work:
        row, enquiry = enquiries.opened(work, enquiry_id, version)
        if enquiry.case is not None:
            raise Conflict("The enquiry has become a case.")
        turn = Turn(at=work.now, by=call.actor.id, state=move.state, said=move.said)
        after = enquiry.at(turn, reason=move.reason, interview_on=move.interview_on)
        due_at = None if move.interview_on is None else rt.moment(move.interview_on)
        return enquiries.keep(work, row, after, due_at=due_at)
