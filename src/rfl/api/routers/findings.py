"""Unusual reading: review the log, and judge what was found."""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import views
from rfl.api.answers import answer, changed, nothing
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.auditing import (
    FamilyNames,
    FindingAnswer,
    FindingPage,
    Findings,
    JudgementOrder,
    ReviewDone,
    ReviewOrder,
)
from rfl.api.schemas.office import Made
from rfl.domain.finding import FindingState
from rfl.flows import give_family_names, judge_findings, review_reading

router = APIRouter(prefix="/v1", route_class=ClosedRoute, tags=["log"], responses=problems())
_BODY = problems("too-large", "unsupported-media-type")


@router.post(
    "/log/reviews",
    summary="Look for unusual reading",
    response_model=ReviewDone,
    responses=_BODY,
    openapi_extra=needs(),
)
def review_log(ask: Ask, body: ReviewOrder) -> Response:
    """Review whole days of the log; what was found before is not found again."""
    named = body.family_names
    return answer(
        review_reading.review_reading(ask.rt, ask.call, body.since, body.until, family_names=named)
    )


@router.get(
    "/log/findings", summary="List findings", response_model=Findings, openapi_extra=needs()
)
def list_findings(ask: Ask, page: Annotated[FindingPage, Query()]) -> Response:
    """List findings in the order in which they were found, of one state or all."""
    listing = Listing(f"findings:{page.state or ''}")
    flow = partial(judge_findings.list_findings, state=page.state)
    return listing.page(ask, page, flow, views.finding)


@router.get(
    "/log/findings/{finding_id}",
    summary="Read a finding",
    response_model=FindingAnswer,
    responses=problems("not-found"),
    openapi_extra=needs(),
)
def read_finding(ask: Ask, finding_id: str) -> Response:
    """Read one finding with its figures and what was decided."""
    view = judge_findings.read_finding(ask.rt, ask.call, finding_id)
    return answer(views.finding(view), version=view.row.version)


@router.post(
    "/log/findings/{finding_id}/decisions",
    summary="Decide about a finding",
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
def judge_finding(ask: Ask, finding_id: str, body: JudgementOrder) -> Response:
    """Explain or escalate a finding, with the reason. Nobody decides about their own reading."""
    call, version, state = ask.call, ask.version, FindingState(body.state)
    following = judge_findings.judge_finding(ask.rt, call, finding_id, version, state, body.reason)
    return changed(finding_id, following)


@router.put(
    "/me/family-names",
    status_code=204,
    summary="Give your own family names",
    responses=_BODY,
    openapi_extra=needs(),
)
def put_family_names(ask: Ask, body: FamilyNames) -> Response:
    """Keep your own family names, sealed. They are compared with what you read only in a review."""
    give_family_names.give_family_names(ask.rt, ask.call, body.names)
    return nothing()
