"""Partners' lists: enter one, send its rows, read it, take it back."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer, created
from rfl.api.ask import Ask
from rfl.api.documented import APPROVAL, REPEAT, needs, problems, upload
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute, UploadRoute
from rfl.api.schemas.lists import ListAnswer, Taken, TakenBack, Terms
from rfl.api.schemas.office import Made, Page
from rfl.api.schemas.records import Lists
from rfl.domain.person import MAX_ITEMS
from rfl.errors import InvalidInput
from rfl.flows import erase, offer_list, read_upload, take_list, view_lists

router = APIRouter(
    prefix="/v1/lists", route_class=ClosedRoute, tags=["lists"], responses=problems("not-found")
)
uploads = APIRouter(
    prefix="/v1/lists", route_class=UploadRoute, tags=["lists"], responses=problems("not-found")
)
_LISTS = Listing("lists")
_Named = Annotated[list[Annotated[str, Field(max_length=200)]] | None, Query(max_length=MAX_ITEMS)]


@router.post(
    "",
    status_code=201,
    summary="Enter a list before its rows come",
    response_model=Made,
    responses=problems("idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT),
)
def open_list(ask: Ask, body: Terms) -> Response:
    """Say who owns a list, how reliable it is, and what may be done with it."""
    list_id = offer_list.open_list(ask.rt, ask.once, body.to_terms())
    return created(f"/v1/lists/{list_id}", list_id)


@router.get("", summary="List the lists", response_model=Lists, openapi_extra=needs())
def list_lists(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List the lists that your branch took in, oldest first."""
    return _LISTS.page(ask, page, view_lists.list_lists, views.clear)


@router.get(
    "/{list_id}", summary="Read a list's terms", response_model=ListAnswer, openapi_extra=needs()
)
def read_list(ask: Ask, list_id: str) -> Response:
    """Read on which terms a list is taken in, and how far it came."""
    view = view_lists.read_list(ask.rt, ask.call, list_id)
    return answer(views.listed(view), version=view.summary.version)


@router.delete(
    "/{list_id}",
    summary="Take a list back",
    response_model=TakenBack,
    openapi_extra=needs(APPROVAL),
)
def take_back_list(ask: Ask, list_id: str) -> Response:
    """Remove every registration that a list brought, with its keys."""
    return answer({"removed": erase.take_back_list(ask.rt, ask.call, list_id)})


@uploads.put(
    "/{list_id}/rows",
    summary="Send the rows of a list",
    response_model=Taken,
    responses=problems("conflict", "too-large", "unsupported-media-type", "malformed-file"),
    openapi_extra=needs(body=upload(read_upload.MEDIA_TYPES)),
)
def take_rows(ask: Ask, list_id: str, column: _Named = None) -> Response:
    """Take in a PFIF, CSV or XLSX file as the body. The same file again changes nothing.

    `column` says `field:Header` for a table whose headers are not among the known ones. Rows
    that break a rule are refused one by one, and the rest goes in.
    """
    terms = offer_list.read_terms(ask.rt, ask.call, list_id)
    sent = read_upload.Upload(ask.content, ask.media_type, _columns(column))
    rows = read_upload.read_upload(ask.rt, terms, sent)
    taken = take_list.take_list(ask.rt, ask.call, list_id, rows)
    return answer(views.taken(taken, rows.mapped, rows.unmapped))


def _columns(given: list[str] | None) -> dict[str, str] | None:
    """Return which field comes from which header."""
    if not given:
        return None
    columns: dict[str, str] = {}
    for one in given:
        field, colon, header = one.partition(":")
        if not colon or not header or field in columns:
            raise InvalidInput("column", "must be field:Header, once for a field")
        columns[field] = header
    return columns
