"""Requests that other societies sent, and what is decided about them."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict

from rfl.api.schemas.base import Choice, Day, Strict
from rfl.api.schemas.messages import FiledRow
from rfl.api.schemas.person import Person, Place
from rfl.api.schemas.request import Exclusion, Separation, Sought
from rfl.domain import request
from rfl.domain.care import Established
from rfl.domain.ids import PersonId
from rfl.domain.states import TransmissionState
from rfl.domain.transmission import WhyReturned


class Statement(Strict):
    """What the asking society states and has signed: judged, screened, and when."""

    relationship: Annotated[Established, Choice]
    judged_on: Day
    screened_on: Day


class Reach(Strict):
    """How a found person may reach the enquirer: sent once this society has given information."""

    address: Place | None
    phones: list[str]
    emails: list[str]
    story: str | None


class Dossier(Strict):
    """The request as it came. Without an enquirer the asking society keeps the name back."""

    sought: list[Sought]
    methods: list[Annotated[request.Method, Choice]]
    statement: Statement
    due_on: Day
    country: str | None
    enquirer: Person | None
    separation: Separation
    child_enquirer: bool
    origin: str | None
    reach: Reach | None
    excluded: list[Exclusion]
    detrimental: bool
    leads: list[tuple[PersonId, PersonId]]
    level: Annotated[request.Level, Choice]


class Enclosed(Strict):
    """A file that came along: whom of the dossier it shows, and the attachment that it became.

    It is opened as an attachment of the case, once there is one.
    """

    media_type: str
    size: int
    shows: str | None
    attachment: str | None


class ReceivedAnswer(FiledRow):
    """A request of another society. What came with one that was declined is destroyed.

    `onward`: this society may ask others in its own name; `withhold_origin`: and may not say who
    asks.
    """

    peer: str
    ref: str
    state: Annotated[TransmissionState, Choice]
    dossier: Dossier | None
    retain_until: date
    answer_on: date | None
    reason: Annotated[WhyReturned, Choice] | None
    onward: bool
    withhold_origin: bool
    files: list[Enclosed]


class RequestAcceptance(Strict):
    """Accept: it becomes a case here, at this level, or a stricter one that its society wants."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"level": "restricted"}]})

    level: Annotated[request.Level, Choice] = request.Level.NORMAL


class Recall(Strict):
    """A society that is to destroy what it has under one reference of this one.

    `by_hand`: it has no node, so people hand it the notice and enter its attestation.
    """

    id: str
    peer: str
    ref: str
    why: str
    by_hand: bool
    created_at: datetime
    asked_at: datetime | None
    attested_at: datetime | None


class Recalls(Strict):
    """At most 200 recalls."""

    items: list[Recall]


class RequestRefusal(Strict):
    """Return for information, or decline, with the reason that the society is told."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"state": "returned_for_information", "reason": "more_on_person"},
                {"state": "declined", "reason": "not_our_country"},
            ]
        }
    )

    state: Literal["returned_for_information", "declined"]
    reason: Annotated[WhyReturned, Choice]
