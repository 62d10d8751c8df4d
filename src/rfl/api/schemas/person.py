"""A person as others describe them; the fields are those of `rfl.domain.person`."""

from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Brief, Choice, Few, Line, Short, Story, Strict, each, inside
from rfl.api.schemas.base import Name as NameText
from rfl.api.schemas.dates import PartialDay
from rfl.domain import person as domain
from rfl.domain.ids import PersonId, check_id, new_id
from rfl.errors import InvalidInput, within

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
PersonReference = Annotated[str, Field(max_length=30)]


class NamePart(Strict):
    """One typed part of a name."""

    text: NameText
    kind: Annotated[domain.PartKind, Choice]

    def to_domain(self) -> domain.NamePart:
        """Return the part."""
        return domain.NamePart(self.text, self.kind)


class Name(Strict):
    """A full name as given, unsplit, in one script."""

    text: NameText
    use: Annotated[domain.NameUse, Choice] = domain.NameUse.USUAL
    language: Brief | None = None
    parts: Annotated[tuple[NamePart, ...], Few] = ()

    def to_domain(self) -> domain.Name:
        """Return the name."""
        parts = each("parts", self.parts, NamePart.to_domain)
        return domain.Name(self.text, self.use, self.language, parts)


class Place(Strict):
    """A place in levels, as far as known. `country` is ISO 3166-1 alpha-2."""

    country: Country | None = None
    province: Line | None = None
    town: Line | None = None
    address: Line | None = None
    landmark: Line | None = None
    text: Line | None = None

    def to_domain(self) -> domain.Place:
        """Return the place, or raise InvalidInput if it names no level."""
        return domain.Place(**dict(self))


class Stay(Strict):
    """A step of a journey."""

    place: Place
    when: PartialDay | None = None

    def to_domain(self) -> domain.Stay:
        """Return the step."""
        place = inside("place", self.place, Place.to_domain)
        assert place is not None  # noqa: S101 (the shape requires it)
        return domain.Stay(place, inside("when", self.when, PartialDay.to_domain))


class Kin(Strict):
    """A relative by relation and names: `mother` means *this is the person's mother*."""

    relation: Annotated[domain.Relation, Choice]
    names: Annotated[tuple[Name, ...], Few]
    living: Annotated[domain.Living, Choice] = domain.Living.UNKNOWN

    def to_domain(self) -> domain.Kin:
        """Return the relative."""
        return domain.Kin(self.relation, each("names", self.names, Name.to_domain), self.living)


class Identifier(Strict):
    """A number or address that somebody issued to the person."""

    kind: Annotated[domain.IdentifierKind, Choice]
    value: Short
    issuer: Short | None = None

    def to_domain(self) -> domain.Identifier:
        """Return the identifier."""
        return domain.Identifier(self.kind, self.value, self.issuer)


class Person(Strict):
    """A description. The node gives the id: it is answered, and is required when changing."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "names": [{"text": "Maryam Hosseini"}, {"text": "مريم حسيني"}],
                    "sex": "female",
                    "birth": {"text": "1358", "calendar": "solar_hijri"},
                    "birth_place": {"country": "AF", "town": "Herat"},
                    "kin": [{"relation": "father", "names": [{"text": "Gholam Hosseini"}]}],
                }
            ]
        }
    )

    id: PersonReference | None = None
    names: Annotated[tuple[Name, ...], Few] = ()
    sex: Annotated[domain.Sex, Choice] = domain.Sex.UNKNOWN
    birth: PartialDay | None = None
    birth_place: Place | None = None
    nationalities: Annotated[tuple[Country, ...], Few] = ()
    kin: Annotated[tuple[Kin, ...], Few] = ()
    last_address: Place | None = None
    photos: Annotated[tuple[Line, ...], Few] = ()
    identifiers: Annotated[tuple[Identifier, ...], Few] = ()
    occupation: Line | None = None
    marks: Story | None = None
    journey: Annotated[tuple[Stay, ...], Few] = ()
    ethnicity: Line | None = None
    religion: Line | None = None
    languages: Annotated[tuple[Line, ...], Few] = ()
    health: Story | None = None
    detention: Story | None = None

    def to_domain(self, person_id: PersonId) -> domain.Person:
        """Return the person under this id."""
        return domain.Person(
            id=person_id,
            names=each("names", self.names, Name.to_domain),
            sex=self.sex,
            birth=inside("birth", self.birth, PartialDay.to_domain),
            birth_place=inside("birth_place", self.birth_place, Place.to_domain),
            nationalities=tuple(self.nationalities),
            kin=each("kin", self.kin, Kin.to_domain),
            last_address=inside("last_address", self.last_address, Place.to_domain),
            photos=tuple(self.photos),
            identifiers=each("identifiers", self.identifiers, Identifier.to_domain),
            occupation=self.occupation,
            marks=self.marks,
            journey=each("journey", self.journey, Stay.to_domain),
            ethnicity=self.ethnicity,
            religion=self.religion,
            languages=tuple(self.languages),
            health=self.health,
            detention=self.detention,
        )


def new_person(shape: Person) -> domain.Person:
    """Return a person that the node has not seen before, under a fresh id."""
    if shape.id is not None:
        raise InvalidInput("id", "is given by the node: leave it out")
    return shape.to_domain(PersonId(new_id("per")))


def known_person(shape: Person) -> domain.Person:
    """Return a person that the node knows already, by its id."""
    if shape.id is None:
        raise InvalidInput("id", "is required: the id that was answered")
    return shape.to_domain(PersonId(check_id(shape.id, "per")))


def known_or_new_person(shape: Person) -> domain.Person:
    """Return the person under its id, or under a fresh one if it has none yet."""
    return new_person(shape) if shape.id is None else known_person(shape)


def described(shape: Person) -> domain.Person:
    """Return a person who is searched for; a broken rule names the field `person`."""
    with within("person"):
        return new_person(shape)
