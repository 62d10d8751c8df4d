"""Photos and documents of a case."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from rfl.api import filed
from rfl.api.answers import answer, created, nothing
from rfl.api.ask import Ask
from rfl.api.documented import REPEAT, needs, problems, upload
from rfl.api.routes import AttachmentRoute, ClosedRoute
from rfl.api.schemas.attachments import Attachments, Picture
from rfl.api.schemas.office import Made
from rfl.flows import attach_file

_WRONG = problems("not-found", "erased")
router = APIRouter(prefix="/v1", route_class=ClosedRoute, tags=["attachments"], responses=_WRONG)
uploads = APIRouter(
    prefix="/v1", route_class=AttachmentRoute, tags=["attachments"], responses=_WRONG
)


@uploads.post(
    "/cases/{case_id}/attachments",
    status_code=201,
    summary="Attach a photo or document to a case",
    response_model=Made,
    responses=problems("idempotency-mismatch", "too-large", "unsupported-media-type"),
    openapi_extra=needs(REPEAT, body=upload(sorted(attach_file.MEDIA_TYPES))),
)
def attach(ask: Ask, case_id: str, picture: Annotated[Picture, Query()]) -> Response:
    """Send a JPEG, PNG or PDF as the body. Its type is checked by its bytes; it has no name.

    A picture of a person of the case goes along with a request to another society where the
    enquirer agreed to that; it is kept without place, time and device.
    """
    made = attach_file.attach_file(
        ask.rt, ask.once, case_id, ask.media_type, ask.content, picture.shows
    )
    return created(f"/v1/attachments/{made}", made)


@router.get(
    "/cases/{case_id}/attachments",
    summary="List what is attached to a case",
    response_model=Attachments,
    openapi_extra=needs(),
)
def list_attached(ask: Ask, case_id: str) -> Response:
    """List type, size and date of each, oldest first; none of them is opened."""
    found = attach_file.list_files(ask.rt, ask.call, case_id)
    return answer({"items": [filed.attached(view) for view in found]})


@router.get(
    "/attachments/{attachment_id}",
    summary="Open a photo or document",
    response_class=Response,
    responses={
        200: {
            "description": "Its bytes.",
            "content": upload(sorted(attach_file.MEDIA_TYPES))["content"],
        }
    },
    openapi_extra=needs(),
)
def open_attached(ask: Ask, attachment_id: str) -> Response:
    """Give the bytes of one, to be saved and not to be run."""
    found = attach_file.open_file(ask.rt, ask.call, attachment_id)
    headers = {"content-disposition": "attachment", "content-security-policy": "sandbox"}
    return Response(found.content, 200, headers, media_type=found.media_type)


@router.delete(
    "/attachments/{attachment_id}",
    status_code=204,
    summary="Remove a photo or document",
    openapi_extra=needs(),
)
def remove_attached(ask: Ask, attachment_id: str) -> Response:
    """Remove one with its bytes and their key."""
    attach_file.remove_file(ask.rt, ask.call, attachment_id)
    return nothing()
