"""Sealed dossiers for societies without a node, and the notices that people hand over."""

from datetime import date
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Day, Strict


class Spoken(Strict):
    """In which language: en, fr, es, ar or ru; without it the society's own."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}, {"language": "fr"}]})

    language: Annotated[str, Field(max_length=2)] | None = None


class SealedDossier(Strict):
    """A sealed file, and the passphrase that opens it: it is shown here once and kept nowhere.

    The file is a page for any browser. `digest` is its SHA-256, for whoever wants to compare it by
    phone. File and passphrase go by different ways.
    """

    reference: str
    recipient: str
    until: date
    file: str
    digest: str
    passphrase: str


class HandedNotice(Strict):
    """A text without personal data, to be handed over or read out."""

    reference: str
    recipient: str
    text: str


class PersonWithdraws(Strict):
    """Of whom, and on which day, a found person took back what they had agreed to tell."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"person": "per_...", "on": "2027-02-01"}]}
    )

    person: Annotated[str, Field(max_length=30)]
    on: Day
