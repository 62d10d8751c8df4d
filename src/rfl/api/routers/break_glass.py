"""Break-glass: read further for a few hours; the data protection officer reviews it."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, changed, created
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, REPEAT, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.break_glass import Glass, GlassAnswer, Glasses, Review
from rfl.api.schemas.office import Made, Page
from rfl.flows import break_glass

router = APIRouter(
    prefix="/v1/break-glass",
    route_class=ClosedRoute,
    tags=["break-glass"],
    responses=problems("not-found"),
)
_GLASSES = Listing("break-glass")


@router.post(
    "",
    status_code=201,
    summary="Break the glass",
    response_model=Made,
    responses=problems("conflict", "idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT),
)
def break_the_glass(ask: Ask, body: Glass) -> Response:
    """Read cases and registrations of every branch and level, for at most four hours.

    The data protection officer is told at once, and everything you read so says it in the log.
    """
    made = break_glass.break_the_glass(ask.rt, ask.once, body.reason, body.hours)
    return created(f"/v1/break-glass/{made}", made)


@router.get(
    "", summary="List what waits for a review", response_model=Glasses, openapi_extra=needs()
)
def list_glass(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List those of every branch that wait for a review; nothing is opened for it."""
    return _GLASSES.page(ask, page, break_glass.list_glass, filed.without_case)


@router.get(
    "/{glass_id}",
    summary="Read why somebody broke the glass",
    response_model=GlassAnswer,
    openapi_extra=needs(),
)
def read_glass(ask: Ask, glass_id: str) -> Response:
    """Open one with its reason, and its review if there was one."""
    view = break_glass.read_glass(ask.rt, ask.call, glass_id)
    return answer(filed.glass(view), version=view.row.version)


@router.post(
    "/{glass_id}/end",
    summary="End it before its time",
    response_model=Made,
    responses=problems("conflict", "stale-version", "version-required"),
    openapi_extra=needs(IF_MATCH),
)
def end_glass(ask: Ask, glass_id: str) -> Response:
    """Read no further than usual from now on."""
    call, version = ask.call, ask.version
    return changed(glass_id, break_glass.end_glass(ask.rt, call, glass_id, version))


@router.post(
    "/{glass_id}/review",
    summary="Say what a review has found",
    response_model=Made,
    responses=problems(
        "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
    ),
    openapi_extra=needs(IF_MATCH),
)
def review_glass(ask: Ask, glass_id: str, body: Review) -> Response:
    """Review it once it is over. An account that was suspended for want of it works again."""
    call, at = ask.call, (glass_id, ask.version)
    found, justified = body.found, body.justified
    following = break_glass.review_glass(ask.rt, call, at, found, justified=justified)
    return changed(glass_id, following)
