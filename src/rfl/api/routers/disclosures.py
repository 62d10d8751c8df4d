"""What authorities are told (P-09): asked by one officer, decided by another, given once."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, changed, created
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, REPEAT, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.approvals import Approvals
from rfl.api.schemas.disclosures import (
    Agency,
    DisclosureAnswer,
    DisclosureDecision,
    DisclosureRequest,
    Given,
)
from rfl.api.schemas.office import Made, Page
from rfl.errors import within
from rfl.flows import disclose

router = APIRouter(
    prefix="/v1/disclosures",
    route_class=ClosedRoute,
    tags=["authorities"],
    responses=problems("not-found", "erased"),
)
_DISCLOSURES = Listing("disclosures")
_STEP = problems("conflict", "stale-version", "version-required")


@router.post(
    "",
    status_code=201,
    summary="Ask that an authority is told",
    response_model=Made,
    responses=problems("conflict", "idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT),
)
def ask_disclosure(ask: Ask, body: DisclosureRequest) -> Response:
    """Ask for these items of one person, by their permission or under an order; for 72 hours."""
    made = disclose.ask_disclosure(ask.rt, ask.once, body.to_domain(), body.reason)
    return created(f"/v1/disclosures/{made}", made)


@router.get(
    "",
    summary="List requests to tell authorities",
    response_model=Approvals,
    openapi_extra=needs(),
)
def list_disclosures_to_authorities(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List the branch's requests that wait to be decided or given; nothing is opened for it."""
    return _DISCLOSURES.page(ask, page, disclose.list_disclosures, filed.without_case)


@router.get(
    "/{disclosure_id}",
    summary="Read a request to tell an authority",
    response_model=DisclosureAnswer,
    openapi_extra=needs(),
)
def read_disclosure(ask: Ask, disclosure_id: str) -> Response:
    """Open what exactly is asked for, and what became of it."""
    view = disclose.read_disclosure(ask.rt, ask.call, disclosure_id)
    return answer(filed.disclosure(view), version=view.row.version)


@router.post(
    "/{disclosure_id}/decision",
    summary="Decide, as the second officer",
    response_model=Made,
    responses=_STEP,
    openapi_extra=needs(IF_MATCH),
)
def decide_disclosure(ask: Ask, disclosure_id: str, body: DisclosureDecision) -> Response:
    """Agree or not. About an order the data protection officer alone decides."""
    with within("agency"):
        agency = Agency.to_domain(body.agency) if body.agency is not None else None
    decision = disclose.Decision(body.agrees, body.reason, agency)
    at = (ask.rt, ask.call, disclosure_id, ask.version)
    return changed(disclosure_id, disclose.decide_disclosure(*at, decision))


@router.post(
    "/{disclosure_id}/giving",
    summary="Give what was agreed to, once",
    response_model=Given,
    responses=_STEP,
    openapi_extra=needs(IF_MATCH),
)
def give_disclosure(ask: Ask, disclosure_id: str) -> Response:
    """Answer the items for who asked, to be handed over; the log has it, nothing else keeps it."""
    given = disclose.give_disclosure(ask.rt, ask.call, disclosure_id, ask.version)
    return answer(filed.handed(disclosure_id, given))
