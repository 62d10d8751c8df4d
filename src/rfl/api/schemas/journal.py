"""The searching side's file, as the team reads it."""

from datetime import datetime
from typing import Annotated

from rfl.api.schemas.base import Choice, Day, Strict
from rfl.api.schemas.casefile import ScreeningKept
from rfl.api.schemas.person import Place
from rfl.api.schemas.request import Consent, Exclusion, TracingRequest
from rfl.api.schemas.searching import Consultation, Representative
from rfl.api.schemas.told import Given, Told
from rfl.domain.answer import Item
from rfl.domain.consent import Detail
from rfl.domain.death import DeathSource
from rfl.domain.ids import PersonId
from rfl.domain.journal import Came
from rfl.domain.request import Method
from rfl.domain.states import Inside


class LeadKept(Strict):
    """Why somebody may be the person sought, and who verified it."""

    at: datetime
    by: str
    match: str | None
    source: str
    verified_by: str | None


class ConsultationKept(Consultation):
    """How the person was asked, and by whom."""

    asked_by: str


class RepresentativeKept(Representative):
    """Who decides for the person, and which second officer agreed."""

    agreed_by: str | None


class AnswerKept(Strict):
    """One answer; the last one counts."""

    person: PersonId
    enquirer: PersonId
    items: list[Annotated[Item, Choice]]
    consultation: ConsultationKept
    holds_until: Day | None
    name_may_be_told: bool
    representative: RepresentativeKept | None
    withdrawn_on: Day | None
    given: Given


class DeathKept(Strict):
    """What is said of a death; `seen_by` is the second officer."""

    source: Annotated[DeathSource, Choice]
    said_by: str
    reported_by: str
    reported_on: Day
    document: str | None
    died_on: str | None
    burial_place: str | None
    seen_by: str | None


class ChildKept(Strict):
    """What was judged of a found child."""

    guardian: str
    asked_with_guardian: bool
    best_interest: str
    best_interest_by: str
    verified_by_enquirer: str | None
    verified_by_child: str | None
    judged_on: Day | None


class MarkKept(Strict):
    """That what was found would harm if passed on: it goes to the Central Tracing Agency alone."""

    by: str
    on: Day
    said: str


class SearchKept(Strict):
    """One sought person, inside."""

    person: PersonId
    state: Annotated[Inside, Choice]
    lead: LeadKept | None
    answers: list[AnswerKept]
    death: DeathKept | None
    child: ChildKept | None
    reunion: list[str]
    consents: list[Consent]
    excluded: list[Exclusion]
    detrimental: MarkKept | None


class ActionKept(Strict):
    """One action of searching."""

    on: Day
    by: str
    method: Annotated[Method, Choice]
    came: Annotated[Came, Choice]
    place: Place | None
    said: str | None
    person: PersonId | None


class Line(Strict):
    """One line of the journal, with the state that it led to."""

    at: datetime
    by: str
    said: str
    person: PersonId | None
    state: Annotated[Inside, Choice] | None


class Forecast(Strict):
    """What everyone outside knows of a person now, and what they will hear on the answer date."""

    person: PersonId
    now: Told
    on_answer_date: Told


class ToDo(Strict):
    """What the team has to do by a day, who planned it, and when it was done."""

    id: str
    by: str
    due_on: Day
    what: str
    done_at: datetime | None


class JournalAnswer(Strict):
    """The searching side of a case. `version` is the journal's own, for the team's next step.

    `may_be_told`: what of the enquirer a found person may be told, beyond the relation.
    """

    id: str
    version: int
    request: TracingRequest
    team: list[str]
    searches: list[SearchKept]
    screening: ScreeningKept | None
    actions: list[ActionKept]
    lines: list[Line]
    to_do: list[ToDo]
    answer_on: Day | None
    forecast: list[Forecast]
    may_be_told: list[Annotated[Detail, Choice]]
