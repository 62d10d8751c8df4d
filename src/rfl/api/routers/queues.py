"""Queues: what waits for an officer, a branch, and for who searches."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import views
from rfl.api.ask import Ask
from rfl.api.documented import needs, problems
from rfl.api.pages import Listing, by_opening
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.queues import QueuePage, Searches, SearchesPage
from rfl.api.schemas.records import Cases
from rfl.flows import queue
from rfl.flows.queue import CaseRow, Queue
from rfl.flows.runtime import Call, Runtime

router = APIRouter(
    prefix="/v1/queues", route_class=ClosedRoute, tags=["queues"], responses=problems()
)


@router.get(
    "/searching",
    summary="List the cases that you search",
    response_model=Searches,
    openapi_extra=needs(),
)
def list_searches(ask: Ask, page: Annotated[SearchesPage, Query()]) -> Response:
    """List the searches whose team you are of, with what each waits for."""

    def flow(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[queue.DeskRow]:
        return queue.list_searches(rt, call, page.waits, (after, limit))

    return Listing(f"searching {page.waits}").page(ask, page, flow, views.clear)


@router.get(
    "/{name}",
    summary="List a queue",
    response_model=Cases,
    openapi_extra=needs(),
)
def list_queue(ask: Ask, name: Queue, page: Annotated[QueuePage, Query()]) -> Response:
    """List what waits on the enquirer's side, by outside state and dates. No name is opened."""

    def flow(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[CaseRow]:
        return queue.list_queue(rt, call, name, page.state, (after, limit))

    moment = _by_review if name is Queue.TO_REVIEW else by_opening
    listing = Listing(f"queue {name} {page.state}")
    return listing.page(ask, page, flow, views.clear, moment)


def _by_review(row: CaseRow) -> int:
    return row.review_at or 0
