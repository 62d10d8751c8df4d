"""Red Cross Messages and calls: the writer's side."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, changed, created
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, REPEAT, needs, problems
from rfl.api.pages import Listing
from rfl.api.routes import ClosedRoute
from rfl.api.schemas import messages as shapes
from rfl.api.schemas.office import Made, Page
from rfl.flows import record_call, send_message

_NEW = problems("idempotency-mismatch", "too-large", "unsupported-media-type")
_CHANGES = problems(
    "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
)
_MESSAGES = Listing("messages")

router = APIRouter(
    prefix="/v1",
    route_class=ClosedRoute,
    tags=["messages"],
    responses=problems("not-found", "erased"),
)


@router.post(
    "/messages",
    status_code=201,
    summary="Collect a Red Cross Message",
    response_model=Made,
    responses=_NEW,
    openapi_extra=needs(REPEAT),
)
def collect_message(ask: Ask, body: shapes.NewMessage) -> Response:
    """Keep a letter as it was written, for a case or without one."""
    made = send_message.collect_message(ask.rt, ask.once, body.to_domain(), body.case_id)
    return created(f"/v1/messages/{made}", made)


@router.get(
    "/messages",
    summary="List open messages by what stands in clear",
    response_model=shapes.FiledRows,
    openapi_extra=needs(),
)
def list_messages(ask: Ask, page: Annotated[Page, Query()]) -> Response:
    """List the branch's open letters, oldest first; nothing is opened for a list."""
    return _MESSAGES.page(ask, page, send_message.list_messages, filed.clear)


@router.get(
    "/messages/{message_id}",
    summary="Read a message as its writer hears of it",
    response_model=shapes.MessageAnswer,
    openapi_extra=needs(),
)
def read_message(ask: Ask, message_id: str) -> Response:
    """Open a letter, and its reply once there is one. It holds no finding."""
    view = send_message.read_message(ask.rt, ask.call, message_id)
    return answer(filed.message(view), version=view.row.version)


@router.post(
    "/messages/{message_id}/checks",
    summary="Check a letter: family news only",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def check_message(ask: Ask, message_id: str, body: shapes.Checked) -> Response:
    """Let the letter go, or return it to its writer with the reason."""
    call, version = ask.call, ask.version
    following = send_message.check_message(ask.rt, call, message_id, version, body.returned)
    return changed(message_id, following)


@router.put(
    "/messages/{message_id}/news",
    summary="Keep what the writer wrote anew",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def rewrite_message(ask: Ask, message_id: str, body: shapes.Rewritten) -> Response:
    """Replace the letter before it is checked; a checked one is never changed."""
    call, version = ask.call, ask.version
    following = send_message.rewrite_message(ask.rt, call, message_id, version, body.news)
    return changed(message_id, following)


@router.post(
    "/messages/{message_id}/transmission",
    summary="Hand a checked letter to who carries it",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def transmit_message(ask: Ask, message_id: str, body: shapes.Sending) -> Response:
    """Send the letter; the day on which it counts as undelivered is fixed."""
    call, version = ask.call, ask.version
    way = send_message.Way(body.country, body.peer, body.through_icrc)
    following = send_message.transmit_message(ask.rt, call, message_id, version, way)
    return changed(message_id, following)


@router.post(
    "/messages/{message_id}/handing-over",
    summary="Hand the reply to the writer",
    response_model=Made,
    responses=problems("conflict", "stale-version", "version-required"),
    openapi_extra=needs(IF_MATCH),
)
def hand_over_reply(ask: Ask, message_id: str) -> Response:
    """Record that the writer has the reply."""
    call, version = ask.call, ask.version
    return changed(message_id, send_message.hand_over_reply(ask.rt, call, message_id, version))


@router.post(
    "/calls",
    status_code=201,
    summary="Record that a family spoke",
    response_model=Made,
    responses=_NEW,
    openapi_extra=needs(REPEAT),
)
def add_call(ask: Ask, body: shapes.NewCall) -> Response:
    """Keep the fact of a phone or video call on the society's line, and nothing else."""
    call = ask.once
    made = record_call.record_call(ask.rt, call, body.to_domain(call.actor.id), body.case_id)
    return created(f"/v1/calls/{made}", made)


@router.get(
    "/calls/{call_id}",
    summary="Read the record of a call",
    response_model=shapes.CallAnswer,
    openapi_extra=needs(),
)
def read_call(ask: Ask, call_id: str) -> Response:
    """Open the fact that a family spoke."""
    row, spoken = record_call.read_call(ask.rt, ask.call, call_id)
    return answer(filed.call(row, spoken))


@router.get(
    "/cases/{case_id}/calls",
    summary="List a case's calls",
    response_model=shapes.CallAnswers,
    openapi_extra=needs(),
)
def list_calls(ask: Ask, case_id: str) -> Response:
    """Open the facts that a family spoke: when, how, and who kept them."""
    kept = record_call.calls_of(ask.rt, ask.call, case_id)
    return answer({"items": [filed.call(row, spoken) for row, spoken in kept]})
