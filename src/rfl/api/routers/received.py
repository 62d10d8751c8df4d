"""Requests of other societies: listed, read, accepted, returned, declined."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, changed, created
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.messages import FiledRows
from rfl.api.schemas.office import Made, Page
from rfl.api.schemas.received import Recalls, ReceivedAnswer, RequestAcceptance, RequestRefusal
from rfl.domain.states import TransmissionState
from rfl.flows import answer_request, recall

router = APIRouter(
    prefix="/v1/received",
    route_class=ClosedRoute,
    tags=["between societies"],
    responses=problems("not-found"),
)
_RECEIVED = Listing("received")
_CHANGES = problems(
    "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
)


@router.get(
    "",
    summary="List open requests of other societies",
    response_model=FiledRows,
    openapi_extra=needs(),
)
def list_received(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List the branch's open requests of others, oldest first; nothing is opened for a list."""
    return _RECEIVED.page(ask, page, answer_request.list_received, filed.clear)


@router.get(
    "/recalls",
    summary="List what others were asked to destroy",
    response_model=Recalls,
    openapi_extra=needs(),
)
def list_recalls(ask: Ask) -> Response:
    """List what other societies were asked to destroy and have attested; those that wait first."""
    found = recall.list_recalls(ask.rt, ask.call)
    return answer({"items": [filed.recall(one) for one in found]})


@router.get(
    "/{received_id}",
    summary="Read a request of another society",
    response_model=ReceivedAnswer,
    openapi_extra=needs(),
)
def read_received(ask: Ask, received_id: str) -> Response:
    """Open what another society asks. Nothing of it is matched before it is accepted."""
    view = answer_request.read_received(ask.rt, ask.call, received_id)
    return answer(filed.received(view), version=view.row.version)


@router.post(
    "/{received_id}/acceptance",
    status_code=201,
    summary="Accept a request of another society",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def accept_received(ask: Ask, received_id: str, body: RequestAcceptance) -> Response:
    """Make it a case here. The society is told the day of the answer, and nothing of matching."""
    call, version = ask.call, ask.version
    made = answer_request.accept_received(ask.rt, call, received_id, version, body.level)
    return created(f"/v1/cases/{made}", made)


@router.post(
    "/{received_id}/refusal",
    summary="Return or decline a request of another society",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def refuse_received(ask: Ask, received_id: str, body: RequestRefusal) -> Response:
    """Return it for information, or decline it: then what came with it is destroyed."""
    refused = (TransmissionState(body.state), body.reason)
    call, version = ask.call, ask.version
    following = answer_request.refuse_received(ask.rt, call, received_id, version, refused)
    return changed(received_id, following)
