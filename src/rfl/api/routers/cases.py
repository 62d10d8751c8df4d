"""Cases: open, list, read, change, erase, and who did what to them."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer, changed, created, nothing
from rfl.api.ask import Ask
from rfl.api.documented import APPROVAL, IF_MATCH, REPEAT, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.casework import Erasure
from rfl.api.schemas.office import LogEntries, Made, Page
from rfl.api.schemas.records import CaseAnswer, Cases
from rfl.api.schemas.request import NewCase, TracingRequest
from rfl.flows import account_for, erase, register, review

router = APIRouter(
    prefix="/v1",
    route_class=ClosedRoute,
    tags=["cases"],
    responses=problems("not-found", "erased"),
)
_CASES = Listing("cases")


@router.post(
    "/intakes",
    status_code=201,
    summary="Begin an intake",
    response_model=Made,
    responses=problems("idempotency-mismatch"),
    openapi_extra=needs(REPEAT),
)
def open_intake(ask: Ask) -> Response:
    """Begin an intake, so that you can search before there is a case."""
    opened = register.open_intake(ask.rt, ask.once)
    return answer({"id": opened.id, "version": opened.version}, 201)


@router.post(
    "/requests",
    status_code=201,
    summary="Open a case from a tracing request",
    operation_id="open_case_from_request",
    response_model=Made,
    responses=problems("idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT),
)
@router.post(
    "/cases",
    status_code=201,
    summary="Open a case",
    response_model=Made,
    responses=problems("idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT),
)
def open_case(ask: Ask, body: NewCase) -> Response:
    """Keep a tracing request, sealed, as a new case of your branch."""
    opened = register.open_case(ask.rt, ask.once, body.created(), body.intake)
    return created(f"/v1/cases/{opened.id}", opened.id, opened.version)


@router.get(
    "/cases",
    summary="List cases by what stands in clear",
    response_model=Cases,
    openapi_extra=needs(),
)
def list_cases(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List your branch's cases in the order of opening. No name is opened for a list."""
    return _CASES.page(ask, page, review.list_cases, views.clear)


@router.get(
    "/cases/{case_id}", summary="Read a case", response_model=CaseAnswer, openapi_extra=needs()
)
def read_case(ask: Ask, case_id: str) -> Response:
    """Open a case. The reading is entered in the log."""
    view = review.read_case(ask.rt, ask.call, case_id)
    return answer(views.case(view), version=view.row.version)


@router.get(
    "/cases/{case_id}/request",
    summary="Read the tracing request of a case",
    response_model=TracingRequest,
    openapi_extra=needs(),
)
def read_request(ask: Ask, case_id: str) -> Response:
    """Open the tracing request in the form in which it can be changed and sent back."""
    view = review.read_case(ask.rt, ask.call, case_id)
    return answer(view.request, version=view.row.version)


@router.put(
    "/cases/{case_id}/request",
    summary="Change the tracing request of a case",
    response_model=Made,
    responses=problems("stale-version", "version-required", "too-large", "unsupported-media-type"),
    openapi_extra=needs(IF_MATCH),
)
def change_request(ask: Ask, case_id: str, body: TracingRequest) -> Response:
    """Replace the tracing request of the version that If-Match names."""
    version = review.change_case(ask.rt, ask.call, case_id, ask.version, body.changed())
    return changed(case_id, version)


@router.post(
    "/cases/{case_id}/erasure",
    status_code=204,
    summary="Erase a case for good",
    openapi_extra=needs(APPROVAL),
)
def erase_case(ask: Ask, case_id: str, body: Erasure) -> Response:
    """Destroy the case's keys. When this answers, nobody can open it any more."""
    erase.erase_case(ask.rt, ask.call, case_id, body.reason)
    return nothing()


@router.get(
    "/cases/{case_id}/log",
    summary="Who did what to a case",
    response_model=LogEntries,
    openapi_extra=needs(),
)
def read_case_log(ask: Ask, case_id: str) -> Response:
    """List the entries of the log about a case; this reading is the last of them."""
    entries = account_for.entries_about(ask.rt, ask.call, case_id)
    return answer({"items": [views.entry(one) for one in entries]})
