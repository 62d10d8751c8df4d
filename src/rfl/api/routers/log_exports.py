"""The access log as it leaves: exports for a recipient, and who received what."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response, StreamingResponse

from rfl.api.answers import answer, moment
from rfl.api.ask import Ask
from rfl.api.documented import APPROVAL, needs, problems
from rfl.api.routes import ClosedRoute
from rfl.api.schemas.log_exports import LogExport, Recipients
from rfl.flows import send_log
from rfl.flows.send_log import MEDIA_TYPES, Wish

router = APIRouter(
    prefix="/v1/log-exports",
    route_class=ClosedRoute,
    tags=["office"],
    responses=problems("not-found"),
)
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The entries, a line each, after whatever the form has as its head.",
        "content": {media: {"schema": {"type": "string"}} for media in MEDIA_TYPES.values()},
        "headers": {
            "RFL-Log-Next": {
                "description": "The leaf with which the next export begins.",
                "schema": {"type": "integer"},
            },
            "RFL-Log-Repeated": {
                "description": "How many leaves this recipient had been given before.",
                "schema": {"type": "integer"},
            },
        },
    }
}


@router.post(
    "",
    summary="Export entries for a recipient",
    response_class=StreamingResponse,
    responses=problems("too-large", "unsupported-media-type") | _FILES,
    openapi_extra=needs(APPROVAL),
)
def send(ask: Ask, body: LogExport) -> Response:
    """Stream entries from a leaf on. The export is an entry, kept before the first byte leaves."""
    wish = Wish(body.form, body.recipient, body.until, body.begin)
    sending = send_log.send_log(ask.rt, ask.call, wish)
    headers = {"RFL-Log-Next": str(sending.end), "RFL-Log-Repeated": str(sending.repeated)}
    return StreamingResponse(sending.lines, 200, headers, MEDIA_TYPES[body.form])


@router.get(
    "",
    summary="Who received which part of the log",
    response_model=Recipients,
    openapi_extra=needs(),
)
def list_recipients(ask: Ask) -> Response:
    """List what was given to whom, and until when they keep it, newest first."""
    items = [
        {
            "recipient": one.recipient,
            "form": one.form,
            "begin": one.begin,
            "end": one.end,
            "at": moment(one.at),
            "until": str(moment(one.until - 1))[:10],
            "actor": one.actor,
        }
        for one in send_log.list_shares(ask.rt, ask.call)
    ]
    return answer({"items": items})
