"""Take in an enquiry, by whatever way it came, before there is a case."""

from rfl.domain.access import Verb
from rfl.domain.enquiry import Enquiry
from rfl.domain.ids import new_id
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import enquiries
from rfl.storage.enquiries import EnquiryRow


def receive_enquiry(rt: Runtime, call: Call, enquiry: Enquiry) -> str:
    """Keep an enquiry and return its id; the same idempotency key gives the same one."""
    with rt.begin(call, Verb.ENQUIRY_RECEIVE) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        enquiry_id = new_id("enq")
        row = EnquiryRow(
            id=enquiry_id,
            branch=call.actor.branch,
            officer=call.actor.id,
            created_at=work.micros,
            due_at=None,
            open=True,
            version=1,
        )
        enquiries.add(work, row, enquiry)
        remember_result(work, call, 201, enquiry_id)
    return enquiry_id
