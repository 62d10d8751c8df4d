"""Partners' lists: the terms on which one is taken in, and what became of its rows."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Choice, Name, Strict
from rfl.domain.dates import Calendar
from rfl.domain.purpose import LegalBasis
from rfl.domain.registration import Reliability, Sharing, SourceKind, Status
from rfl.flows.offer_list import ListTerms


class Terms(Strict):
    """What holds for every row of a list, agreed with its owner before it is read."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "owner": "Vinojug transit camp",
                    "kind": "camp",
                    "reliability": "stated",
                    "sharing": "within_network",
                    "legal_basis": "vital_interest",
                    "domain": "vinojug.example",
                }
            ]
        }
    )

    owner: Name
    kind: Annotated[SourceKind, Choice]
    reliability: Annotated[Reliability, Choice]
    sharing: Annotated[Sharing, Choice]
    legal_basis: Annotated[LegalBasis, Choice]
    status: Annotated[Status, Choice] = Status.REGISTERED
    calendar: Annotated[Calendar, Choice] = Calendar.GREGORIAN
    domain: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$")] | None = None

    def to_terms(self) -> ListTerms:
        """Return the terms, or raise InvalidInput if they contradict themselves."""
        return ListTerms(**dict(self))


class ListEntry(Strict):
    """What stands in clear of a list."""

    id: str
    branch: str
    officer: str
    state: str
    created_at: datetime
    version: int


class ListAnswer(ListEntry):
    """A list with its terms."""

    terms: Terms


class Refused(Strict):
    """A row left out: its number, the field in the file's own terms, and the rule."""

    row: int
    field: str
    rule: str


class Taken(Strict):
    """What became of a list's rows. `refusals` holds the first of those refused."""

    rows: int
    added: int
    changed: int
    unchanged: int
    expired: int
    erased_before: int
    refused: int
    refusals: list[Refused]
    mapped: dict[str, str]
    unmapped: list[str]


class TakenBack(Strict):
    """How many registrations of a list were removed."""

    removed: int
