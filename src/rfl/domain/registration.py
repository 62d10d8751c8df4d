"""A person on somebody's list: who says so, how reliably, and what may be done with it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rfl.domain import text
from rfl.domain.dates import age_on
from rfl.domain.masked import Masked
from rfl.domain.person import Person
from rfl.domain.purpose import LegalBasis
from rfl.domain.request import NO_CONTACT, Contact, Level
from rfl.errors import InvalidInput

ADULT_AGE = 18


class SourceKind(StrEnum):
    """Who keeps the list that the person stands on."""

    SELF = "self"
    CAMP = "camp"
    HOSPITAL = "hospital"
    DETAINING_AUTHORITY = "detaining_authority"
    SCHOOL = "school"
    PARTNER_LIST = "partner_list"
    REMAINS = "remains"
    OFFICER = "officer"


class Reliability(StrEnum):
    """How far the source checked who the person is."""

    IDENTITY_CHECKED = "identity_checked"
    STATED = "stated"
    IDENTITY_NOT_CHECKED = "identity_not_checked"
    UNKNOWN = "unknown"


class Sharing(StrEnum):
    """What the list's owner allows the node to pass on."""

    HERE_ONLY = "here_only"
    WITHIN_NETWORK = "within_network"
    ASK_OWNER = "ask_owner"


class Status(StrEnum):
    """What the source says. No list makes a death more than reported (P-05)."""

    REGISTERED = "registered"
    REPORTED_ALIVE = "reported_alive"
    SELF_REPORTED_ALIVE = "self_reported_alive"
    REPORTED_MISSING = "reported_missing"
    INFORMATION_SOUGHT = "information_sought"
    REPORTED_DEAD_UNCONFIRMED = "reported_dead_unconfirmed"
    DETAINED = "detained"
    UNACCOMPANIED_CHILD = "unaccompanied_child"
    SEPARATED_CHILD = "separated_child"


CHILD_STATUSES = frozenset({Status.UNACCOMPANIED_CHILD, Status.SEPARATED_CHILD})


@dataclass(frozen=True, slots=True, repr=False)
class Source(Masked):
    """Where a registration comes from, and its id there, by which it is known again."""

    kind: SourceKind
    owner: str
    record_id: str | None = None
    reliability: Reliability = Reliability.UNKNOWN
    sharing: Sharing = Sharing.HERE_ONLY
    stated_on: date | None = None
    expires_on: date | None = None

    def __post_init__(self) -> None:
        text.line(self.owner, "owner", 400)
        text.optional_line(self.record_id, "record_id", 400)
        if self.stated_on and self.expires_on and self.expires_on < self.stated_on:
            raise InvalidInput("expires_on", "must not lie before stated_on")
        if self.kind is SourceKind.SELF and self.reliability is Reliability.IDENTITY_CHECKED:
            rule = "cannot be identity_checked where the person registered alone"
            raise InvalidInput("reliability", rule)


@dataclass(frozen=True, slots=True, repr=False)
class Registration(Masked):
    """One person on one list."""

    person: Person
    source: Source
    status: Status
    legal_basis: LegalBasis
    contact: Contact = NO_CONTACT
    remarks: str | None = None
    level: Level = Level.NORMAL

    def __post_init__(self) -> None:
        text.optional_story(self.remarks, "remarks")
        if not self.person.names and self.source.kind is not SourceKind.REMAINS:
            raise InvalidInput("person.names", "must hold at least one name")
        if self.status is Status.SELF_REPORTED_ALIVE and self.source.kind is not SourceKind.SELF:
            raise InvalidInput("status", "self_reported_alive needs a source of kind self")
        self._check_child()

    def _check_child(self) -> None:
        stated, birth = self.source.stated_on, self.person.birth
        if self.status not in CHILD_STATUSES or birth is None or stated is None:
            return
        if birth.earliest <= stated and age_on(birth, stated)[0] >= ADULT_AGE:
            raise InvalidInput("status", "names a child, but the date of birth is an adult's")
