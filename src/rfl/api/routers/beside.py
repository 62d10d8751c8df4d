"""Tasks and transmissions of a case: planned, due, done; queued, moved, ended."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, changed, created
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, REPEAT, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas import beside as shapes
from rfl.api.schemas.office import Made
from rfl.flows import plan_task, transmit, withdraw
from rfl.flows.plan_task import TaskRow
from rfl.flows.runtime import Call, Runtime
from rfl.flows.transmit import WaitingRow

_NEW = problems("conflict", "idempotency-mismatch", "too-large", "unsupported-media-type")
_CHANGES = problems(
    "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
)

router = APIRouter(
    prefix="/v1",
    route_class=ClosedRoute,
    tags=["casework"],
    responses=problems("not-found", "erased"),
)


@router.post(
    "/cases/{case_id}/tasks",
    status_code=201,
    summary="Plan a task",
    response_model=Made,
    responses=_NEW,
    openapi_extra=needs(REPEAT),
)
def add_task(ask: Ask, case_id: str, body: shapes.NewTask) -> Response:
    """Plan what is to be done towards the enquirer by a day."""
    call = ask.once
    made = plan_task.add_task(ask.rt, call, case_id, body.to_domain(call.actor.id))
    return created(f"/v1/tasks/{made}", made)


@router.get(
    "/tasks", summary="List what is due", response_model=shapes.TaskRows, openapi_extra=needs()
)
def list_due_tasks(ask: Ask, due: Annotated[shapes.DueBy, Query()]) -> Response:
    """List the branch's tasks to look at up to a day; nothing is opened for a list."""
    asked = due.to_due(ask.rt.today())

    def flow(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[TaskRow]:
        return plan_task.due_tasks(rt, call, asked, (after, limit))

    return Listing(f"tasks {asked}").page(ask, due, flow, filed.clear, lambda row: row.remind_at)


@router.get(
    "/tasks/{task_id}",
    summary="Read a task",
    response_model=shapes.TaskAnswer,
    openapi_extra=needs(),
)
def read_task(ask: Ask, task_id: str) -> Response:
    """Open a task."""
    view = plan_task.read_task(ask.rt, ask.call, task_id)
    return answer(filed.task(view), version=view.row.version)


@router.post(
    "/tasks/{task_id}/done",
    summary="Say that a task is done",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def do_task(ask: Ask, task_id: str, body: shapes.TaskDone) -> Response:
    """End a task. Whether the family still searches is asked again later."""
    call, version = ask.call, ask.version
    return changed(task_id, plan_task.do_task(ask.rt, call, task_id, version, body.came))


@router.post(
    "/cases/{case_id}/transmissions",
    status_code=201,
    summary="Queue a request to another society",
    response_model=Made,
    responses=_NEW,
    openapi_extra=needs(REPEAT),
)
def queue_transmission(ask: Ask, case_id: str, body: shapes.NewTransmission) -> Response:
    """Queue a request as far as enquirer, screening and policy allow it."""
    made = transmit.queue_transmission(ask.rt, ask.once, case_id, body.to_domain())
    return created(f"/v1/transmissions/{made}", made)


@router.get(
    "/cases/{case_id}/transmissions",
    summary="List a case's transmissions",
    response_model=shapes.TransmissionRows,
    openapi_extra=needs(),
)
def list_transmissions(ask: Ask, case_id: str) -> Response:
    """List what stands in clear of a case's transmissions."""
    rows = transmit.transmissions_of(ask.rt, ask.call, case_id)
    return answer({"items": [filed.clear(row) for row in rows]})


@router.get(
    "/transmissions",
    summary="List requests that wait for another society",
    response_model=shapes.WaitingRows,
    openapi_extra=needs(),
)
def list_waiting(ask: Ask, page: Annotated[shapes.WaitingPage, Query()]) -> Response:
    """List the branch's open requests, the first due first; nothing is opened for a list."""
    waits = page.to_waits()

    def flow(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[WaitingRow]:
        return transmit.waiting_transmissions(rt, call, waits, (after, limit))

    listing = Listing(f"transmissions {waits}")
    return listing.page(ask, page, flow, filed.clear, lambda row: row.due_at)


@router.get(
    "/transmissions/{transmission_id}",
    summary="Read a transmission",
    response_model=shapes.TransmissionAnswer,
    openapi_extra=needs(),
)
def read_transmission(ask: Ask, transmission_id: str) -> Response:
    """Open a request under way, and what came back."""
    view = transmit.read_transmission(ask.rt, ask.call, transmission_id)
    return answer(filed.transmission(view), version=view.row.version)


@router.post(
    "/transmissions/{transmission_id}/moves",
    summary="Move a transmission",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def move_transmission(ask: Ask, transmission_id: str, body: shapes.TransmissionMove) -> Response:
    """Enter what the other society did: delivered, accepted, returned, declined, ended."""
    results = tuple(one.to_body() for one in body.results)
    move = transmit.Move(body.state, body.reason, body.answer_on, results)
    call, version = ask.call, ask.version
    following = transmit.move_transmission(ask.rt, call, transmission_id, version, move)
    return changed(transmission_id, following)


@router.post(
    "/transmissions/{transmission_id}/reminder",
    summary="Remind a society",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def remind_partner(ask: Ask, transmission_id: str) -> Response:
    """Remind a society of its decision or its answer, by a template: no word of the family."""
    call, version = ask.call, ask.version
    transmit.remind_partner(ask.rt, call, transmission_id, version)
    return changed(transmission_id, version)


@router.post(
    "/cases/{case_id}/withdrawal",
    summary="Withdraw consent",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def withdraw_consent(ask: Ask, case_id: str, body: shapes.Withdrawal) -> Response:
    """Take back what the enquirer agreed to, at once; requests under way are recalled."""
    call, version, uses = ask.call, ask.version, frozenset(body.uses)
    return changed(case_id, withdraw.withdraw_consent(ask.rt, call, case_id, version, uses))
