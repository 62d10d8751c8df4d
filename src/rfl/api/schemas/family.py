"""Cases of one family: looked for, merged, and their history."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Few, Story, Strict
from rfl.api.schemas.person import Name
from rfl.api.schemas.request import EXAMPLE, TracingRequest
from rfl.domain.ids import PersonId
from rfl.domain.merge import Pairs
from rfl.domain.request import MAX_SOUGHT


class SamePerson(Strict):
    """One person who is sought in both cases."""

    sought: Annotated[str, Field(max_length=30)]
    same_as: Annotated[str, Field(max_length=30)]


class Merging(Strict):
    """The case that survives, whether its enquirer is this one, and who is who."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "into": "cas_kt8jh4dkxhb8arr1rjzj9gtmkr",
                    "same_enquirer": True,
                    "persons": [
                        {
                            "sought": "per_kt8jh4dkxhb8arr1rjzj9gtmkr",
                            "same_as": "per_0b6jh4dkxhb8arr1rjzj9gtmkr",
                        }
                    ],
                }
            ]
        }
    )

    into: Annotated[str, Field(max_length=30)]
    same_enquirer: bool
    persons: Annotated[list[SamePerson], Field(min_length=1, max_length=MAX_SOUGHT)]

    def pairs(self) -> Pairs:
        """Return (sought here, the same person there)."""
        return tuple((PersonId(one.sought), PersonId(one.same_as)) for one in self.persons)


class Happened(Strict):
    """One line of a timeline: `kind` says which part of the case, and what happened to it.

    What is known only by its day stands at the beginning of that day. `record` is what it happened
    to, `state` what it became, or the society it went to.
    """

    at: datetime
    by: str | None
    kind: str
    record: str
    said: str | None
    person: PersonId | None
    state: str | None


class Timeline(Strict):
    """A page of a timeline, the oldest first."""

    items: list[Happened]
    next: str | None


class Looking(Strict):
    """The request that is to be a case, and the enquiry or intake that it comes from."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"made_for": "enq_kt8jh4dkxhb8arr1rjzj9gtmkr", "request": EXAMPLE}]
        }
    )

    made_for: Annotated[str, Field(max_length=30)]
    request: TracingRequest


class Related(Strict):
    """A case that may be of the same family: `asked` is the person of the request, `part` what
    the person of these names is in the case.
    """

    record: str
    part: str
    asked: str
    names: Annotated[tuple[Name, ...], Few]
    band: str
    band_sentence: str


class RelatedCases(Strict):
    """At most ten cases, the likeliest first."""

    items: list[Related]


class Family(Strict):
    """The case that the enquiry joins; or why none of those shown is this family's."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"case": "cas_kt8jh4dkxhb8arr1rjzj9gtmkr"},
                {"reason": "Another Ali Hosseini: this one is from Bamyan."},
            ]
        }
    )

    case: Annotated[str, Field(max_length=30)] | None = None
    reason: Story | None = None
