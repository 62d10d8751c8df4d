"""A person on somebody's list: who says so, how reliably, and what may be done with it."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from rfl.domain import text
from rfl.domain.consent import Consent, Exclusion, Use
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


class Wish(StrEnum):
    """What a registered child wishes, as it said so itself."""

    SOON = "soon"
    LATER = "later"
    NO = "no"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True, repr=False)
class ChildCare(Masked):
    """Of a child registered without its carer: who looks after it, and what it wishes (P-19).

    `best_interest`: why it is registered, as vetted staff judged. `guardian`: None if it has none.
    """

    arrangement: str
    best_interest: str
    contact: Wish
    reunification: Wish
    guardian: str | None = None

    def __post_init__(self) -> None:
        text.line(self.arrangement, "arrangement")
        text.optional_line(self.guardian, "guardian")
        text.story(self.best_interest, "best_interest")


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
    """One person on one list.

    `consents` and `excluded`: what the person says about authorities (P-09). `detrimental`: who
    detains or counts the person may not learn more; it goes to the Central Tracing Agency alone
    (P-36).
    """

    person: Person
    source: Source
    status: Status
    legal_basis: LegalBasis
    contact: Contact = NO_CONTACT
    remarks: str | None = None
    level: Level = Level.NORMAL
    care: ChildCare | None = None
    consents: tuple[Consent, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    detrimental: bool = False

    @property
    def of_child(self) -> bool:
        """True for a child without its parents or carer: its record is for vetted staff (P-20)."""
        return self.status in CHILD_STATUSES

    def in_place_of(self, held: "Registration") -> "Registration":
        """Return what a list says now with what staff wrote down, of which a list says nothing."""
        return replace(
            self,
            person=replace(self.person, id=held.person.id),
            level=held.level,
            care=held.care if self.of_child else None,
            consents=held.consents,
            excluded=held.excluded,
            detrimental=held.detrimental,
        )

    def require_cared_for(self) -> None:
        """Raise InvalidInput for a child whose care and wishes staff have not written down (P-19).

        A partner's list does not say them; whoever works on the child then does.
        """
        if self.of_child and self.care is None:
            raise InvalidInput("care", "must be given where a child is registered (P-19)")

    def __post_init__(self) -> None:
        text.optional_story(self.remarks, "remarks")
        self._check_consents()
        if self.care is not None and not self.of_child:
            raise InvalidInput(
                "care", "must be given for an unaccompanied or separated child alone"
            )
        if not self.person.names and self.source.kind is not SourceKind.REMAINS:
            raise InvalidInput("person.names", "must hold at least one name")
        if self.status is Status.SELF_REPORTED_ALIVE and self.source.kind is not SourceKind.SELF:
            raise InvalidInput("status", "self_reported_alive needs a source of kind self")
        self._check_child()

    def _check_consents(self) -> None:
        for index, consent in enumerate(self.consents):
            if consent.person != self.person.id:
                rule = "must be this person's own: nobody consents for another"
                raise InvalidInput(f"consents[{index}].person", rule)
            if consent.uses != {Use.AUTHORITY}:
                rule = "must be authority: nothing else here rests on this person's consent"
                raise InvalidInput(f"consents[{index}].uses", rule)

    def _check_child(self) -> None:
        stated, birth = self.source.stated_on, self.person.birth
        if self.status not in CHILD_STATUSES or birth is None or stated is None:
            return
        if birth.earliest <= stated and age_on(birth, stated)[0] >= ADULT_AGE:
            raise InvalidInput("status", "names a child, but the date of birth is an adult's")
