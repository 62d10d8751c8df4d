"""Queues: what waits for an officer, a branch, and for who searches."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import views
from rfl.api.ask import Ask
from rfl.api.documented import needs, problems
from rfl.api.pages import Listing
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
    """List what waits on the enquirer's side, by outside state and dates. No name is opened.

    A page that is narrowed by level or country may be short, or empty, and not the last: `next`
    says whether there is more.
    """
    narrow = page.to_narrow()
    listing = Listing(f"queue {name} {narrow}")
    listed = queue.list_queue(
        ask.rt, ask.call, name, (listing.begins(ask, page), page.limit), narrow
    )
    last = None if listed.after is None else (_moment(name, listed.after), listed.after.id)
    return listing.ends(ask, [views.clear(row) for row in listed.rows], last)


def _moment(name: Queue, row: CaseRow) -> int:
    """Return what the queue is ordered by."""
    if name is Queue.TO_REVIEW:
        return row.review_at or 0
    if name is Queue.ANSWERS:
        return row.due_at or 0
    return row.created_at
