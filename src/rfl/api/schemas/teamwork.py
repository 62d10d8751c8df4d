"""What a searching team plans and does by a day, and what holds a finding back, as steps."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Day, Few, Line, Story, Strict, each
from rfl.api.schemas.request import Consent, Exclusion
from rfl.domain import consent
from rfl.domain.ids import PersonId

_PERSON = "per_kt8jh4dkxhb8arr1rjzj9gtmkr"


class TaskStep(Strict):
    """What the team has to do by a day; it shows on the desks of the team alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"step": "task", "what": "Ask at the school again", "due_on": "2027-01-15"}
            ]
        }
    )

    step: Literal["task"]
    what: Line
    due_on: Day


class DoneStep(Strict):
    """One task of the team is done."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"step": "done", "task": "tsk_kt8jh4dkxhb8arr1rjzj9gtmkr"}]}
    )

    step: Literal["done"]
    task: Annotated[str, Field(max_length=30)]


class AuthoritiesStep(Strict):
    """What a found person says about authorities, in place of what they said before.

    Each consent is to `authority` alone; an exclusion goes before it.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "step": "authorities",
                    "person": _PERSON,
                    "consents": [
                        {
                            "uses": ["authority"],
                            "recipients": ["migration-office"],
                            "items": ["name", "birth"],
                            "form": "signed",
                            "given_on": "2026-03-01",
                        }
                    ],
                    "excluded": [{"said_on": "2026-03-01", "authorities": ["police-north"]}],
                }
            ]
        }
    )

    step: Literal["authorities"]
    person: Annotated[str, Field(max_length=30)]
    consents: Annotated[tuple[Consent, ...], Few] = ()
    excluded: Annotated[tuple[Exclusion, ...], Few] = ()

    def said(self) -> tuple[tuple[consent.Consent, ...], tuple[consent.Exclusion, ...]]:
        """Return what the person permits, and whom they exclude."""
        person = PersonId(self.person)
        consents = each("consents", self.consents, lambda one: one.to_domain(person))
        return consents, each("excluded", self.excluded, Exclusion.to_domain)


class DetrimentalStep(Strict):
    """That what was found of a prisoner, internee or detainee would harm if passed on, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "step": "detrimental",
                    "person": _PERSON,
                    "said": "His family is watched; who detains him reads the post.",
                }
            ]
        }
    )

    step: Literal["detrimental"]
    person: Annotated[str, Field(max_length=30)]
    said: Annotated[Story, Field(max_length=4_000)]
