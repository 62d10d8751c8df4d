"""What two sets of places say together. A first version: country, province and town by name.

A gazetteer with old and other-language names comes on top of this; here a town is a name, and
the name matcher compares it across scripts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rfl.domain.masked import Masked
from rfl.domain.person import Person, Place
from rfl.matching.evidence import Contribution, fixed
from rfl.matching.features import compare_names
from rfl.matching.names import PreparedName, prepare_name

MAX_PLACES = 6
SAME_TOWN: Final = 2.4
SAME_PROVINCE: Final = 1.5
SAME_COUNTRY: Final = 0.5
OTHER_TOWN: Final = -0.2
OTHER_PROVINCE: Final = -0.6
OTHER_COUNTRY: Final = -0.9
_ALIKE: Final = 0.86


@dataclass(frozen=True, slots=True, repr=False)
class PreparedPlaces(Masked):
    """Countries, provinces and towns where a person was born or lived."""

    countries: frozenset[str] = frozenset()
    provinces: tuple[PreparedName, ...] = ()
    towns: tuple[PreparedName, ...] = ()


def prepare_places(person: Person) -> PreparedPlaces:
    """All places of a description together: birth, last address, journey."""
    places = [place for place in (person.birth_place, person.last_address) if place]
    places += [stay.place for stay in person.journey[:MAX_PLACES]]
    if not places:
        return _NOWHERE
    return PreparedPlaces(
        countries=frozenset(place.country for place in places if place.country),
        provinces=_names(place.province for place in places),
        towns=_names(_town(place) for place in places),
    )


def compare_places(left: PreparedPlaces, right: PreparedPlaces) -> Contribution:
    """The strongest agreement, else the mildest conflict; people move, so conflict is small."""
    if left is _NOWHERE or right is _NOWHERE:
        return fixed("places.unknown")
    if _any_alike(left.towns, right.towns):
        return fixed("places.town_agrees", SAME_TOWN)
    if _any_alike(left.provinces, right.provinces):
        return fixed("places.province_agrees", SAME_PROVINCE)
    return _countries(left, right)


def _countries(left: PreparedPlaces, right: PreparedPlaces) -> Contribution:
    if not left.countries or not right.countries:
        if left.towns and right.towns:
            return fixed("places.towns_differ", OTHER_TOWN)
        return fixed("places.unknown")
    if left.countries & right.countries:
        if left.provinces and right.provinces:  # In two provinces nobody has one town.
            return fixed("places.towns_differ", OTHER_PROVINCE)
        return fixed("places.country_agrees", SAME_COUNTRY)
    return fixed("places.countries_differ", OTHER_COUNTRY)


def _town(place: Place) -> str | None:
    return place.town or place.text


def _names(texts: Iterable[str | None]) -> tuple[PreparedName, ...]:
    return tuple(prepare_name(text) for text in texts if text)[:MAX_PLACES]


def _any_alike(left: Iterable[PreparedName], right: tuple[PreparedName, ...]) -> bool:
    return any(_alike(one, other) for one in left for other in right)


def _alike(one: PreparedName, other: PreparedName) -> bool:
    found = compare_names(one, other)
    return found is not None and found.cover_short >= _ALIKE and found.cover_long >= 0.5


_NOWHERE = PreparedPlaces()
