"""What comes before a case: an enquiry, and each step of it."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict

from rfl.api.schemas.base import Brief, Choice, Day, Few, Line, Name, Story, Strict
from rfl.api.schemas.person import Country
from rfl.domain import enquiry
from rfl.domain.states import PreCase


class NewEnquiry(Strict):
    """What somebody came with, in their words. `is_relative`: a relative of their own is sought."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channel": "visit",
                    "caller": "Ali Hosseini",
                    "said": "He lost his mother at the border in March.",
                    "is_relative": True,
                    "country": "AF",
                    "reach": "+389 70 000 001, in the evening",
                    "language": "fa",
                }
            ]
        }
    )

    channel: Annotated[enquiry.Channel, Choice]
    caller: Name
    said: Story
    is_relative: bool
    country: Country | None = None
    reach: Line | None = None
    language: Brief | None = None

    def to_domain(self) -> enquiry.Enquiry:
        """Return the enquiry as it was received."""
        return enquiry.Enquiry(**dict(self))


class Turn(Strict):
    """The next state of an enquiry, and what belongs to it."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"state": "triage"},
                {"state": "interview_scheduled", "interview_on": "2027-01-15"},
                {"state": "declined", "reason": "third_party", "said": "She asks for a client."},
            ]
        }
    )

    state: Annotated[PreCase, Choice]
    said: Story | None = None
    reason: Annotated[enquiry.Reason, Choice] | None = None
    interview_on: Day | None = None


class TurnMade(Strict):
    """A step of an enquiry as it was taken."""

    at: datetime
    by: str
    state: Annotated[PreCase, Choice]
    said: str | None


class EnquiryRow(Strict):
    """What stands in clear of an enquiry."""

    id: str
    branch: str
    officer: str | None
    created_at: datetime
    due_at: datetime | None
    open: bool
    version: int


class Enquiries(Strict):
    """A page of the branch's open enquiries, the oldest first."""

    items: list[EnquiryRow]
    next: str | None


class LookKept(Strict):
    """That cases of the same family were looked for, and why none of those shown is theirs."""

    at: datetime
    by: str
    shown: list[str]
    another: str | None


class EnquiryAnswer(EnquiryRow):
    """An enquiry with everything that was said. `case` is what it has become."""

    channel: Annotated[enquiry.Channel, Choice]
    caller: str
    said: str
    is_relative: bool
    country: Country | None
    reach: str | None
    language: str | None
    interview_on: Day | None
    state: Annotated[PreCase, Choice]
    reason: Annotated[enquiry.Reason, Choice] | None
    case: str | None
    turns: Annotated[tuple[TurnMade, ...], Few]
    look: LookKept | None
