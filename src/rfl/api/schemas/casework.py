"""Searching, matches, decisions and erasure."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Choice, Few, Story, Strict
from rfl.api.schemas.dates import PartialDay
from rfl.api.schemas.office import Page
from rfl.api.schemas.person import Name, Person
from rfl.domain.match import MatchKind, MatchState
from rfl.domain.person import Sex
from rfl.flows.erase import REASONS
from rfl.flows.notice import Why


class Search(Strict):
    """Whom to search for, and the case or intake that it is made for."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "made_for": "int_0b6jh4dkxhb8arr1rjzj9gtmkr",
                    "person": {"names": [{"text": "Maryam Hosseini"}], "birth": {"text": "1961"}},
                }
            ]
        }
    )

    made_for: Annotated[str, Field(max_length=30)]
    person: Person


class Decision(Strict):
    """What an officer decides about a proposal, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"state": "confirmed", "reason": "Both named the same two brothers."}]
        }
    )

    state: Annotated[MatchState, Choice]
    reason: Annotated[Story, Field(max_length=2_000)]


class Erasure(Strict):
    """Why a record is erased, in a word of the closed list."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "data_subject_request"}]})

    reason: Annotated[str, Field(max_length=40, json_schema_extra={"enum": [*sorted(REASONS)]})]


class Reason(Strict):
    """One reason: a field, a stable code, log-odds, what it speaks for, and a sentence.

    `number` is how many relatives, years or identifiers the code speaks of, where it does.
    """

    field: str
    code: str
    weight: float
    number: int
    verdict: Literal["for", "against", "neither", "unknown"]
    sentence: str


class Side(Strict):
    """One of the two persons, as far as is needed to compare them."""

    record: str
    person: str
    names: Annotated[tuple[Name, ...], Few]
    sex: Annotated[Sex, Choice]
    birth: PartialDay | None
    unknown: Annotated[tuple[str, ...], Few]


class DecisionMade(Strict):
    """A decision as it was taken."""

    state: Annotated[MatchState, Choice]
    by: str
    at: datetime
    reason: str


class Match(Strict):
    """A proposal that two descriptions are one person. People decide.

    The reasons' weights add up to `total`, which gives the probability. Sentences are in the
    language that `Accept-Language` asks for: en, fr, es, ar, ru or mk. Where both are sought, or
    both registered, `sought` is the first of the two.
    """

    id: str
    version: int
    kind: Annotated[MatchKind, Choice]
    notes: list[str]
    sample: bool
    state: Annotated[MatchState, Choice]
    open: bool
    created_at: datetime
    band: str
    band_sentence: str
    probability: float
    total: float
    reasons: list[Reason]
    sought: Side
    other: Side
    decisions: list[DecisionMade]
    model: str
    norm: str


class Matches(Strict):
    """The proposals of a case, the likeliest first."""

    items: list[Match]


class NoticesPage(Page):
    """Which page of what the branch has not looked at, and of which kind alone."""

    code: Annotated[Why, Choice] | None = None


class ProposalNotice(Strict):
    """A proposal that the branch has not looked at: it is new, it rose, or chance drew it."""

    match: str
    code: Literal["new", "rose", "sample"]
    at: datetime


class ProposalNotices(Strict):
    """What the branch has not looked at, the oldest first."""

    items: list[ProposalNotice]
    next: str | None


class Hit(Strict):
    """One person who may be the one searched for."""

    record: str
    part: str
    names: Annotated[tuple[Name, ...], Few]
    band: str
    band_sentence: str
    reasons: list[Reason]


class Hits(Strict):
    """At most ten persons, the likeliest first."""

    items: list[Hit]
