"""Cases handed over to another society and taken over from one: offered, accepted, given."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, changed, created, nothing
from rfl.api.ask import Ask
from rfl.api.documented import APPROVAL, IF_MATCH, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.handovers import HandoverAnswer, HandoverOffer
from rfl.api.schemas.messages import FiledRows
from rfl.api.schemas.office import Made, Page
from rfl.flows import hand_over, take_over

router = APIRouter(
    prefix="/v1",
    route_class=ClosedRoute,
    tags=["between societies"],
    responses=problems("not-found", "erased"),
)
_HANDOVERS = Listing("handovers")
_STEP = problems("conflict", "stale-version", "version-required")


@router.post(
    "/cases/{case_id}/handover",
    status_code=201,
    summary="Offer a case to another society",
    response_model=Made,
    responses=_STEP | problems("too-large", "unsupported-media-type"),
    openapi_extra=needs(IF_MATCH, APPROVAL),
)
def offer_case(ask: Ask, case_id: str, body: HandoverOffer) -> Response:
    """Offer the responsibility towards the enquirer. It needs their consent, and four eyes."""
    made = hand_over.offer_case(ask.rt, ask.call, case_id, ask.version, body.peer)
    return created(f"/v1/handovers/{made}", made)


@router.get(
    "/handovers", summary="List open handovers", response_model=FiledRows, openapi_extra=needs()
)
def list_handovers(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List the branch's open handovers, both ways, oldest first; nothing is opened for a list."""
    return _HANDOVERS.page(ask, page, hand_over.list_handovers, filed.clear)


@router.get(
    "/handovers/{handover_id}",
    summary="Read a handover",
    response_model=HandoverAnswer,
    openapi_extra=needs(),
)
def read_handover(ask: Ask, handover_id: str) -> Response:
    """Open a handover, with the whole request where another society offers it."""
    view = hand_over.read_handover(ask.rt, ask.call, handover_id)
    return answer(filed.handover(view), version=view.row.version)


@router.delete(
    "/handovers/{handover_id}",
    summary="Withdraw an offer",
    response_model=Made,
    responses=_STEP,
    openapi_extra=needs(IF_MATCH),
)
def withdraw_offer(ask: Ask, handover_id: str) -> Response:
    """Withdraw an offer before it is accepted: what was sent is recalled, the case goes on here."""
    call, version = ask.call, ask.version
    return changed(handover_id, hand_over.withdraw_offer(ask.rt, call, handover_id, version))


@router.post(
    "/handovers/{handover_id}/acceptance",
    summary="Accept a case that is offered",
    response_model=Made,
    responses=_STEP,
    openapi_extra=needs(IF_MATCH),
)
def accept_offer(ask: Ask, handover_id: str) -> Response:
    """Accept it. It is a case here once the other society has let go of it."""
    call, version = ask.call, ask.version
    return changed(handover_id, take_over.accept_offer(ask.rt, call, handover_id, version))


@router.post(
    "/handovers/{handover_id}/refusal",
    status_code=204,
    summary="Decline a case that is offered",
    responses=_STEP,
    openapi_extra=needs(IF_MATCH),
)
def decline_offer(ask: Ask, handover_id: str) -> Response:
    """Decline it: what came with it is destroyed at once, and attested."""
    take_over.decline_offer(ask.rt, ask.call, handover_id, ask.version)
    return nothing()
