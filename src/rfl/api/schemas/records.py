"""Cases and registrations as they are answered."""

from datetime import datetime
from typing import Annotated

from rfl.api.schemas.base import Strict
from rfl.api.schemas.lists import ListEntry
from rfl.api.schemas.registration import Registration
from rfl.api.schemas.request import TracingRequest

Moment = Annotated[datetime, "RFC 3339 with Z"]


class CaseEntry(Strict):
    """What stands in clear of a case: its outside state, and no name."""

    id: str
    state: str
    branch: str
    officer: str | None
    created_at: Moment
    due_at: Moment | None
    review_at: Moment | None
    version: int
    policy: str | None


class CaseAnswer(CaseEntry):
    """A case with its tracing request."""

    request: TracingRequest


class RegistrationEntry(Strict):
    """What stands in clear of a registration."""

    id: str
    branch: str
    officer: str | None
    list_id: str | None
    created_at: Moment
    expires_at: Moment | None
    version: int


class RegistrationAnswer(RegistrationEntry):
    """A registration with what the source says."""

    registration: Registration


class Cases(Strict):
    """A page of cases in the order of opening."""

    items: list[CaseEntry]
    next: str | None


class Registrations(Strict):
    """A page of registrations, oldest first."""

    items: list[RegistrationEntry]
    next: str | None


class Lists(Strict):
    """A page of lists, oldest first."""

    items: list[ListEntry]
    next: str | None
