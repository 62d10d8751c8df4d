"""Exports of the access log: what is asked for, and who received what."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Choice, Day, Strict
from rfl.flows.send_log import Form


class LogExport(Strict):
    """Entries for a recipient, who keeps them until a day. The recipient is a code, no name."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"form": "fhir", "recipient": "auditor-1", "until": "2099-03-31", "begin": 0}
            ]
        }
    )

    form: Annotated[Form, Choice]
    recipient: Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]
    until: Day
    begin: Annotated[int, Field(ge=0, le=2**53)] = 0


class Recipient(Strict):
    """Leaves from `begin` to before `end`, given to a recipient who keeps them until a day."""

    recipient: str
    form: str
    begin: int
    end: int
    at: datetime
    until: date
    actor: str


class Recipients(Strict):
    """Who was given which part of the access log, newest first."""

    items: list[Recipient]
