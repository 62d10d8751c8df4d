"""The tracing request; the fields are those of `rfl.domain.request`."""

from collections.abc import Callable
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from rfl.api.schemas.base import Brief, Choice, Day, Few, Line, Short, Story, Strict, each, inside
from rfl.api.schemas.dates import PartialDay
from rfl.api.schemas.person import (
    Person,
    PersonReference,
    Place,
    known_or_new_person,
    known_person,
    new_person,
)
from rfl.domain import consent
from rfl.domain import request as domain
from rfl.domain.ids import PersonId
from rfl.domain.person import Person as Described
from rfl.domain.person import Relation, require_named
from rfl.domain.purpose import LegalBasis
from rfl.errors import InvalidInput, within

_Maker = Callable[[Person], Described]

EXAMPLE: dict[str, JsonValue] = {
    "enquirer": {
        "names": [{"text": "Ali Hosseini"}],
        "sex": "male",
        "birth": {"text": "1990-04-12"},
        "identifiers": [{"kind": "phone", "value": "+389 70 000 001"}],
    },
    "sought": [
        {
            "relation": "mother",
            "person": {
                "names": [{"text": "Maryam Hosseini"}, {"text": "مريم حسيني"}],
                "sex": "female",
                "birth": {"text": "about 1961"},
            },
        }
    ],
    "legal_basis": "public_interest",
    "separation": {"cause": "migration", "place": {"country": "GR", "town": "Idomeni"}},
    "methods": ["visit", "phone"],
}


class Contact(Strict):
    """How the enquirer is reached, and how safely."""

    address: Place | None = None
    phones: Annotated[tuple[Short, ...], Few] = ()
    emails: Annotated[tuple[Short, ...], Few] = ()
    safest_channel: Line | None = None
    hours: Line | None = None
    letters_language: Line | None = None
    alternates: Annotated[tuple[Short, ...], Few] = ()
    representative: Line | None = None

    def to_domain(self) -> domain.Contact:
        """Return the contact."""
        return domain.Contact(
            address=inside("address", self.address, Place.to_domain),
            phones=tuple(self.phones),
            emails=tuple(self.emails),
            safest_channel=self.safest_channel,
            hours=self.hours,
            letters_language=self.letters_language,
            alternates=tuple(self.alternates),
            representative=self.representative,
        )


class Separation(Strict):
    """How, when and where contact was lost, and what was last heard."""

    cause: Annotated[domain.Cause, Choice] = domain.Cause.UNKNOWN
    when: PartialDay | None = None
    place: Place | None = None
    narrative: Story | None = None
    last_news: Story | None = None
    last_news_on: PartialDay | None = None
    companions: Story | None = None
    route: Story | None = None
    fears: Story | None = None

    def to_domain(self) -> domain.Separation:
        """Return the circumstances."""
        return domain.Separation(
            cause=self.cause,
            when=inside("when", self.when, PartialDay.to_domain),
            place=inside("place", self.place, Place.to_domain),
            narrative=self.narrative,
            last_news=self.last_news,
            last_news_on=inside("last_news_on", self.last_news_on, PartialDay.to_domain),
            companions=self.companions,
            route=self.route,
            fears=self.fears,
        )


class Sought(Strict):
    """A sought person, and what they are to the enquirer: `mother` means *my mother*."""

    person: Person
    relation: Annotated[Relation, Choice]


class Consent(Strict):
    """A person's agreement to a use. `recipients` are codes of peers.

    `items`: what of the person may be told to these, and to a found person. `authority` stands
    alone, and its recipients are codes of authorities.
    """

    person: PersonReference | None = None
    uses: Annotated[tuple[Annotated[consent.Use, Choice], ...], Few]
    form: Annotated[consent.ConsentForm, Choice]
    given_on: Day
    holds_until: Day | None = None
    recipients: Annotated[tuple[Brief, ...], Few] = ()
    withdrawn_on: Day | None = None
    items: Annotated[tuple[Annotated[consent.Detail, Choice], ...], Few] = tuple(
        sorted(consent.USUAL)
    )

    def to_domain(self, person: PersonId) -> consent.Consent:
        """Return this person's consent."""
        if self.person is not None and self.person != person:
            raise InvalidInput("person", "must be the person's own: nobody consents for another")
        return consent.Consent(
            person=person,
            uses=frozenset(self.uses),
            form=self.form,
            given_on=self.given_on,
            holds_until=self.holds_until,
            recipients=tuple(self.recipients),
            withdrawn_on=self.withdrawn_on,
            items=frozenset(self.items),
        )


class Exclusion(Strict):
    """That authorities are told nothing of the person: these, by their codes; none named means all.

    It goes before every agreement, until it is taken back.
    """

    said_on: Day
    authorities: Annotated[tuple[Brief, ...], Few] = ()
    withdrawn_on: Day | None = None

    def to_domain(self) -> consent.Exclusion:
        """Return the exclusion."""
        return consent.Exclusion(self.said_on, tuple(self.authorities), self.withdrawn_on)


class Notice(Strict):
    """What the enquirer was told about their data."""

    version: Brief
    language: Brief
    given_on: Day

    def to_domain(self) -> consent.InformationNotice:
        """Return the notice."""
        return consent.InformationNotice(self.version, self.language, self.given_on)


class TracingRequest(Strict):
    """The formal enquiry: one enquirer, and the persons sought by them.

    `withheld`: another society asks, and keeps the enquirer's name back. It is answered, never new.
    `excluded`: authorities that the enquirer wants told nothing. `detrimental`: what is said here
    of a prisoner, internee or detainee goes to the Central Tracing Agency alone.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    enquirer: Person
    sought: Annotated[tuple[Sought, ...], Field(max_length=domain.MAX_SOUGHT, strict=False)]
    legal_basis: Annotated[LegalBasis, Choice]
    contact: Contact = Contact()
    separation: Separation = Separation()
    methods: Annotated[tuple[Annotated[domain.Method, Choice], ...], Few] = ()
    message: Story | None = None
    level: Annotated[domain.Level, Choice] = domain.Level.NORMAL
    child_enquirer: bool = False
    consents: Annotated[tuple[Consent, ...], Few] = ()
    notice: Notice | None = None
    withheld: bool = False
    excluded: Annotated[tuple[Exclusion, ...], Few] = ()
    detrimental: bool = False

    def created(self) -> domain.TracingRequest:
        """Return a request of persons that the node gives ids now."""
        if self.withheld:
            raise InvalidInput("withheld", "must be false: only another society keeps a name back")
        return self._made(new_person, new_person)

    def changed(self) -> domain.TracingRequest:
        """Return a request whose persons the node knows; sought persons may be new."""
        return self._made(known_person, known_or_new_person)

    def _made(self, make_enquirer: _Maker, make_sought: _Maker) -> domain.TracingRequest:
        with within("enquirer"):
            enquirer = make_enquirer(self.enquirer)
            enquirer = enquirer if self.withheld else require_named(enquirer)
        return domain.TracingRequest(
            enquirer=enquirer,
            sought=each("sought", self.sought, lambda one: _sought(one, make_sought)),
            legal_basis=self.legal_basis,
            contact=inside("contact", self.contact, Contact.to_domain) or domain.NO_CONTACT,
            separation=inside("separation", self.separation, Separation.to_domain)
            or domain.Separation(),
            methods=frozenset(self.methods),
            message=self.message,
            level=self.level,
            child_enquirer=self.child_enquirer,
            consents=each("consents", self.consents, lambda one: one.to_domain(enquirer.id)),
            notice=inside("notice", self.notice, Notice.to_domain),
            withheld=self.withheld,
            excluded=each("excluded", self.excluded, Exclusion.to_domain),
            detrimental=self.detrimental,
        )


class NewCase(TracingRequest):
    """A tracing request that opens a case, and the intake that it comes from, if any."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    intake: Annotated[str, Field(max_length=30)] | None = None


def _sought(shape: Sought, make: _Maker) -> domain.Sought:
    with within("person"):
        person = require_named(make(shape.person))
    return domain.Sought(person, shape.relation)
