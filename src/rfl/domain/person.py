"""A person as others describe them (guide: domain, sections 4 and 5).

Every field may be missing, because families know what they know. What is present must not
contradict itself. `domain.groups` says which field is sealed in which group.
"""

from dataclasses import dataclass
from enum import StrEnum

from rfl.domain import text
from rfl.domain.dates import PartialDate
from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked
from rfl.errors import InvalidInput

MAX_ITEMS = 50
_PLACE_LEVELS = ("province", "town", "address", "landmark", "text")
_PERSON_LISTS = (
    "names",
    "nationalities",
    "kin",
    "photos",
    "identifiers",
    "journey",
    "languages",
)


class PartKind(StrEnum):
    """What a part of a name is, where somebody knows it."""

    OWN = "own"
    FATHER = "father"
    GRANDFATHER = "grandfather"
    FAMILY = "family"
    TRIBE = "tribe"
    PATRONYMIC = "patronymic"
    MAIDEN = "maiden"
    NICKNAME = "nickname"
    TITLE = "title"


class NameUse(StrEnum):
    """Why a person has this name: as used locally, another spelling, given after separation."""

    USUAL = "usual"
    OTHER_SPELLING = "other_spelling"
    AFTER_SEPARATION = "after_separation"
    ALIAS = "alias"


class Sex(StrEnum):
    """As described by others; unknown is the default."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class Relation(StrEnum):
    """What one relative is to another: `Kin.relation` MOTHER means *this is my mother*."""

    MOTHER = "mother"
    FATHER = "father"
    DAUGHTER = "daughter"
    SON = "son"
    CHILD = "child"
    SISTER = "sister"
    BROTHER = "brother"
    SIBLING = "sibling"
    WIFE = "wife"
    HUSBAND = "husband"
    SPOUSE = "spouse"
    GRANDMOTHER = "grandmother"
    GRANDFATHER = "grandfather"
    GRANDCHILD = "grandchild"
    AUNT = "aunt"
    UNCLE = "uncle"
    NIECE = "niece"
    NEPHEW = "nephew"
    COUSIN = "cousin"
    GUARDIAN = "guardian"
    WARD = "ward"
    OTHER_RELATIVE = "other_relative"


class Living(StrEnum):
    """Whether a relative is known to be alive."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


class IdentifierKind(StrEnum):
    """Who issued an identifier; those of states are neither kept nor matched by default (P-18)."""

    PHONE = "phone"
    EMAIL = "email"
    UNHCR = "unhcr"
    ICRC = "icrc"
    AGENCY = "agency"
    PASSPORT = "passport"
    NATIONAL_ID = "national_id"
    STATE_DOCUMENT = "state_document"


STATE_ISSUED = frozenset(
    {IdentifierKind.PASSPORT, IdentifierKind.NATIONAL_ID, IdentifierKind.STATE_DOCUMENT}
)


@dataclass(frozen=True, slots=True, repr=False)
class NamePart(Masked):
    """One typed part of a name, in the order in which it is said."""

    text: str
    kind: PartKind

    def __post_init__(self) -> None:
        text.line(self.text, "text", text.NAME_LIMIT)


@dataclass(frozen=True, slots=True, repr=False)
class Name(Masked):
    """A full name as given and unsplit, in one script; typed parts where they are known."""

    text: str
    use: NameUse = NameUse.USUAL
    language: str | None = None
    parts: tuple[NamePart, ...] = ()

    def __post_init__(self) -> None:
        text.line(self.text, "text", text.NAME_LIMIT)
        text.optional_line(self.language, "language", 35)
        _bounded(self.parts, "parts")


@dataclass(frozen=True, slots=True, repr=False)
class Place(Masked):
    """A place in levels, as far as known, and landmarks in words. Country: ISO 3166-1 alpha-2."""

    country: str | None = None
    province: str | None = None
    town: str | None = None
    address: str | None = None
    landmark: str | None = None
    text: str | None = None

    def __post_init__(self) -> None:
        if self.country is not None and not is_country(self.country):
            raise InvalidInput("country", "must be two capital letters (ISO 3166-1 alpha-2)")
        text.optional_lines(self, _PLACE_LEVELS)
        if self.country is None and not any(getattr(self, level) for level in _PLACE_LEVELS):
            raise InvalidInput("place", "must name at least one level")


@dataclass(frozen=True, slots=True, repr=False)
class Stay(Masked):
    """A step of a journey: a place and, if known, when."""

    place: Place
    when: PartialDate | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Kin(Masked):
    """A relative of the person described, by relation and names."""

    relation: Relation
    names: tuple[Name, ...]
    living: Living = Living.UNKNOWN

    def __post_init__(self) -> None:
        _bounded(self.names, "names", at_least=1)


@dataclass(frozen=True, slots=True, repr=False)
class Identifier(Masked):
    """A number or address that somebody issued to the person."""

    kind: IdentifierKind
    value: str
    issuer: str | None = None

    def __post_init__(self) -> None:
        text.line(self.value, "value", 200)
        text.optional_line(self.issuer, "issuer", 200)


@dataclass(frozen=True, slots=True, repr=False)
class Person(Masked):
    """A description. Fields in the order of `domain.groups`: identity first."""

    id: PersonId
    names: tuple[Name, ...] = ()
    sex: Sex = Sex.UNKNOWN
    birth: PartialDate | None = None
    birth_place: Place | None = None
    nationalities: tuple[str, ...] = ()
    kin: tuple[Kin, ...] = ()
    last_address: Place | None = None
    photos: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    occupation: str | None = None
    marks: str | None = None
    journey: tuple[Stay, ...] = ()
    ethnicity: str | None = None
    religion: str | None = None
    languages: tuple[str, ...] = ()
    health: str | None = None
    detention: str | None = None

    def __post_init__(self) -> None:
        for field in _PERSON_LISTS:
            if len(getattr(self, field)) > MAX_ITEMS:
                raise InvalidInput(field, f"must hold at most {MAX_ITEMS} items")
        for index, country in enumerate(self.nationalities):
            if not is_country(country):
                rule = "must be two capital letters (ISO 3166-1 alpha-2)"
                raise InvalidInput(f"nationalities[{index}]", rule)
        text.optional_lines(self, ("occupation", "ethnicity", "religion"))
        text.optional_stories(self, ("marks", "health", "detention"))


def require_named(person: Person) -> Person:
    """Return the person if it has a name, which whoever is sought or registered must have."""
    if not person.names:
        raise InvalidInput("names", "must hold at least one name")
    return person


def _bounded(items: tuple[object, ...], field: str, at_least: int = 0) -> None:
    if len(items) > MAX_ITEMS:
        raise InvalidInput(field, f"must hold at most {MAX_ITEMS} items")
    if len(items) < at_least:
        raise InvalidInput(field, f"must hold at least {at_least}")


def is_country(value: str) -> bool:
    """True for a code of the form of ISO 3166-1 alpha-2."""
    return len(value) == 2 and value.isascii() and value.isalpha() and value.isupper()
