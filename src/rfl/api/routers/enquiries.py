"""What comes before a case: receive an enquiry, list what waits, triage and interview."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer, changed, created
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, REPEAT, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas import enquiry
from rfl.api.schemas.office import Made, Page
from rfl.flows import receive_enquiry as receiving
from rfl.flows import work_enquiry
from rfl.flows.work_enquiry import Move

router = APIRouter(
    prefix="/v1/enquiries", route_class=ClosedRoute, tags=["enquiries"], responses=problems()
)
_ENQUIRIES = Listing("enquiries")


@router.post(
    "",
    status_code=201,
    summary="Receive an enquiry",
    response_model=Made,
    responses=problems("idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT),
)
def receive_enquiry(ask: Ask, body: enquiry.NewEnquiry) -> Response:
    """Keep an enquiry of any channel, sealed, before there is a case."""
    made = receiving.receive_enquiry(ask.rt, ask.once, body.to_domain())
    return created(f"/v1/enquiries/{made}", made)


@router.get(
    "",
    summary="List the enquiries that wait",
    response_model=enquiry.Enquiries,
    openapi_extra=needs(),
)
def list_enquiries(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List your branch's open enquiries, the oldest first. No name is opened for a list."""
    return _ENQUIRIES.page(ask, page, work_enquiry.list_enquiries, views.clear)


@router.get(
    "/{enquiry_id}",
    summary="Read an enquiry",
    response_model=enquiry.EnquiryAnswer,
    responses=problems("not-found"),
    openapi_extra=needs(),
)
def read_enquiry(ask: Ask, enquiry_id: str) -> Response:
    """Open an enquiry with every step of it."""
    view = work_enquiry.read_enquiry(ask.rt, ask.call, enquiry_id)
    return answer(views.enquiry(view), version=view.row.version)


@router.post(
    "/{enquiry_id}/turns",
    summary="Move an enquiry one step",
    response_model=Made,
    responses=problems(
        "not-found",
        "conflict",
        "stale-version",
        "version-required",
        "too-large",
        "unsupported-media-type",
    ),
    openapi_extra=needs(IF_MATCH),
)
def move_enquiry(ask: Ask, enquiry_id: str, body: enquiry.Turn) -> Response:
    """Triage, interview, complete, decline or refer. An eligible one then becomes a case."""
    call, version, move = ask.call, ask.version, Move(**dict(body))
    return changed(enquiry_id, work_enquiry.move_enquiry(ask.rt, call, enquiry_id, version, move))
