"""Whose data could have been read, and in which order they are told (P-30).

The order is the harm that reading can do: whoever may be persecuted for what was read comes first.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import IntEnum

import msgspec

from rfl.domain import text
from rfl.domain.dates import age_on
from rfl.domain.groups import Group
from rfl.domain.ids import check_id
from rfl.domain.masked import Masked
from rfl.domain.person import Person
from rfl.domain.question import check_span
from rfl.domain.registration import ADULT_AGE, Registration
from rfl.domain.request import Contact, Level, TracingRequest
from rfl.errors import InvalidInput

LEAST_PASSPHRASE = 15


class Band(IntEnum):
    """When a person is told: at once, on the same day, soon, or with the rest."""

    AT_ONCE = 1
    FIRST_DAY = 2
    SOON = 3
    THEN = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """By whom, and from when until when: exactly one of an account, a society and a key version.

    What a society was sent stays with it, so of a society everything sent before `until` counts;
    whoever has a copy of the database and a version of the keys has all that was under it.
    """

    since: datetime
    until: datetime
    actor: str | None = None
    node: str | None = None
    key: int | None = None

    def __post_init__(self) -> None:
        check_span(self.since, self.until)
        if [self.actor, self.node, self.key].count(None) != 2:
            raise InvalidInput("breach", "needs exactly one of --actor, --node and --key")
        if self.actor not in (None, "service"):
            check_id(str(self.actor), "acc", field="actor")
        if self.node is not None:
            text.line(self.node, "node", 40)

    def words(self) -> tuple[str, ...]:
        """Return what a second administrator agrees to."""
        span = (self.since.isoformat(), self.until.isoformat())
        named = {"actor": self.actor, "node": self.node, "key": self.key}
        return (*span, *(f"{name} {value}" for name, value in named.items() if value is not None))


@dataclass(frozen=True, slots=True, repr=False)
class Reach(Masked):
    """How a person is reached safely, as they said; empty for whoever is being looked for."""

    channel: str | None = None
    hours: str | None = None
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    address: dict[str, str | None] | None = None
    alternates: tuple[str, ...] = ()
    representative: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Concerned(Masked):
    """One person whose data could have been read.

    `part`: what they are in the record. `languages`: the first is that of their letters.
    `attachments`: the photos and documents of their case that could be read too.
    """

    record: str
    part: str
    names: tuple[str, ...]
    languages: tuple[str, ...]
    reach: Reach
    groups: tuple[str, ...]
    band: Band
    why: tuple[str, ...]
    attachments: int = 0


class Other(msgspec.Struct, frozen=True, tag="other"):
    """A record that names nobody to be told (a call, a list): its id, for its officer."""

    record: str
    kind: str
    groups: tuple[str, ...]


class Gone(msgspec.Struct, frozen=True, tag="gone"):
    """A log id that leads to nobody any more: what it named was erased since."""

    log_id: str
    groups: tuple[str, ...]


def concerned_by(
    record: str, content: TracingRequest | Registration, groups: Collection[Group], today: datetime
) -> list[Concerned]:
    """Return the persons of a record, of whom these groups could have been read."""
    band, why = _risk(content, groups, today)
    kept = tuple(sorted(groups))
    if isinstance(content, Registration):
        people = [("registered", content.person, content.contact)]
    else:
        nobody = Contact()
        people = [("enquirer", content.enquirer, content.contact)]
        people += [("sought", one.person, nobody) for one in content.sought]
    return [
        Concerned(
            record=record,
            part=part,
            names=tuple(name.text for name in person.names),
            languages=_languages(person, contact),
            reach=_reach(contact),
            groups=kept,
            band=band,
            why=why,
        )
        for part, person, contact in people
    ]


def _languages(person: Person, contact: Contact) -> tuple[str, ...]:
    letters = (contact.letters_language,) if contact.letters_language else ()
    return tuple(dict.fromkeys((*letters, *person.languages)))


def _reach(contact: Contact) -> Reach:
    return Reach(
        channel=contact.safest_channel,
        hours=contact.hours,
        phones=contact.phones,
        emails=contact.emails,
        address=asdict(contact.address) if contact.address is not None else None,
        alternates=contact.alternates,
        representative=contact.representative,
    )


def _risk(
    content: TracingRequest | Registration, groups: Collection[Group], today: datetime
) -> tuple[Band, tuple[str, ...]]:
    """Return the band of a record, and the reasons for it as stable codes."""
    danger, care = _dangers(content), _cares(content, today)
    read = [group for group in _telling(content) if group in groups]
    more = [group for group in (Group.CONTACT, Group.CIRCUMSTANCES) if group in groups]
    if danger and (read or more):
        return Band.AT_ONCE, (*danger, *read, *more)
    if danger or care or read:
        return Band.FIRST_DAY, (*danger, *care, *read)
    return (Band.SOON, tuple(more)) if more else (Band.THEN, (Group.IDENTITY,))


def _telling(content: TracingRequest | Registration) -> list[Group]:
    """The groups that hold more than most people's do: faith, origin, health, or where they are."""
    marked = any(one.ethnicity or one.religion or one.health for one in _persons(content))
    placed = isinstance(content, Registration)
    return [Group.RESULT] * placed + [Group.SENSITIVE] * marked


def _dangers(content: TracingRequest | Registration) -> list[str]:
    found = [] if content.level is Level.NORMAL else [str(content.level)]
    if isinstance(content, TracingRequest) and content.separation.fears:
        found.append("fears")
    if any(person.detention for person in _persons(content)):
        found.append("detention")
    return found


def _cares(content: TracingRequest | Registration, today: datetime) -> list[str]:
    asks = isinstance(content, TracingRequest) and content.child_enquirer
    births = [one.birth for one in _persons(content) if one.birth is not None]
    young = any(age_on(birth, today.date())[0] < ADULT_AGE for birth in births)
    return ["child"] if asks or young else []


def _persons(content: TracingRequest | Registration) -> Sequence[Person]:
    return [content.person] if isinstance(content, Registration) else content.persons()
