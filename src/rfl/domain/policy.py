"""A society's rules as data (P-17): what may be asked, searched, told and kept, by country.

A profile is a row of versions, each valid from one day to the next. A version holds the rules for
any country and, where a country of search differs, the rules there. `interchange.profile` reads it
from TOML; the checks that belong to the rules themselves are here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from rfl.domain.answer import Item
from rfl.domain.person import IdentifierKind, Relation, Sex
from rfl.domain.request import Method
from rfl.errors import Conflict, InvalidInput, within

ANY = "any"
TO_THE_AGENCY = "This would harm if passed on: it goes to the Central Tracing Agency alone (P-36)."
MOST_DAYS = 40_000
MOST_COPY_DAYS = 180
"""How long a copy lives at another society at most, unless it is renewed (guide: protocol)."""


class Field(StrEnum):
    """What an enquiry may be asked for before it is complete."""

    ENQUIRER_BIRTH = "enquirer.birth"
    ENQUIRER_ADDRESS = "enquirer.address"
    ENQUIRER_CHANNEL = "enquirer.safest_channel"
    SOUGHT_BIRTH = "sought.birth"
    SOUGHT_SEX = "sought.sex"
    SOUGHT_KIN = "sought.kin"
    SOUGHT_FATHER = "sought.kin.father"
    SOUGHT_LAST_ADDRESS = "sought.last_address"
    SEPARATION_CAUSE = "separation.cause"
    SEPARATION_WHEN = "separation.when"
    SEPARATION_PLACE = "separation.place"
    SEPARATION_NARRATIVE = "separation.narrative"
    METHODS = "methods"
    NOTICE = "notice"


class DataClass(StrEnum):
    """Classes of data whose time of keeping is set (P-24)."""

    ENQUIRY = "enquiry"
    OPEN_CASE = "open_case"
    CLOSED_CASE = "closed_case"
    REGISTRATION = "registration"
    MESSAGE = "message"
    SHARED_COPY = "shared_copy"
    LOG_BODY = "log_body"
    FINDING = "finding"


class AfterKeeping(StrEnum):
    """What becomes of data whose time is over."""

    REVIEW = "review"
    ARCHIVE = "archive"
    REMOVE = "remove"


CARRIED_OUT: Mapping[DataClass, frozenset[AfterKeeping]] = {
    **dict.fromkeys(DataClass, frozenset({AfterKeeping.REMOVE})),
    DataClass.OPEN_CASE: frozenset({AfterKeeping.REVIEW}),
    DataClass.CLOSED_CASE: frozenset(AfterKeeping),
}
"""What the node does by itself for each class; a profile that asks for more is not taken."""

BY_COUNTRY = frozenset({DataClass.OPEN_CASE, DataClass.CLOSED_CASE})
"""Classes that know a country of search: rules for one country may keep them longer or shorter."""


_BETWEEN = {
    DataClass.LOG_BODY: (30, MOST_DAYS),
    DataClass.SHARED_COPY: (14, MOST_COPY_DAYS),
}


@dataclass(frozen=True, slots=True)
class Keeping:
    """How many days a class of data is kept, and what comes then."""

    days: int
    then: AfterKeeping = AfterKeeping.REVIEW

    def __post_init__(self) -> None:
        _days(self.days, "days")


@dataclass(frozen=True, slots=True)
class ForbiddenSearch:
    """Authorities there forbid searching for persons of this sex: one of `led_by` leads.

    The person goes as accompanying; statistics and closing follow her all the same.
    """

    sex: Sex
    led_by: Sex

    def __post_init__(self) -> None:
        if self.sex is self.led_by:
            raise InvalidInput("led_by", "must not be the sex whose search is forbidden")


@dataclass(frozen=True, slots=True)
class Asking:
    """Who may ask, and what an enquiry must hold."""

    relations: frozenset[Relation] = frozenset(Relation)
    least_age: int = 0
    alone_from: int = 18
    required: frozenset[Field] = frozenset()
    required_if: tuple[tuple[Field, Field], ...] = ()

    def __post_init__(self) -> None:
        if not self.relations:
            raise InvalidInput("relations", "must name at least one relation")
        if not 0 <= self.least_age <= self.alone_from <= 21:
            raise InvalidInput("least_age", "must lie between 0 and alone_from, that at most 21")
        _no_circle(self.required_if)

    def wanted(self, present: Iterable[Field]) -> frozenset[Field]:
        """Return the fields still missing; a field that is present may ask for another."""
        has = frozenset(present)
        asked = set(self.required)
        asked |= {then for given, then in self.required_if if given in has}
        return frozenset(asked - has)


@dataclass(frozen=True, slots=True)
class Answering:
    """How long a search takes towards the enquirer (P-03), and the most that is told (P-02)."""

    answer_days: int = 180
    message_days: int = 120
    tell: frozenset[Item] = frozenset(Item)
    still_searching_days: int = 180
    review_days: int = 365

    def __post_init__(self) -> None:
        for name in ("answer_days", "message_days", "still_searching_days", "review_days"):
            _days(getattr(self, name), name)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for one country of search, or for any."""

    asking: Asking = field(default_factory=Asking)
    answering: Answering = field(default_factory=Answering)
    methods: frozenset[Method] = frozenset(Method)
    forbidden: tuple[ForbiddenSearch, ...] = ()
    identifiers: frozenset[IdentifierKind] = frozenset()
    photo_age: int = 15
    photos_of_children: bool = False
    keeping: Mapping[DataClass, Keeping] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not 0 <= self.photo_age <= 18:
            raise InvalidInput("photo_age", "must lie between 0 and 18")
        sexes = [one.sex for one in self.forbidden]
        if len(set(sexes)) != len(sexes):
            raise InvalidInput("forbidden", "must name a sex once")
        if {one.led_by for one in self.forbidden} & set(sexes):
            raise InvalidInput("forbidden", "must leave a sex that may lead")
        for kind, kept in self.keeping.items():
            if kept.then not in CARRIED_OUT[kind]:
                words = " or ".join(sorted(CARRIED_OUT[kind]))
                raise InvalidInput(f"keeping.{kind}.then", f"must be {words} for this class")
            if kind in _BETWEEN:
                least, most = _BETWEEN[kind]
                if not least <= kept.days <= most:
                    raise InvalidInput(f"keeping.{kind}.days", f"must be {least} to {most} days")

    def leads(self, sex: Sex) -> Sex | None:
        """Return the sex of the person who must lead this search, None if it is not forbidden."""
        return next((one.led_by for one in self.forbidden if one.sex is sex), None)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a profile, valid from `begins` to the day before the next.

    `agency`: the code of the Central Tracing Agency, to which alone goes what would harm a
    detained person if passed on (P-36). Without one it goes to nobody.
    """

    code: str
    begins: date
    ends: date | None
    any: Rules
    countries: Mapping[str, Rules] = field(default_factory=dict)
    agency: str | None = None

    def __post_init__(self) -> None:
        if self.ends is not None and self.ends < self.begins:
            raise InvalidInput("ends", "must not lie before begins")

    def rules(self, country: str | None) -> Rules:
        """Return the rules for a country of search."""
        return self.countries.get(country or ANY, self.any)

    @property
    def copy_seconds(self) -> int:
        """How long another society may keep what it is sent, unless it is sent anew."""
        kept = self.any.keeping.get(DataClass.SHARED_COPY)
        return 86_400 * (kept.days if kept is not None else MOST_COPY_DAYS)

    def is_agency(self, peer: str | None) -> bool:
        """True if this society is the Central Tracing Agency."""
        return self.agency is not None and peer == self.agency

    def require_may_hear(self, peer: str | None, *, detrimental: bool) -> None:
        """Raise Conflict for what would harm if passed on, unless this society is the agency."""
        if detrimental and not self.is_agency(peer):
            raise Conflict(TO_THE_AGENCY)


@dataclass(frozen=True, slots=True)
class Profile:
    """A society's rules through time."""

    name: str
    versions: tuple[Version, ...]

    def __post_init__(self) -> None:
        if not self.versions:
            raise InvalidInput("version", "must hold at least one version")
        codes = [one.code for one in self.versions]
        if len(set(codes)) != len(codes):
            raise InvalidInput("version", "must have a code of its own each")
        for number, (one, following) in enumerate(
            zip(self.versions, self.versions[1:], strict=False), start=1
        ):
            with within(f"version[{number}]"):
                _follows(one, following)
        if self.versions[-1].ends is not None:
            raise InvalidInput(f"version[{len(codes) - 1}].ends", "must be left out: the last")

    def on(self, day: date) -> Version:
        """Return the version that is valid on a day; before the first one, the first."""
        valid = [one for one in self.versions if one.begins <= day]
        return valid[-1] if valid else self.versions[0]


def _follows(one: Version, following: Version) -> None:
    if one.ends is None or following.begins <= one.ends:
        raise InvalidInput("begins", "overlaps the version before")
    if following.begins != one.ends + timedelta(days=1):
        raise InvalidInput("begins", "leaves a gap after the version before")


def _no_circle(pairs: Iterable[tuple[Field, Field]]) -> None:
    """A field that asks for another which asks for the first would never let anyone begin."""
    after: dict[Field, set[Field]] = {}
    for given, then in pairs:
        after.setdefault(given, set()).add(then)
    for start in after:
        seen: set[Field] = set()
        ahead = set(after[start])
        while ahead:
            if start in ahead:
                raise InvalidInput("required_if", "asks in a circle")
            seen |= ahead
            ahead = {then for one in ahead for then in after.get(one, ())} - seen


def _days(value: int, name: str) -> None:
    if not 1 <= value <= MOST_DAYS:
        raise InvalidInput(name, f"must be 1 to {MOST_DAYS} days")
