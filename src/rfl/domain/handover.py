"""The handover of a case to another society: who is responsible towards the enquirer, step by step.

One token is moved. The owner keeps it while it offers the case; it lets go of it in the moment in
which it writes that the case is given; from then on it is the other's, also while that letter is
under way. So there is one owner at any time, and never two.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from rfl.domain.attachment import Enclosed
from rfl.domain.ids import PersonId, new_id
from rfl.domain.masked import Masked
from rfl.domain.request import TracingRequest
from rfl.domain.states import HandoverState, stepped

_TAKEN = {HandoverState.GIVEN, HandoverState.OPENED}


@dataclass(frozen=True, slots=True, repr=False)
class Handover(Masked):
    """One case that is offered to one society, as either of them keeps it.

    `coming`: this node is the one that takes it. `ref` is the reference of the society that gives.
    `request` is the whole request, on the side that takes, until it is a case there; `files` are
    the photos and documents that came with it.
    """

    peer: str
    ref: str
    coming: bool
    state: HandoverState = HandoverState.OFFERED
    request: TracingRequest | None = None
    country: str | None = None
    moved_at: datetime | None = None
    files: tuple[Enclosed, ...] = ()

    @property
    def is_taken(self) -> bool:
        """True once the society that takes is the owner."""
        return self.state in _TAKEN

    def moved(self, state: HandoverState, at: datetime) -> "Handover":
        """Return it one step further, or raise Conflict."""
        return replace(self, state=stepped(self.state, state), moved_at=at)

    def opened(self, at: datetime) -> "Handover":
        """Return it as the case that it became, which holds the request from now on."""
        return replace(self.moved(HandoverState.OPENED, at), request=None, files=())


def taken_over(request: TracingRequest) -> TracingRequest:
    """Return the request with ids of this node for every person, and in each consent."""
    enquirer = replace(request.enquirer, id=PersonId(new_id("per")))
    sought = tuple(
        replace(one, person=replace(one.person, id=PersonId(new_id("per"))))
        for one in request.sought
    )
    consents = tuple(replace(one, person=enquirer.id) for one in request.consents)
    return replace(request, enquirer=enquirer, sought=sought, consents=consents)
