"""One step of the searching team. All of them are sent to one address, so that no address tells
what a search found."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, JsonValue

from rfl.api.schemas.base import Choice, Day, Few, Line, Short, Story, Strict
from rfl.api.schemas.casefile import Screening as ScreeningBase
from rfl.api.schemas.person import Place
from rfl.api.schemas.teamwork import AuthoritiesStep, DetrimentalStep, DoneStep, TaskStep
from rfl.api.schemas.told import Given
from rfl.domain import answer, care, death, journal
from rfl.domain.consent import ConsentForm, Detail
from rfl.domain.ids import PersonId
from rfl.domain.request import Method
from rfl.domain.states import Inside

_Words = Annotated[Story, Field(max_length=4_000)]
_Id = Annotated[str, Field(max_length=30)]
_PERSON = "per_kt8jh4dkxhb8arr1rjzj9gtmkr"


def _example(**body: JsonValue) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class NoteStep(Strict):
    """What the team is to remember."""

    model_config = _example(step="note", said="The imam knows the family.")

    step: Literal["note"]
    said: _Words


class ActionStep(Strict):
    """One action of searching: when, where, by which method, and what came of it."""

    model_config = _example(
        step="action", on="2026-03-02", method="visit", came="hint", said="Asked at the gate."
    )

    step: Literal["action"]
    on: Day
    method: Annotated[Method, Choice]
    came: Annotated[journal.Came, Choice]
    place: Place | None = None
    said: Story | None = None
    person: _Id | None = None

    def to_domain(self, by: str) -> journal.Action:
        """Return the action of this officer."""
        return journal.Action(
            on=self.on,
            by=by,
            method=self.method,
            came=self.came,
            place=self.place.to_domain() if self.place else None,
            said=self.said,
            person=PersonId(self.person) if self.person else None,
        )


class LeadStep(Strict):
    """Why somebody may be the person sought: a confirmed match, or another source."""

    model_config = _example(step="lead", person=_PERSON, source="The list of a camp")

    step: Literal["lead"]
    person: _Id
    source: Line
    match: _Id | None = None

    def to_domain(self, by: str, at: datetime) -> journal.Lead:
        """Return the lead of this officer."""
        return journal.Lead(at=at, by=by, match=self.match, source=self.source)


class PersonStep(Strict):
    """A step that says everything by its name: a lead is verified, a decision agreed to."""

    model_config = _example(step="verify", person=_PERSON)

    step: Literal["verify", "agree", "withdraw", "confirm_death", "ask_who", "not_detrimental"]
    person: _Id


class MoveStep(Strict):
    """A state that needs no record of its own, and why."""

    model_config = _example(
        step="move", person=_PERSON, state="not_located", said="Every place was asked."
    )

    step: Literal["move"]
    person: _Id
    state: Annotated[Inside, Choice]
    said: _Words


class ScreeningStep(ScreeningBase):
    """The searching side's screening for harm: nothing is told before it (P-06)."""

    model_config = _example(
        step="screening",
        family_dispute="no",
        court_dispute="no",
        abuse="no",
        persecution="no",
        goes_on=True,
        reason="She laughed when she heard of him.",
    )

    step: Literal["screening"]

    def to_domain(self, by: str, on: date, policy: str) -> care.Screening:
        """Return the screening of this officer, under the rules of today."""
        return care.Screening(
            side=care.Side.SEARCHING,
            found=self.answers(),
            goes_on=self.goes_on,
            reason=self.reason,
            policy=policy,
            by=by,
            on=on,
        )


class ChildStep(Strict):
    """What stands before anything of a found child is told (P-19)."""

    model_config = _example(
        step="child",
        person=_PERSON,
        guardian="Her aunt",
        asked_with_guardian=True,
        best_interest="She asks for her mother.",
    )

    step: Literal["child"]
    person: _Id
    guardian: Line
    asked_with_guardian: bool
    best_interest: _Words
    verified_by_enquirer: Story | None = None
    verified_by_child: Story | None = None

    def to_domain(self, by: str) -> care.FoundChild:
        """Return the judgement of this officer."""
        return care.FoundChild(
            guardian=self.guardian,
            asked_with_guardian=self.asked_with_guardian,
            best_interest=self.best_interest,
            best_interest_by=by,
            verified_by_enquirer=self.verified_by_enquirer,
            verified_by_child=self.verified_by_child,
        )


class Consultation(Strict):
    """How the person was asked: identified, alone, before the enquirer was named (P-02)."""

    on: Day
    place: Line
    language: Line
    form: Annotated[ConsentForm, Choice]
    identified_by: Line
    alone: bool
    identified_first: bool
    interpreter: Line | None = None
    witness: Line | None = None
    guardian: Line | None = None
    told: Annotated[tuple[Annotated[Detail, Choice], ...], Few] = ()

    def to_domain(self, by: str) -> answer.Consultation:
        """Return how this officer asked."""
        asked = dict(self) | {"told": frozenset(self.told)}
        return answer.Consultation(**asked, asked_by=by)


class Representative(Strict):
    """Who decides in the best interest of a person who cannot answer (P-04b)."""

    name: Line
    capacity: Line
    reason: Annotated[answer.Incapacity, Choice]
    best_interest: _Words
    ask_again_on: Day


class AnswerStep(Strict):
    """What the found person answered to the enquirer. No item at all is a refusal."""

    model_config = _example(
        step="answer",
        person=_PERSON,
        enquirer="per_0b6jh4dkxhb8arr1rjzj9gtmkr",
        items=["alive_and_well", "message"],
        consultation={
            "on": "2026-03-05",
            "place": "Her tent",
            "language": "fa",
            "form": "signed",
            "identified_by": "She named the neighbour who kept the goat",
            "alone": True,
            "identified_first": True,
            "told": ["name"],
        },
    )

    step: Literal["answer"]
    person: _Id
    enquirer: _Id
    items: Annotated[tuple[Annotated[answer.Item, Choice], ...], Few]
    consultation: Consultation
    holds_until: Day | None = None
    name_may_be_told: bool = False
    representative: Representative | None = None
    given: Given = Given()

    def to_domain(self, by: str) -> answer.Answer:
        """Return the answer as this officer took it."""
        who = self.representative
        return answer.Answer(
            person=PersonId(self.person),
            enquirer=PersonId(self.enquirer),
            items=frozenset(self.items),
            consultation=self.consultation.to_domain(by),
            holds_until=self.holds_until,
            name_may_be_told=self.name_may_be_told,
            representative=answer.Representative(**dict(who)) if who else None,
            given=self.given.to_domain(),
        )


class DeathStep(Strict):
    """What is said of a death, and by whom: reported, unconfirmed (P-05)."""

    model_config = _example(
        step="death",
        person=_PERSON,
        source="competent_authority",
        said_by="Registrar of Samos",
        document="Certificate 41 of 2026",
    )

    step: Literal["death"]
    person: _Id
    source: Annotated[death.DeathSource, Choice]
    said_by: Line
    document: Line | None = None
    died_on: Short | None = None
    burial_place: Line | None = None

    def to_domain(self, by: str, on: date) -> death.Death:
        """Return the report of this officer on this day."""
        said = {name: value for name, value in self if name not in ("step", "person")}
        return death.Death(**said, reported_by=by, reported_on=on)


class ReunionStep(Strict):
    """That a person and their family are together, with every adult's agreement."""

    model_config = _example(
        step="reunion", person=_PERSON, agreements=["The mother, signed", "The son, signed"]
    )

    step: Literal["reunion"]
    person: _Id
    agreements: Annotated[tuple[Line, ...], Few]


Step = Annotated[
    NoteStep
    | TaskStep
    | DoneStep
    | ActionStep
    | LeadStep
    | PersonStep
    | MoveStep
    | ScreeningStep
    | ChildStep
    | AnswerStep
    | DeathStep
    | ReunionStep
    | AuthoritiesStep
    | DetrimentalStep,
    Field(discriminator="step"),
]


class Member(Strict):
    """An account, and whether it is of the team from now on."""

    model_config = _example(officer="acc_kt8jh4dkxhb8arr1rjzj9gtmkr", joins=True)

    officer: _Id
    joins: bool
