"""The tracing request: one enquirer, one or more sought persons, and how contact was lost."""

from dataclasses import dataclass
from enum import StrEnum

from rfl.domain import text
from rfl.domain.consent import Consent, Exclusion, InformationNotice
from rfl.domain.dates import PartialDate
from rfl.domain.masked import Masked
from rfl.domain.person import Person, Place, Relation, require_named
from rfl.domain.purpose import LegalBasis
from rfl.errors import InvalidInput

MAX_SOUGHT = 30
MAX_WAYS = 50


class Level(StrEnum):
    """Sensitivity (P-32). At *named persons only* a case is not in the general matcher."""

    NORMAL = "normal"
    RESTRICTED = "restricted"
    NAMED_PERSONS_ONLY = "named_persons_only"

    def stricter(self, other: "Level") -> "Level":
        """Return the level of two under which fewer people read."""
        return max(self, other, key=list(Level).index)


class Cause(StrEnum):
    """Why contact was lost (guide: domain, section 4)."""

    CONFLICT = "conflict"
    ARREST_OR_DETENTION = "arrest_or_detention"
    MIGRATION = "migration"
    POPULATION_MOVEMENT = "population_movement"
    DISASTER = "disaster"
    TRAFFICKING = "trafficking"
    RECRUITMENT = "recruitment"
    DEATH_OF_CARER = "death_of_carer"
    ABANDONMENT = "abandonment"
    OTHER = "other"
    UNKNOWN = "unknown"


class Method(StrEnum):
    """Ways of searching that the enquirer may allow: the search is not secret."""

    VISIT = "visit"
    PHONE = "phone"
    COMMUNITY_LEADER = "community_leader"
    RADIO = "radio"
    POSTER = "poster"
    ONLINE = "online"
    AUTHORITIES = "authorities"


@dataclass(frozen=True, slots=True, repr=False)
class Contact(Masked):
    """How the enquirer is reached, and how safely."""

    address: Place | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    safest_channel: str | None = None
    hours: str | None = None
    letters_language: str | None = None
    alternates: tuple[str, ...] = ()
    representative: str | None = None

    def __post_init__(self) -> None:
        text.optional_lines(self, ("safest_channel", "hours", "letters_language", "representative"))
        for field in ("phones", "emails", "alternates"):
            if len(getattr(self, field)) > MAX_WAYS:
                raise InvalidInput(field, f"must hold at most {MAX_WAYS} items")
            for index, value in enumerate(getattr(self, field)):
                text.line(value, f"{field}[{index}]", 200)


NO_CONTACT = Contact()


@dataclass(frozen=True, slots=True, repr=False)
class Separation(Masked):
    """How, when and where contact was lost, and what was last heard."""

    cause: Cause = Cause.UNKNOWN
    when: PartialDate | None = None
    place: Place | None = None
    narrative: str | None = None
    last_news: str | None = None
    last_news_on: PartialDate | None = None
    companions: str | None = None
    route: str | None = None
    fears: str | None = None

    def __post_init__(self) -> None:
        text.optional_stories(self, ("narrative", "last_news", "companions", "route", "fears"))


UNKNOWN_SEPARATION = Separation()


@dataclass(frozen=True, slots=True, repr=False)
class Sought(Masked):
    """A sought person and what they are to the enquirer: MOTHER means *my mother*."""

    person: Person
    relation: Relation


@dataclass(frozen=True, slots=True, repr=False)
class TracingRequest(Masked):
    """The formal enquiry. A third party cannot be the enquirer: each sought has a relation.

    `withheld`: the society that asks keeps the enquirer's name back (P-16); else there is one.
    `excluded`: authorities that the enquirer wants told nothing (P-09). `detrimental`: what is said
    here of a prisoner, internee or detainee goes to the Central Tracing Agency alone (P-36).
    """

    enquirer: Person
    sought: tuple[Sought, ...]
    legal_basis: LegalBasis
    contact: Contact = NO_CONTACT
    separation: Separation = UNKNOWN_SEPARATION
    methods: frozenset[Method] = frozenset()
    message: str | None = None
    level: Level = Level.NORMAL
    child_enquirer: bool = False
    consents: tuple[Consent, ...] = ()
    notice: InformationNotice | None = None
    withheld: bool = False
    excluded: tuple[Exclusion, ...] = ()
    detrimental: bool = False

    def __post_init__(self) -> None:
        if not 1 <= len(self.sought) <= MAX_SOUGHT:
            raise InvalidInput("sought", f"must hold 1 to {MAX_SOUGHT} persons")
        text.optional_story(self.message, "message")
        self._check_persons()
        for index, consent in enumerate(self.consents):
            if consent.person != self.enquirer.id:
                rule = "must be the enquirer's own: nobody consents for another"
                raise InvalidInput(f"consents[{index}].person", rule)
        self._check_methods()

    def require_basis(self) -> None:
        """Raise InvalidInput for a search on consent: who is sought gives none (P-12)."""
        if self.legal_basis is LegalBasis.CONSENT:
            raise InvalidInput("legal_basis", "must be another than consent (P-12)")

    def persons(self) -> tuple[Person, ...]:
        """The enquirer, then the sought persons in their order."""
        return (self.enquirer, *(sought.person for sought in self.sought))

    def _check_methods(self) -> None:
        """To search by way of authorities is to tell them: who excludes all allows none."""
        stands = (one for one in self.excluded if one.withdrawn_on is None)
        if Method.AUTHORITIES in self.methods and any(not one.authorities for one in stands):
            rule = "must not name authorities, whom the enquirer excludes (P-09)"
            raise InvalidInput("methods", rule)

    def _check_persons(self) -> None:
        if not self.withheld:
            require_named(self.enquirer)
        for sought in self.sought:
            require_named(sought.person)
        ids = [person.id for person in self.persons()]
        if len(set(ids)) != len(ids):
            raise InvalidInput("sought", "must be distinct persons, none of them the enquirer")
