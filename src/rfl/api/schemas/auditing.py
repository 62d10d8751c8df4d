"""Questions to the access log, and their answers."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from rfl.api.rules import OWN
from rfl.api.schemas.base import Choice, Day, Few, Name, Story, Strict
from rfl.api.schemas.office import LogEntry, Page
from rfl.domain.entry import Decision
from rfl.domain.finding import Code, FindingState
from rfl.domain.purpose import Purpose
from rfl.domain.question import Question


def _written(value: object) -> object:
    """A number is no moment, though it could be taken for one."""
    if isinstance(value, str | datetime):
        return value
    raise PydanticCustomError(OWN, "must be a moment as RFC 3339")


Moment = Annotated[
    AwareDatetime,
    BeforeValidator(_written),
    Field(strict=False, description="RFC 3339, with a zone."),
]
Id = Annotated[str, Field(max_length=30)]
_LOG_ID = "log_kt8jh4dkxhb8arr1rjzj9gtmkr"


class Subject(Strict):
    """A log id; or, for who may tie records to the log, a record and a person in it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"object": _LOG_ID}]})

    object: Id
    person: Id | None = None


class LogQuestion(Strict):
    """What is asked; every part that is given must hold. `until` is not in the span."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"actor": "acc_kt8jh4dkxhb8arr1rjzj9gtmkr", "decision": "denied"},
                {"object": _LOG_ID, "since": "2026-03-01T00:00:00Z", "oldest_first": True},
            ]
        }
    )

    actor: Annotated[str, Field(max_length=40)] | None = None
    object: Id | None = None
    person: Id | None = None
    action: Annotated[str, Field(max_length=40)] | None = None
    purpose: Annotated[Purpose, Choice] | None = None
    peer: Annotated[str, Field(max_length=40)] | None = None
    decision: Literal["allowed", "denied"] | None = None
    since: Moment | None = None
    until: Moment | None = None
    oldest_first: bool = False
    limit: Annotated[int, Field(ge=10, le=500)] = 100
    cursor: Annotated[str, Field(max_length=200)] | None = None

    def to_question(self) -> Question:
        """Return the question, or raise InvalidInput."""
        parts = ("actor", "action", "purpose", "peer", "since", "until", "oldest_first")
        decision = Decision(self.decision) if self.decision else None
        return Question(decision=decision, **{name: getattr(self, name) for name in parts})


class LogAnswer(Strict):
    """Entries, the cursor of the next page, and what must be said about the answer."""

    items: list[LogEntry]
    next: str | None
    note: str | None


class Trace(Strict):
    """Who opened a record, to whom it was sent, and who was refused; newest first."""

    opened: list[LogEntry]
    sent: list[LogEntry]
    refused: list[LogEntry]
    notes: list[str]


class StatementRequest(Strict):
    """For whom a statement is made. A case holds several persons, so it needs `person`."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"record": "reg_kt8jh4dkxhb8arr1rjzj9gtmkr", "identity_checked": True},
            ]
        }
    )

    record: Id
    person: Id | None = None
    identity_checked: bool


class UseTold(Strict):
    """One use of the person's data, in words and in the society's time."""

    at: datetime
    what: str
    by: str
    why: str | None
    data: list[str]
    sent_to: str | None


class Statement(Strict):
    """One sentence, or the uses; `text` is either, to be read or printed."""

    sentence: str | None
    uses: list[UseTold]
    text: str


class DisclosureQuestion(Strict):
    """Which partner, all if none is named, and when; `until` is not in the span."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"peer": "south", "since": "2026-01-01T00:00:00Z"}]}
    )

    peer: Annotated[str, Field(max_length=40)] | None = None
    since: Moment | None = None
    until: Moment | None = None


class SentToPartner(Strict):
    """How often data was opened for a partner, how many records, when, and how often by month."""

    peer: str
    first: datetime
    last: datetime
    entries: int
    records: int
    months: dict[str, int]


class Disclosures(Strict):
    """What was sent, by partner."""

    items: list[SentToPartner]


class ReviewOrder(Strict):
    """Which days to review, both included and over; without them yesterday.

    `family_names` opens the *identity* of what was read by those who gave their family names.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"since": "2026-03-01", "until": "2026-03-07"}]}
    )

    since: Day | None = None
    until: Day | None = None
    family_names: bool = False


class ReviewDone(Strict):
    """Which days were looked at, what was found, and how much of it was not known before."""

    since: date
    until: date
    found: int
    new: int


class FindingPage(Page):
    """Which page of the findings, and in which state."""

    state: Annotated[FindingState, Choice] | None = None


class JudgementMade(Strict):
    """A decision about a finding."""

    state: Annotated[FindingState, Choice]
    by: str
    at: datetime
    reason: str


class FindingAnswer(Strict):
    """Unusual reading: which rule, whose, on which day, and the figures behind it."""

    id: str
    version: int
    state: Annotated[FindingState, Choice]
    created_at: datetime
    code: Annotated[Code, Choice]
    subject: str
    day: date
    figures: dict[str, float]
    log_ids: list[str]
    decisions: list[JudgementMade]


class Findings(Strict):
    """A page of findings in the order in which they were found."""

    items: list[FindingAnswer]
    next: str | None


class JudgementOrder(Strict):
    """What is decided about a finding, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"state": "explained", "reason": "She stood in for a colleague."}]
        }
    )

    state: Literal["explained", "escalated"]
    reason: Annotated[Story, Field(max_length=2_000)]


class FamilyNames(Strict):
    """The caller's own family names; an empty list takes them back."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"names": ["Petrova", "Стојанова"]}]})

    names: Annotated[tuple[Name, ...], Few]
