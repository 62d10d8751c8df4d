"""Cases that are handed over to another society, or taken over from one."""

from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Choice, Strict
from rfl.api.schemas.messages import FiledRow
from rfl.api.schemas.received import Enclosed
from rfl.api.schemas.request import TracingRequest
from rfl.domain.states import HandoverState


class HandoverOffer(Strict):
    """The society that the case is offered to, by its code."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"peer": "south"}]})

    peer: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")]


class HandoverAnswer(FiledRow):
    """A handover. `coming`: this society is the one that takes the case.

    With it comes the whole request, until it is a case here or the offer is over. The owner is the
    society that offers, up to and with `accepted`; from `given` on it is the other. `files` are
    the photos and documents that came along; they are attachments of the case once there is one.
    """

    peer: str
    coming: bool
    state: Annotated[HandoverState, Choice]
    country: str | None
    request: TracingRequest | None
    files: list[Enclosed]
