"""What two sets of places say together: a town, a province, nearness, a country.

The gazetteer tells that Leningrad is Saint Petersburg and that هرات is Herat; what it does not
know falls to the name matcher. People move, so places that differ weigh little.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Final

from rfl.domain.masked import Masked
from rfl.domain.person import Person
from rfl.matching.evidence import Contribution, contribution, fixed
from rfl.matching.features import compare_names
from rfl.matching.gazetteer import Town, gazetteer
from rfl.matching.names import PreparedName, prepare_name

MAX_PLACES = 6
MAX_PARTS = 5

# Natural logarithms. A small town tells more than a capital, in which many were born.
SMALL_TOWN: Final = 3.0
LARGE_TOWN: Final = 1.7
UNLISTED_TOWN: Final = 2.4
SAME_PROVINCE: Final = 1.5
NEAR: Final = 1.0
SAME_COUNTRY: Final = 0.5
OTHER_TOWN: Final = -0.2
NEIGHBOUR_COUNTRY: Final = -0.4
OTHER_PROVINCE: Final = -0.6
OTHER_COUNTRY: Final = -0.9
NEAR_KILOMETRES: Final = 40.0

_LEAST_POPULATION: Final = 15_000
_WEIGHT_OF_SIZE: Final = 0.22
_ALIKE: Final = 0.86

Levels = tuple[str | None, str | None, str | None, str | None]
"""A place as given: country, province, town, and words."""

_PARTING = re.compile(r"[,;/|()\n،؛、，]|\s[-–—]\s")


@dataclass(frozen=True, slots=True, repr=False)
class PreparedPlaces(Masked):
    """Where a person was born or lived: what the gazetteer knows, and the names it does not.

    `towns` are numbers of the gazetteer; one name may mean several. `unlisted` are names of
    towns, `provinces` names of provinces, each for the name matcher.
    """

    countries: frozenset[str] = frozenset()
    regions: frozenset[tuple[str, str]] = frozenset()
    towns: frozenset[int] = frozenset()
    unlisted: tuple[str, ...] = ()
    provinces: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()


def levels_of(person: Person) -> tuple[Levels, ...]:
    """All places of a description together: birth, last address, journey."""
    places = [place for place in (person.birth_place, person.last_address) if place]
    places += [stay.place for stay in person.journey[:MAX_PLACES]]
    return tuple([(one.country, one.province, one.town, one.text) for one in places])


def prepare_places(places: Sequence[Levels]) -> PreparedPlaces:
    """What these places are together."""
    return _joined([_resolved(*one) for one in places]) if places else _NOWHERE


def compare_places(left: PreparedPlaces, right: PreparedPlaces) -> Contribution:
    """The strongest agreement, else the mildest conflict."""
    if left is _NOWHERE or right is _NOWHERE:
        return _UNKNOWN
    same = left.towns & right.towns
    if same:
        return contribution("places.town_agrees", min(map(_weight_of_town, same)))
    if _spelled_alike(left, right):
        return fixed("places.town_agrees", UNLISTED_TOWN)
    if left.regions & right.regions or _any_alike(left.provinces, right.provinces):
        return fixed("places.province_agrees", SAME_PROVINCE)
    if _near(left.towns, right.towns):
        return fixed("places.towns_near", NEAR)
    return _countries(left, right)


def _countries(left: PreparedPlaces, right: PreparedPlaces) -> Contribution:
    if not left.countries or not right.countries:
        if left.spelled and right.spelled:
            return fixed("places.towns_differ", OTHER_TOWN)
        return fixed("places.unknown")
    if left.countries & right.countries:
        if left.provinces and right.provinces:  # In two provinces nobody has one town.
            return fixed("places.towns_differ", OTHER_PROVINCE)
        return fixed("places.country_agrees", SAME_COUNTRY)
    known = gazetteer().neighbours
    if any(known.get(one, frozenset()) & right.countries for one in left.countries):
        return fixed("places.neighbour_countries", NEIGHBOUR_COUNTRY)
    return fixed("places.countries_differ", OTHER_COUNTRY)


@lru_cache(maxsize=4_096)
def _resolved(
    country: str | None, province: str | None, town: str | None, text: str | None
) -> PreparedPlaces:
    """One place by the gazetteer; of free text each part may be a town or a country."""
    known = gazetteer()
    names = [town] if town else []
    for part in _parts(text):
        code = known.country(part)
        if code is None:
            names.append(part)
        country = country or code
    numbers = [number for name in names for number in known.named(name, country)]
    towns = [known.towns[number] for number in numbers]
    regions = known.province(province, country) if province else frozenset()
    return PreparedPlaces(
        countries=frozenset([country]) if country else _only_country(towns),
        regions=regions | frozenset((one.country, one.province) for one in towns[:1]),
        towns=frozenset(numbers),
        unlisted=tuple(name for name in names if not known.named(name, country)),
        provinces=(province,) if province else (),
        spelled=tuple(names),
    )


def _only_country(towns: list[Town]) -> frozenset[str]:
    """The country in which every town of the name lies; none if the name is in several."""
    countries = frozenset(town.country for town in towns)
    return countries if len(countries) == 1 else frozenset()


def _parts(text: str | None) -> Iterator[str]:
    if text:
        yield from [part.strip() for part in _PARTING.split(text) if part.strip()][:MAX_PARTS]


def _joined(parts: list[PreparedPlaces]) -> PreparedPlaces:
    return PreparedPlaces(
        countries=frozenset().union(*(part.countries for part in parts)),
        regions=frozenset().union(*(part.regions for part in parts)),
        towns=frozenset().union(*(part.towns for part in parts)),
        unlisted=_some(name for part in parts for name in part.unlisted),
        provinces=_some(name for part in parts for name in part.provinces),
        spelled=_some(name for part in parts for name in part.spelled),
    )


def _some(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))[:MAX_PLACES]


def _weight_of_town(number: int) -> float:
    people = max(_LEAST_POPULATION, gazetteer().towns[number].population)
    weight = SMALL_TOWN - _WEIGHT_OF_SIZE * math.log(people / _LEAST_POPULATION)
    return max(LARGE_TOWN, weight)


def _spelled_alike(left: PreparedPlaces, right: PreparedPlaces) -> bool:
    """A town that the gazetteer lacks, or a spelling that it lacks, is compared as a name."""
    return _any_alike(left.unlisted, right.spelled) or _any_alike(right.unlisted, left.spelled)


def _near(left: frozenset[int], right: frozenset[int]) -> bool:
    towns = gazetteer().towns
    return any(_kilometres(towns[a], towns[b]) <= NEAR_KILOMETRES for a, b in product(left, right))


def _kilometres(one: Town, other: Town) -> float:
    """Over a plane that touches between them: exact enough where near is what is asked."""
    middle = math.radians((one.latitude + other.latitude) / 2)
    east = (one.longitude - other.longitude) * math.cos(middle)
    return 111.2 * math.hypot(one.latitude - other.latitude, east)


def _any_alike(left: Iterable[str], right: tuple[str, ...]) -> bool:
    return any(_alike(_name(one), _name(other)) for one in left for other in right)


def _alike(one: PreparedName, other: PreparedName) -> bool:
    found = compare_names(one, other)
    return found is not None and found.cover_short >= _ALIKE and found.cover_long >= 0.5


@lru_cache(maxsize=2_048)
def _name(text: str) -> PreparedName:
    return prepare_name(text)


_NOWHERE = PreparedPlaces()
_UNKNOWN: Final = fixed("places.unknown")
