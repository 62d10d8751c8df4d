"""Accounts, the access log, and what many answers share."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Choice, Day, Few, Line, Short, Strict
from rfl.domain.access import Role, Scope
from rfl.domain.purpose import Purpose
from rfl.flows.pass_on_searches import WhyNot
from rfl.flows.reassign import What, WhyLeft


class Page(Strict):
    """Which page of a list: `cursor` is the `next` of the page before."""

    model_config = ConfigDict(strict=False)

    limit: Annotated[int, Field(ge=1, le=200)] = 50
    cursor: Annotated[str, Field(max_length=200)] | None = None


class Latest(Strict):
    """How many of the newest entries."""

    model_config = ConfigDict(strict=False)

    limit: Annotated[int, Field(ge=1, le=500)] = 100


class Health(Strict):
    """`live`, `ready`, `locked_down`, or what is missing: `loading`, `no_database`."""

    status: str


class Made(Strict):
    """A record and the version that it has now, which is its ETag too."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "cas_kt8jh4dkxhb8arr1rjzj9gtmkr", "version": 1}]}
    )

    id: str
    version: int


class NewAccount(Strict):
    """An account to be made, with its first token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"role": "tracing_officer", "branch": "gevgelija", "name": "Elena Petrova"}
            ]
        }
    )

    role: Annotated[Role, Choice]
    branch: Annotated[str, Field(max_length=40)]
    name: Short


class Vetting(Strict):
    """The last day on which the account may work with children."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"until": "2027-12-31"}]})

    until: Day


class Reassignment(Strict):
    """Who leaves, and who has the cases from now on."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "leaving": "acc_kt8jh4dkxhb8arr1rjzj9gtmkr",
                    "officer": "acc_0b6jh4dkxhb8arr1rjzj9gtmkr",
                }
            ]
        }
    )

    leaving: Annotated[str, Field(max_length=30)]
    officer: Annotated[str, Field(max_length=30)]


class HandedRecord(Strict):
    """One record: given to the other officer, or left where it was, and why."""

    what: Annotated[What, Choice]
    id: str
    left: Annotated[WhyLeft, Choice] | None


class Handed(Strict):
    """What became of each case, enquiry, letter and request for a second officer."""

    items: list[HandedRecord]


class PassingOn(Strict):
    """Who leaves, and who searches in their place."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "leaving": "acc_kt8jh4dkxhb8arr1rjzj9gtmkr",
                    "searcher": "acc_0b6jh4dkxhb8arr1rjzj9gtmkr",
                }
            ]
        }
    )

    leaving: Annotated[str, Field(max_length=30)]
    searcher: Annotated[str, Field(max_length=30)]


class PassedSearch(Strict):
    """One case whose search was passed on, or why a supervisor has to say who searches."""

    case: str
    left: Annotated[WhyNot, Choice] | None


class PassedSearches(Strict):
    """What became of each search of who leaves."""

    items: list[PassedSearch]


class LinkedSubject(Strict):
    """Whom the identity provider's access tokens name, as their `sub`."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"subject": "3e1f0b52-6f5c-4bb2-9d0e-1f6c0c8c7a11"}]}
    )

    subject: Line


class NewToken(Strict):
    """A token for the caller's own account; without `purposes` for all that the caller's is for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"purposes": ["tracing"], "reads_only": True, "days": 7}]}
    )

    purposes: Annotated[tuple[Annotated[Purpose, Choice], ...], Few] | None = None
    reads_only: bool = False
    days: Annotated[int, Field(ge=1, le=400)] = 1

    def to_domain(self) -> Scope:
        """Return what the token is for."""
        return Scope(None if self.purposes is None else frozenset(self.purposes), self.reads_only)


class TokenMade(Strict):
    """The token, which is shown this once."""

    token_id: str
    token: str
    ends_at: datetime


class OwnToken(Strict):
    """A token of the caller's that still works; without `purposes` it is for all of them."""

    token_id: str
    made_at: datetime | None
    ends_at: datetime
    purposes: tuple[Annotated[Purpose, Choice], ...] | None
    reads_only: bool
    is_this: bool


class OwnTokens(Strict):
    """The caller's tokens, the newest first."""

    items: list[OwnToken]


class AccountMade(Strict):
    """The account and its token, which is shown this once."""

    account: str
    token_id: str
    token: str


class Me(Strict):
    """Whom the token speaks for."""

    account: str
    role: Annotated[Role, Choice]
    branch: str
    token_id: str


class LogEntry(Strict):
    """Who did what to which log ids, why, and whether it was allowed."""

    id: str
    at: datetime
    actor: str
    role: str
    session: str | None
    client: str
    action: str
    purpose: str | None
    basis: str | None
    objects: list[str]
    count: int
    groups: list[str]
    decision: str
    reason: str | None
    policy: str
    request: str | None
    peer: str | None


class LogEntries(Strict):
    """Entries of the access log."""

    items: list[LogEntry]
