"""Red Cross Messages: what became of each letter, for who carries it and no one else (P-38)."""

from fastapi import APIRouter
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, changed
from rfl.api.ask import Ask
from rfl.api.documented import IF_MATCH, needs, problems
from rfl.api.routes import ClosedRoute
from rfl.api.schemas import messages as shapes
from rfl.api.schemas.office import Made
from rfl.flows import carry_message

_CHANGES = problems(
    "conflict", "stale-version", "version-required", "too-large", "unsupported-media-type"
)

router = APIRouter(
    prefix="/v1/messages/{message_id}/delivery",
    route_class=ClosedRoute,
    tags=["messages"],
    responses=problems("not-found", "erased"),
)


@router.get(
    "",
    summary="Read what became of a letter",
    response_model=shapes.DeliveryAnswer,
    openapi_extra=needs(),
)
def read_delivery(ask: Ask, message_id: str) -> Response:
    """Open the letter's way. Whoever handles the writer does not."""
    carried = carry_message.read_delivery(ask.rt, ask.call, message_id)
    return answer(filed.delivery(carried), version=carried.delivery.version)


@router.post(
    "",
    summary="Record that a letter was handed over",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def deliver_message(ask: Ask, message_id: str, body: shapes.HandedOver) -> Response:
    """Keep the day. The writer hears of it by a reply, or with the addressee's leave."""
    call, version, handed = ask.call, ask.version, (body.on, body.may_tell)
    following = carry_message.deliver_message(
        ask.rt, call, message_id, version, handed, held_back=body.detrimental
    )
    return changed(message_id, following)


@router.post(
    "/reply",
    summary="Collect the reply",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def collect_reply(ask: Ask, message_id: str, body: shapes.Reply) -> Response:
    """Keep a checked reply, which reaches the writer's side at once; or return it."""
    call, version, reply = ask.call, ask.version, (body.reply, body.returned)
    following = carry_message.collect_reply(
        ask.rt, call, message_id, version, reply, held_back=body.detrimental
    )
    return changed(message_id, following)


@router.post(
    "/failure",
    summary="Record why a letter was not delivered",
    response_model=Made,
    responses=_CHANGES,
    openapi_extra=needs(IF_MATCH),
)
def fail_message(ask: Ask, message_id: str, body: shapes.Failure) -> Response:
    """Keep the reason here. The writer hears on the day of return that it did not arrive."""
    call, version = ask.call, ask.version
    following = carry_message.fail_message(ask.rt, call, message_id, version, body.reason)
    return changed(message_id, following)
