"""What an authority is told: the request, the decision, and what is given."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.approvals import ApprovalRow
from rfl.api.schemas.base import Choice, Day, Few, Line, Short, Story, Strict, inside
from rfl.api.schemas.dates import PartialDay
from rfl.api.schemas.person import Name, Place
from rfl.api.schemas.request import Separation
from rfl.domain import authority as domain
from rfl.domain.consent import Detail
from rfl.domain.ids import PersonId, check_id
from rfl.domain.person import Sex

_Id = Annotated[str, Field(max_length=30)]
_Reason = Annotated[Story, Field(max_length=4_000)]
_Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,39}$")]


class Order(Strict):
    """What compels the society: the authority's reference, the law, the day of the order."""

    reference: Short
    law: Annotated[Line, Field(max_length=400)]
    dated: Day

    def to_domain(self) -> domain.Order:
        """Return the order."""
        return domain.Order(self.reference, self.law, self.dated)


class Asked(Strict):
    """Which items of which person an authority is to be told. Without an order, by permission."""

    record: _Id
    about: Annotated[domain.About, Choice]
    person: _Id
    authority: _Code
    items: Annotated[tuple[Annotated[Detail, Choice], ...], Few]
    order: Order | None = None

    def to_domain(self) -> domain.Asked:
        """Return the exact request."""
        return domain.Asked(
            record=self.record,
            about=self.about,
            person=PersonId(check_id(self.person, "per", field="person")),
            authority=self.authority,
            items=frozenset(self.items),
            order=inside("order", self.order, Order.to_domain),
        )


class DisclosureRequest(Asked):
    """A request to tell an authority, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "record": "cas_kt8jh4dkxhb8arr1rjzj9gtmkr",
                    "about": "enquirer",
                    "person": "per_kt8jh4dkxhb8arr1rjzj9gtmkr",
                    "authority": "migration-office",
                    "items": ["name", "birth"],
                    "reason": "He asked us to confirm to the office who he is.",
                }
            ]
        }
    )

    reason: _Reason


class Agency(Strict):
    """When the Central Tracing Agency was told before, or which law forbids that."""

    told_on: Day | None = None
    forbidden_by: Line | None = None

    def to_domain(self) -> domain.Agency:
        """Return it, or raise InvalidInput: one of the two, and not both."""
        return domain.Agency(self.told_on, self.forbidden_by)


class DisclosureDecision(Strict):
    """What the second officer decides. `agency` belongs to an order, and to nothing else."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "agrees": True,
                    "reason": "The order is lawful and names exactly this.",
                    "agency": {"told_on": "2026-03-01"},
                }
            ]
        }
    )

    agrees: bool
    reason: _Reason
    agency: Agency | None = None


class DecisionKept(DisclosureDecision):
    """What was decided, by whom and when."""

    by: str
    at: datetime


class DisclosureAnswer(ApprovalRow):
    """A request with what became of it. What is given is not kept.

    `against`: the person had excluded the authority when it was given under an order.
    """

    asked: Asked
    ground: Annotated[domain.Ground, Choice]
    reason: str
    approver: str | None
    approved_at: datetime | None
    given_at: datetime | None
    decided: DecisionKept | None
    against: bool


class Facts(Strict):
    """What may be handed over: the items that were agreed to, and nothing else."""

    names: list[Name]
    sex: Annotated[Sex, Choice] | None
    birth: PartialDay | None
    birth_place: Place | None
    separation: Separation | None
    address: Place | None
    phones: list[str]
    emails: list[str]
    photos: list[str]
    story: str | None


class Given(Strict):
    """What is handed to the authority, on which day, and of which request."""

    id: str
    authority: str
    on: date
    facts: Facts
