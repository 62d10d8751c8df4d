"""The enquirer's side of a case: what is judged, done and told."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Choice, Day, Short, Story, Strict
from rfl.api.schemas.person import Country, Person
from rfl.api.schemas.told import Told
from rfl.domain import care, casefile, death
from rfl.domain.death import TalkWay
from rfl.domain.ids import PersonId
from rfl.domain.states import CaseState

_Words = Annotated[Story, Field(max_length=4_000)]


class Credibility(Strict):
    """How identity and relationship became credible, or that they did not (P-07)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "identity_by": "Residence card",
                    "relationship_by": "Family book and a question",
                    "question": "What did the family call the well?",
                    "answer": "The blind one",
                    "relationship": "established",
                }
            ]
        }
    )

    identity_by: _Words
    relationship_by: _Words
    question: _Words
    answer: _Words
    relationship: Annotated[care.Established, Choice]

    def to_domain(self, by: str, on: date) -> care.Credibility:
        """Return the judgement of this officer on this day."""
        return care.Credibility(**dict(self), judged_by=by, on=on)


class AskingChild(Strict):
    """How a child that asks was heard: its own wish, who signed, why it is safe (P-19)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "own_wish": True,
                    "signed_by": "Her aunt, Halima Noor",
                    "officer_on_safety": "She told it freely, alone, in two talks.",
                    "representative_on_safety": "Nobody of the family has harmed her.",
                }
            ]
        }
    )

    own_wish: bool
    signed_by: Short
    officer_on_safety: _Words
    representative_on_safety: _Words

    def to_domain(self, by: str, on: date) -> care.AskingChild:
        """Return what this officer took from the child on this day."""
        return care.AskingChild(**dict(self), taken_by=by, on=on)


class Screening(Strict):
    """Every question of harm with its answer, and whether the work goes on (P-06)."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "family_dispute": "no",
                    "court_dispute": "no",
                    "abuse": "no",
                    "persecution": "unknown",
                    "goes_on": True,
                    "reason": "She was asked twice, alone.",
                }
            ]
        }
    )

    family_dispute: Annotated[care.Found, Choice]
    court_dispute: Annotated[care.Found, Choice]
    abuse: Annotated[care.Found, Choice]
    persecution: Annotated[care.Found, Choice]
    goes_on: bool
    reason: _Words

    def answers(self) -> tuple[tuple[care.Harm, care.Found], ...]:
        """Return each question with its answer."""
        return tuple((harm, getattr(self, harm.value)) for harm in care.Harm)


class Acceptance(Strict):
    """Where the search will be, as far as known: it decides which rules hold."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"country": "AF"}, {}]})

    country: Country | None = None


class Note(Strict):
    """What is to be remembered."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"said": "She moved to Bitola."}]})

    said: Story


class Suspension(Strict):
    """Until when the case rests, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"review_on": "2027-01-15", "reason": "The archive is closed."}]
        }
    )

    review_on: Day
    reason: Story


class Closing(Strict):
    """Why the case is closed towards the enquirer."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"ending": "answered"}]})

    ending: Annotated[casefile.Ending, Choice]


class Reopening(Strict):
    """Why the case is opened again; and who takes the enquirer's place, if somebody does."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"reason": "Her daughter asks."}]})

    reason: Story
    successor: Person | None = None


class Assignment(Strict):
    """The account that handles the enquirer from now on."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"officer": "acc_kt8jh4dkxhb8arr1rjzj9gtmkr"}]}
    )

    officer: Annotated[str, Field(max_length=30)]


class Leading(Strict):
    """Who accompanies whom: both keep their own outcome."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "accompanying": "per_kt8jh4dkxhb8arr1rjzj9gtmkr",
                    "lead": "per_0b6jh4dkxhb8arr1rjzj9gtmkr",
                }
            ]
        }
    )

    accompanying: Annotated[str, Field(max_length=30)]
    lead: Annotated[str, Field(max_length=30)]


class NewTalk(Strict):
    """The talk in which the family was told of one person."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "person": "per_kt8jh4dkxhb8arr1rjzj9gtmkr",
                    "on": "2026-03-05",
                    "way": "in_person",
                    "trained": True,
                }
            ]
        }
    )

    person: Annotated[str, Field(max_length=30)]
    on: Day
    way: Annotated[TalkWay, Choice]
    trained: bool

    def to_domain(self, by: str) -> death.Talk:
        """Return the talk that this officer had."""
        return death.Talk(on=self.on, by=by, way=self.way, trained=self.trained)


class Talk(Strict):
    """The talk in which the family was told."""

    on: Day
    by: str
    way: Annotated[TalkWay, Choice]
    trained: bool


class Outcome(Strict):
    """What was told of one sought person, and since when; and when they took it back."""

    person: PersonId
    told: Told
    since: Day | None
    talk: Talk | None
    withdrawn_on: Day | None


class CredibilityKept(Credibility):
    """The judgement, with who made it and when."""

    judged_by: str
    on: Day


class AskingChildKept(AskingChild):
    """How the child was heard, with who took it and when."""

    taken_by: str
    on: Day


class ScreeningKept(Strict):
    """The screening, with who made it, when, and under which rules."""

    side: Annotated[care.Side, Choice]
    found: list[tuple[Annotated[care.Harm, Choice], Annotated[care.Found, Choice]]]
    goes_on: bool
    reason: str
    policy: str
    by: str
    on: Day


class Event(Strict):
    """One line of the timeline."""

    at: datetime
    by: str
    kind: Annotated[casefile.Kind, Choice]
    said: str | None


class MergeKept(Strict):
    """That this case is worked with another, who said so and when."""

    into: str
    same_enquirer: bool
    persons: list[tuple[PersonId, PersonId]]
    by: str
    at: datetime


class CaseFile(Strict):
    """The enquirer's side of a case. Nothing in it says what a search found beyond `outcomes`.

    `earlier` is what was told before the case was reopened. `archived_on`: since that day the case
    is in the restricted archive.
    """

    id: str
    version: int
    state: Annotated[CaseState, Choice]
    country: Country | None
    policy: str
    accepted_on: Day | None
    answer_on: Day | None
    review_on: Day | None
    ending: Annotated[casefile.Ending, Choice] | None
    outcomes: list[Outcome]
    credibility: CredibilityKept | None
    child: AskingChildKept | None
    screening: ScreeningKept | None
    leads: list[tuple[PersonId, PersonId]]
    merge: MergeKept | None
    merged: list[str]
    earlier: list[Outcome]
    archived_on: Day | None
    events: list[Event]
