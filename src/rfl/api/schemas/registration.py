"""A person on somebody's list; the fields are those of `rfl.domain.registration`."""

from typing import Annotated

from pydantic import ConfigDict, JsonValue

from rfl.api.schemas.base import Choice, Day, Few, Line, Name, Story, Strict, each, inside
from rfl.api.schemas.person import Person, known_person, new_person
from rfl.api.schemas.request import Consent, Contact, Exclusion
from rfl.domain import registration as domain
from rfl.domain.person import Person as Described
from rfl.domain.purpose import LegalBasis
from rfl.domain.request import NO_CONTACT, Level
from rfl.errors import within

EXAMPLE: dict[str, JsonValue] = {
    "person": {
        "names": [{"text": "مريم حسيني"}],
        "sex": "female",
        "birth": {"text": "1961"},
        "last_address": {"country": "MK", "town": "Gevgelija"},
    },
    "source": {
        "kind": "camp",
        "owner": "Vinojug transit camp",
        "record_id": "V-0041",
        "reliability": "stated",
        "stated_on": "2026-02-01",
    },
    "status": "registered",
    "legal_basis": "vital_interest",
}


class Source(Strict):
    """Where a registration comes from, and its id there."""

    kind: Annotated[domain.SourceKind, Choice]
    owner: Name
    record_id: Name | None = None
    reliability: Annotated[domain.Reliability, Choice] = domain.Reliability.UNKNOWN
    sharing: Annotated[domain.Sharing, Choice] = domain.Sharing.HERE_ONLY
    stated_on: Day | None = None
    expires_on: Day | None = None

    def to_domain(self) -> domain.Source:
        """Return the source, or raise InvalidInput if it contradicts itself."""
        return domain.Source(**dict(self))


class ChildCare(Strict):
    """Of a registered child: who looks after it, why it is registered, and what it wishes."""

    arrangement: Line
    best_interest: Story
    contact: Annotated[domain.Wish, Choice]
    reunification: Annotated[domain.Wish, Choice]
    guardian: Line | None = None

    def to_domain(self) -> domain.ChildCare:
        """Return what staff wrote down."""
        return domain.ChildCare(**dict(self))


class Registration(Strict):
    """One person on one list: who says so, how reliably, and what may be done with it.

    `consents` and `excluded`: what the person says about authorities. `detrimental`: it would harm
    if passed on, and goes to the Central Tracing Agency alone.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    person: Person
    source: Source
    status: Annotated[domain.Status, Choice]
    legal_basis: Annotated[LegalBasis, Choice]
    contact: Contact = Contact()
    remarks: Story | None = None
    level: Annotated[Level, Choice] = Level.NORMAL
    care: ChildCare | None = None
    consents: Annotated[tuple[Consent, ...], Few] = ()
    excluded: Annotated[tuple[Exclusion, ...], Few] = ()
    detrimental: bool = False

    def created(self) -> domain.Registration:
        """Return a registration of a person that the node gives an id now."""
        with within("person"):
            person = new_person(self.person)
        return self._made(person)

    def changed(self) -> domain.Registration:
        """Return a registration of a person that the node knows."""
        with within("person"):
            person = known_person(self.person)
        return self._made(person)

    def _made(self, person: Described) -> domain.Registration:
        with within("source"):
            source = self.source.to_domain()
        return domain.Registration(
            person=person,
            source=source,
            status=self.status,
            legal_basis=self.legal_basis,
            contact=inside("contact", self.contact, Contact.to_domain) or NO_CONTACT,
            remarks=self.remarks,
            level=self.level,
            care=inside("care", self.care, ChildCare.to_domain),
            consents=each("consents", self.consents, lambda one: one.to_domain(person.id)),
            excluded=each("excluded", self.excluded, Exclusion.to_domain),
            detrimental=self.detrimental,
        )
