"""What of a tracing request leaves for another society: the least that a search needs (P-15).

Contact, free text, health, ethnicity, religion and detention stay home. Towards a society whose
data protection is *at risk* the request goes without the enquirer and without the family of the
sought persons, until a found person asks who is searching (P-16). So it does where the enquirer
has not agreed that their name is told. Their address, phones, e-mail and story follow once the
society has given information, as far as they agreed: then the two can reach each other.
"""

from dataclasses import dataclass, replace
from datetime import date

from rfl.domain import text
from rfl.domain.care import Credibility, Established, Screening
from rfl.domain.consent import USUAL, Detail, Exclusion, Use, reached
from rfl.domain.ids import PersonId, check_id
from rfl.domain.masked import Masked
from rfl.domain.person import IdentifierKind, Person, Place, is_country, require_named
from rfl.domain.request import (
    MAX_SOUGHT,
    UNKNOWN_SEPARATION,
    Contact,
    Level,
    Method,
    Separation,
    Sought,
    TracingRequest,
)
from rfl.errors import InvalidInput


@dataclass(frozen=True, slots=True, repr=False)
class Statement(Masked):
    """What the asking society states, and signs with the letter: judged, screened, and when.

    `relationship` may be *not established*; then no address is told (P-07). The words of the
    judgement stay home: they are the family's.
    """

    relationship: Established
    judged_on: date
    screened_on: date


@dataclass(frozen=True, slots=True, repr=False)
class Reach(Masked):
    """How a found person may reach the enquirer, and the enquirer's own words about the loss."""

    address: Place | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    story: str | None = None

    def __post_init__(self) -> None:
        text.optional_story(self.story, "story")
        Contact(phones=self.phones, emails=self.emails)


@dataclass(frozen=True, slots=True, repr=False)
class Dossier(Masked):
    """A request as another society reads it. `due_on` is when the asking society hopes to hear.

    `origin`: the society that looks after the enquirer, where an intermediary asks and may say so.
    `reach`: only once the society that reads it has given information. `excluded`: authorities that
    the enquirer wants told nothing (P-09). `detrimental`: only the Central Tracing Agency reads it,
    and passes nothing of it on (P-36). `leads`: who accompanies whom of the sought persons, where
    authorities forbid to search for them. `level`: how few people may read it, there too (P-32).
    """

    sought: tuple[Sought, ...]
    methods: frozenset[Method]
    statement: Statement
    due_on: date
    country: str | None = None
    enquirer: Person | None = None
    separation: Separation = UNKNOWN_SEPARATION
    child_enquirer: bool = False
    origin: str | None = None
    reach: Reach | None = None
    excluded: tuple[Exclusion, ...] = ()
    detrimental: bool = False
    leads: tuple[tuple[PersonId, PersonId], ...] = ()
    level: Level = Level.NORMAL

    def __post_init__(self) -> None:
        if not 1 <= len(self.sought) <= MAX_SOUGHT:
            raise InvalidInput("sought", f"must hold 1 to {MAX_SOUGHT} persons")
        text.optional_lines(self, ("origin",))
        if self.country is not None and not is_country(self.country):
            raise InvalidInput("country", "must be two capital letters (ISO 3166-1 alpha-2)")
        persons = [require_named(one.person) for one in self.sought]
        if self.enquirer is not None:
            persons.append(self.enquirer)
        ids = [check_id(person.id, "per", field="sought") for person in persons]
        if len(set(ids)) != len(ids):
            raise InvalidInput("sought", "must be distinct persons, none of them the enquirer")
        led = [accompanying for accompanying, _lead in self.leads]
        known = {one for pair in self.leads for one in pair} <= set(self.persons)
        if not known or len(set(led)) != len(led) or set(led) & {lead for _one, lead in self.leads}:
            raise InvalidInput("leads", "must each name a sought person and another who leads")

    @property
    def persons(self) -> tuple[PersonId, ...]:
        """The sought persons' ids in their order; results name them."""
        return tuple(one.person.id for one in self.sought)

    def named_since(self, before: "Dossier") -> int:
        """Return how many persons it names that the one before did not.

        Somebody with none of the names from before is another person, whatever the id.
        """
        known = {one.person.id: _names(one) for one in before.sought}
        return sum(known.get(one.person.id, set()).isdisjoint(_names(one)) for one in self.sought)


def _names(sought: Sought) -> set[str]:
    return {name.text for name in sought.person.names}


@dataclass(frozen=True, slots=True)
class Measure:
    """How much may leave: identifiers by policy (P-18), and what of the enquirer they agreed to."""

    identifiers: frozenset[IdentifierKind] = frozenset()
    details: frozenset[Detail] = USUAL


UNNAMED: frozenset[Detail] = frozenset()
"""Nothing of the enquirer: towards a society whose data protection is at risk (P-16)."""


def stated(credibility: Credibility | None, screening: Screening | None) -> Statement:
    """Return what a society may state of a case that it judged and screened, or raise."""
    if credibility is None:
        raise InvalidInput("credibility", "must be judged before a request is sent (P-07)")
    if screening is None:
        raise InvalidInput("screening", "must be answered before a request is sent (P-06)")
    return Statement(credibility.relationship, credibility.on, screening.on)


def least(
    request: TracingRequest,
    methods: frozenset[Method],
    statement: Statement,
    due_on: date,
    measure: Measure,
) -> Dossier:
    """Return the least of a request that a search elsewhere needs."""
    sought = tuple(replace(one, person=_described(one.person, measure)) for one in request.sought)
    told = request.separation
    separation = Separation(cause=told.cause, when=told.when, place=told.place)
    is_told = Detail.SEPARATION in measure.details
    return Dossier(
        sought=sought,
        methods=methods,
        statement=statement,
        due_on=due_on,
        enquirer=_named(request.enquirer, measure.details),
        separation=separation if is_told else UNKNOWN_SEPARATION,
        child_enquirer=request.child_enquirer,
        excluded=request.excluded if Detail.NAME in measure.details else (),
        detrimental=request.detrimental,
        level=request.level,
    )


def reach_of(request: TracingRequest, details: frozenset[Detail]) -> Reach | None:
    """Return what of the enquirer follows good news, as far as they agreed; None if nothing."""
    contact, has = request.contact, details.__contains__
    reach = Reach(
        address=contact.address if has(Detail.ADDRESS) else None,
        phones=contact.phones if has(Detail.PHONE) else (),
        emails=contact.emails if has(Detail.EMAIL) else (),
        story=request.separation.narrative if has(Detail.STORY) else None,
    )
    return None if reach == Reach() else reach


def may_be_told(request: TracingRequest, asked_by: str | None, on: date) -> frozenset[Detail]:
    """Return what of the enquirer a found person may be told on a day, beyond the relation.

    Where another society asks, this is what it sent: it has cut it to the enquirer's agreement.
    """
    if asked_by is None:
        return reached(request.consents, Use.SEARCH, on)
    if request.withheld:
        return UNNAMED
    who, told = request.enquirer, {Detail.NAME}
    if who.birth is not None or who.birth_place is not None:
        told.add(Detail.BIRTH)
    if request.separation != UNKNOWN_SEPARATION:
        told.add(Detail.SEPARATION)
    contact = request.contact
    came = {
        Detail.ADDRESS: contact.address,
        Detail.PHONE: contact.phones,
        Detail.EMAIL: contact.emails,
        Detail.STORY: request.separation.narrative,
    }
    return frozenset(told | {detail for detail, value in came.items() if value})


def _described(person: Person, measure: Measure) -> Person:
    """Return a sought person with what a search goes by."""
    return Person(
        id=person.id,
        names=person.names,
        sex=person.sex,
        birth=person.birth,
        birth_place=person.birth_place,
        nationalities=person.nationalities,
        kin=person.kin if Detail.NAME in measure.details else (),
        last_address=person.last_address,
        identifiers=tuple(one for one in person.identifiers if one.kind in measure.identifiers),
        journey=person.journey,
    )


def _named(person: Person, details: frozenset[Detail]) -> Person | None:
    """Return an enquirer with what a found person is told when they ask who is searching."""
    if Detail.NAME not in details:
        return None
    named = Person(id=person.id, names=person.names, sex=person.sex)
    if Detail.BIRTH not in details:
        return named
    return replace(named, birth=person.birth, birth_place=person.birth_place)
