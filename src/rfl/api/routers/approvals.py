"""Four eyes: ask for a second officer, see what is asked, agree."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, changed, created
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, REPEAT, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.approvals import ApprovalAnswer, ApprovalRequest, Approvals
from rfl.api.schemas.office import Made, Page
from rfl.flows import approve

router = APIRouter(
    prefix="/v1/approvals",
    route_class=ClosedRoute,
    tags=["four eyes"],
    responses=problems("not-found"),
)
_APPROVALS = Listing("approvals")


@router.post(
    "",
    status_code=201,
    summary="Ask for a second officer",
    response_model=Made,
    responses=problems("idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT),
)
def ask_approval(ask: Ask, body: ApprovalRequest) -> Response:
    """Ask for a second officer's agreement to one exact request; it ends after 72 hours."""
    made = approve.ask_approval(ask.rt, ask.once, body.to_domain(), body.reason)
    return created(f"/v1/approvals/{made}", made)


@router.get("", summary="List requests that wait", response_model=Approvals, openapi_extra=needs())
def list_approvals(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List the branch's requests that wait to be given or used; nothing is opened for it."""
    return _APPROVALS.page(ask, page, approve.list_approvals, filed.without_case)


@router.get(
    "/{approval_id}",
    summary="Read a request for a second officer",
    response_model=ApprovalAnswer,
    openapi_extra=needs(),
)
def read_approval(ask: Ask, approval_id: str) -> Response:
    """Open what exactly is asked for; only who may do the same sees it."""
    view = approve.read_approval(ask.rt, ask.call, approval_id)
    return answer(filed.approval(view), version=view.row.version)


@router.post(
    "/{approval_id}/approval",
    summary="Agree as the second officer",
    response_model=Made,
    responses=problems("conflict", "stale-version", "version-required"),
    openapi_extra=needs(IF_MATCH),
)
def give_approval(ask: Ask, approval_id: str) -> Response:
    """Agree to exactly this request. Nobody agrees to their own."""
    call, version = ask.call, ask.version
    return changed(approval_id, approve.give_approval(ask.rt, call, approval_id, version))
