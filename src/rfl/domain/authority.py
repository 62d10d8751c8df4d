"""What one authority is told of one person, once, and never as a feed (P-09).

Either the person permits it, and a second officer agrees; or a law compels it, and the data
protection officer decides, after the Central Tracing Agency was told if that law allows. Only the
items that were asked for are given. Nothing of what is given is kept here: a disclosure says which
items, and not what they are.
"""

from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from enum import StrEnum

from rfl.domain import text
from rfl.domain.approval import Approval, Approves, Exact
from rfl.domain.consent import Consent, Detail, Exclusion, Use, check_authority, reached
from rfl.domain.dates import PartialDate
from rfl.domain.groups import Group
from rfl.domain.ids import PersonId
from rfl.domain.masked import Masked
from rfl.domain.person import Name, Person, Place, Sex
from rfl.domain.policy import TO_THE_AGENCY
from rfl.domain.registration import Registration
from rfl.domain.request import Contact, Separation, TracingRequest
from rfl.errors import Conflict, Forbidden, InvalidInput

AUTHORITY = "authority/"
"""What the code of an authority stands behind in the log, where a society's would stand."""

NO_PERMISSION = "The person has not permitted that this authority is told these items (P-09)."
EXCLUDED = "The person has excluded this authority (P-09)."


class Ground(StrEnum):
    """Why an authority is told."""

    PERMISSION = "permission"
    ORDER = "order"


class About(StrEnum):
    """Which side holds what the person said, and so who may ask for it."""

    ENQUIRER = "enquirer"
    SOUGHT = "sought"
    REGISTERED = "registered"


@dataclass(frozen=True, slots=True, repr=False)
class Order(Masked):
    """What compels a society to tell: the authority's reference, the law, and the day."""

    reference: str
    law: str
    dated: date

    def __post_init__(self) -> None:
        text.line(self.reference, "reference", 200)
        text.line(self.law, "law", 400)


@dataclass(frozen=True, slots=True, repr=False)
class Agency(Masked):
    """That the Central Tracing Agency was told before, on a day; or which law forbids that."""

    told_on: date | None = None
    forbidden_by: str | None = None

    def __post_init__(self) -> None:
        if (self.told_on is None) == (self.forbidden_by is None):
            rule = "must say on which day the agency was told, or which law forbids it"
            raise InvalidInput("agency", rule)
        text.optional_line(self.forbidden_by, "forbidden_by")

    def require_past(self, today: date) -> None:
        """Raise InvalidInput for a day to come: the agency is told before the authority is."""
        if self.told_on is not None and self.told_on > today:
            raise InvalidInput("agency.told_on", "must not lie in the future: it is told before")


@dataclass(frozen=True, slots=True, repr=False)
class Asked(Masked):
    """One exact request: these items of this person of this record, for this authority."""

    record: str
    about: About
    person: PersonId
    authority: str
    items: frozenset[Detail]
    order: Order | None = None

    def __post_init__(self) -> None:
        check_authority(self.authority, "authority")
        if not self.items:
            raise InvalidInput("items", "must name at least one item")

    @property
    def ground(self) -> Ground:
        """An order compels; without one it is the person's to permit."""
        return Ground.PERMISSION if self.order is None else Ground.ORDER

    @property
    def exact(self) -> Exact:
        """What a second officer agrees to: nothing else than this."""
        said: tuple[str, ...] = (self.about, self.person, self.authority, *sorted(self.items))
        if self.order is not None:
            said += (self.order.reference, self.order.law, self.order.dated.isoformat())
        return Exact(Approves.DISCLOSURE, self.record, said)


@dataclass(frozen=True, slots=True, repr=False)
class Decided(Masked):
    """What the second officer decided, and why; for an order, what the agency was told."""

    agrees: bool
    by: str
    at: datetime
    reason: str
    agency: Agency | None = None

    def __post_init__(self) -> None:
        text.story(self.reason, "reason", 4_000)


@dataclass(frozen=True, slots=True, repr=False)
class Disclosure(Masked):
    """A request to tell an authority, with what became of it.

    `approval` is bound to the digest of the exact request, ends, and is used once: by giving.
    `against`: the person had excluded the authority when it was given under an order.
    """

    asked: Asked
    approval: Approval
    decided: Decided | None = None
    against: bool = False

    def then(self, decided: Decided) -> "Disclosure":
        """Return it as the second officer decides, or raise Conflict, Forbidden or InvalidInput.

        One that is refused is asked for anew or not at all.
        """
        if self.decided is not None:
            raise Conflict("This disclosure was decided before.")
        is_lawful = decided.agrees and self.asked.order is not None
        if (decided.agency is not None) != is_lawful:
            raise InvalidInput("agency", "must be said where an order is obeyed, and there alone")
        if not decided.agrees:
            return replace(self, decided=decided)
        approval = self.approval.approved(decided.by, decided.at)
        return replace(self, approval=approval, decided=decided)

    def given(self, by: str, at: datetime, *, against: bool) -> "Disclosure":
        """Return it as given, once, by who asked for it; or raise Forbidden."""
        used = self.approval.used(self.asked.exact.digest, by, at)
        return replace(self, approval=used, against=against)


@dataclass(frozen=True, slots=True, repr=False)
class Stance(Masked):
    """What a person said about authorities, and whether what is held of them may be passed on."""

    consents: tuple[Consent, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    detrimental: bool = False

    def excludes(self, authority: str, on: date) -> bool:
        """True if the person excludes this authority on a day."""
        return any(one.covers(on, authority) for one in self.excluded)

    def require(self, asked: Asked, on: date) -> None:
        """Raise Conflict or Forbidden unless this may be told to this authority on a day."""
        if self.detrimental:
            raise Conflict(TO_THE_AGENCY)
        if asked.order is not None:
            return
        if self.excludes(asked.authority, on):
            raise Forbidden(EXCLUDED)
        if not asked.items <= reached(self.consents, Use.AUTHORITY, on, asked.authority):
            raise Forbidden(NO_PERMISSION)


@dataclass(frozen=True, slots=True, repr=False)
class Facts(Masked):
    """What is held of a person, each field under the item that reaches it."""

    names: tuple[Name, ...] = ()
    sex: Sex | None = None
    birth: PartialDate | None = None
    birth_place: Place | None = None
    separation: Separation | None = None
    address: Place | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    story: str | None = None

    @staticmethod
    def groups(items: frozenset[Detail]) -> tuple[Group, ...]:
        """Return the groups that these items are of, as the log names them."""
        named = {_GROUP[item] for item in items}
        return tuple(group for group in Group if group in named)

    def within(self, items: frozenset[Detail]) -> "Facts":
        """Return only what these items reach."""
        kept = {
            one.name: getattr(self, one.name) for one in fields(self) if _ITEM[one.name] in items
        }
        return Facts(**kept)


_GROUP: dict[Detail, Group] = {
    Detail.NAME: Group.IDENTITY,
    Detail.BIRTH: Group.IDENTITY,
    Detail.PHOTO: Group.IDENTITY,
    Detail.ADDRESS: Group.CONTACT,
    Detail.PHONE: Group.CONTACT,
    Detail.EMAIL: Group.CONTACT,
    Detail.SEPARATION: Group.CIRCUMSTANCES,
    Detail.STORY: Group.CIRCUMSTANCES,
}
_ITEM: dict[str, Detail] = {
    "names": Detail.NAME,
    "sex": Detail.NAME,
    "birth": Detail.BIRTH,
    "birth_place": Detail.BIRTH,
    "separation": Detail.SEPARATION,
    "address": Detail.ADDRESS,
    "phones": Detail.PHONE,
    "emails": Detail.EMAIL,
    "photos": Detail.PHOTO,
    "story": Detail.STORY,
}


def facts_of_enquirer(request: TracingRequest) -> Facts:
    """Return what the enquirer said of themself and of the separation."""
    told = request.separation
    short = Separation(cause=told.cause, when=told.when, place=told.place)
    known = _described(request.enquirer, request.contact)
    return replace(known, separation=short, story=told.narrative)


def facts_of_registered(registration: Registration) -> Facts:
    """Return what a list and its staff say of a registered person."""
    known = _described(registration.person, registration.contact)
    return replace(known, address=known.address or registration.person.last_address)


def facts_of_sought(person: Person, phone: str | None, address: str | None) -> Facts:
    """Return how a sought person is described, and how the search has reached them.

    Where the family last knew them is the family's to tell, and is no address of theirs.
    """
    known = _described(person, Contact(phones=(phone,) if phone else ()))
    return replace(known, address=Place(text=address) if address else None)


def _described(person: Person, contact: Contact) -> Facts:
    return Facts(
        names=person.names,
        sex=person.sex,
        birth=person.birth,
        birth_place=person.birth_place,
        address=contact.address,
        phones=contact.phones,
        emails=contact.emails,
        photos=person.photos,
    )
