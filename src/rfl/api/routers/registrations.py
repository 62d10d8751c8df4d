"""Registrations one at a time: add, list, read, change, erase, and who did what to them."""

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
from rfl.api.schemas.records import RegistrationAnswer, Registrations
from rfl.api.schemas.registration import Registration
from rfl.flows import account_for, enrol, erase

router = APIRouter(
    prefix="/v1/registrations",
    route_class=ClosedRoute,
    tags=["registrations"],
    responses=problems("not-found"),
)
_REGISTRATIONS = Listing("registrations")


@router.post(
    "",
    status_code=201,
    summary="Add a registration",
    response_model=Made,
    responses=problems("conflict", "idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT),
)
def add_registration(ask: Ask, body: Registration) -> Response:
    """Keep one person of somebody's list, sealed. A source's record is kept once."""
    registration = enrol.add_registration(ask.rt, ask.once, body.created())
    return created(f"/v1/registrations/{registration}", registration)


@router.get(
    "",
    summary="List registrations by what stands in clear",
    response_model=Registrations,
    openapi_extra=needs(),
)
def list_registrations(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List your branch's registrations, oldest first. No name is opened for a list."""
    return _REGISTRATIONS.page(ask, page, enrol.list_registrations, views.clear)


@router.get(
    "/{registration_id}",
    summary="Read a registration",
    response_model=RegistrationAnswer,
    openapi_extra=needs(),
)
def read_registration(ask: Ask, registration_id: str) -> Response:
    """Open a registration. The reading is entered in the log."""
    view = enrol.read_registration(ask.rt, ask.call, registration_id)
    return answer(views.registration(view), version=view.row.version)


@router.put(
    "/{registration_id}",
    summary="Change a registration",
    response_model=Made,
    responses=problems("stale-version", "version-required", "too-large", "unsupported-media-type"),
    openapi_extra=needs(IF_MATCH),
)
def change_registration(ask: Ask, registration_id: str, body: Registration) -> Response:
    """Replace the registration of the version that If-Match names."""
    call, version, now = ask.call, ask.version, body.changed()
    following = enrol.change_registration(ask.rt, call, registration_id, version, now)
    return changed(registration_id, following)


@router.post(
    "/{registration_id}/erasure",
    status_code=204,
    summary="Erase a registration for good",
    openapi_extra=needs(APPROVAL),
)
def erase_registration(ask: Ask, registration_id: str, body: Erasure) -> Response:
    """Destroy the registration's keys; the same source's record does not come back."""
    erase.erase_registration(ask.rt, ask.call, registration_id, body.reason)
    return nothing()


@router.get(
    "/{registration_id}/log",
    summary="Who did what to a registration",
    response_model=LogEntries,
    openapi_extra=needs(),
)
def read_registration_log(ask: Ask, registration_id: str) -> Response:
    """List the entries of the log about a registration; this reading is the last of them."""
    entries = account_for.entries_about(ask.rt, ask.call, registration_id)
    return answer({"items": [views.entry(one) for one in entries]})
