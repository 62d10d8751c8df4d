"""Places by name in any script: countries, and towns of 15,000 people or more (GeoNames).

The files are read at the first question. Of a name only a hash is kept, in flat arrays, so that
350,000 spellings take a few megabytes. `tables/places.tsv.xz` is made by
`tools/gazetteer.py`; `tables/places_more.tsv` is kept by hand: old names, and provinces.
"""

import lzma
import unicodedata
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from sys import intern
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

GAZETTEER_VERSION: Final = 1
"""Raised whenever either file or the rule of keys changes."""

MAX_TOWNS: Final = 12
"""Towns of one name that are looked at, the largest first."""

COUNTRY, TOWN, PROVINCE = "C", "T", "P"
_TABLES: Final = "rfl.matching.tables"

# Letters that do not fall apart into a letter and a mark, and those that two alphabets share.
_LETTERS = str.maketrans(
    {
        **dict(zip("ıøđłðŧħŋɛɔə", "iodldthneoe", strict=True)),
        **dict(zip("يىئكةۀەہھ", "یییکههههه", strict=True)),
        **{"æ": "ae", "œ": "oe", "þ": "th"},
    }
)
_MARKS: Final = ((0x300, 0x370), (0x483, 0x488), (0x591, 0x5C8), (0x610, 0x61B), (0x640, 0x641))
_MORE_MARKS: Final = ((0x64B, 0x660), (0x670, 0x671))
_DROPPED = dict.fromkeys(
    number for first, end in (*_MARKS, *_MORE_MARKS) for number in range(first, end)
)


class Town(NamedTuple):
    """A town: the province is a code of GeoNames within the country."""

    country: str
    province: str
    latitude: float
    longitude: float
    population: int


def key_of(name: str) -> str:
    """A name without case, marks, spaces and punctuation; letters of Arabic in one form."""
    if name.isascii():
        return "".join(filter(str.isalnum, name.lower()))
    plain = unicodedata.normalize("NFKD", name.casefold()).translate(_DROPPED).translate(_LETTERS)
    return "".join(char for char in plain if char.isalnum() or unicodedata.category(char)[0] == "M")


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """Towns as numbers, sorted by population, and where each spelling's hash leads."""

    towns: tuple[Town, ...]
    countries: dict[str, str]
    neighbours: dict[str, frozenset[str]]
    provinces: dict[tuple[str, str], str]
    _hashes: NDArray[np.int64]
    _numbers: NDArray[np.uint32]

    def country(self, name: str) -> str | None:
        """The code of the country that has this name in some language."""
        return self.countries.get(key_of(name))

    def named(self, name: str, country: str | None = None) -> tuple[int, ...]:
        """The towns of this name, the largest first, of one country if it is given."""
        key = key_of(name)
        if not key:
            return ()
        wanted = np.int64(hash(key))
        first = int(np.searchsorted(self._hashes, wanted, "left"))
        last = int(np.searchsorted(self._hashes, wanted, "right"))
        found = sorted({int(number) for number in self._numbers[first:last]})
        if country is not None:
            found = [number for number in found if self.towns[number].country == country]
        return tuple(found[:MAX_TOWNS])

    def province(self, name: str, country: str | None = None) -> frozenset[tuple[str, str]]:
        """The provinces of this name: those listed, else those of towns of the same name."""
        listed = self.provinces.get((country or "", key_of(name)))
        if listed is not None:
            return frozenset([(listed[:2], listed[3:])])
        towns = (self.towns[number] for number in self.named(name, country))
        return frozenset((town.country, town.province) for town in towns)

    @property
    def nbytes(self) -> int:
        """The bytes of the arrays of spellings."""
        return self._hashes.nbytes + self._numbers.nbytes


@cache
def gazetteer() -> Gazetteer:
    """The gazetteer, read once and kept."""
    towns: list[Town] = []
    countries: dict[str, str] = {}
    neighbours: dict[str, frozenset[str]] = {}
    hashes, numbers = array("q"), array("L")
    for kind, code, *rest in _rows(_packed_lines()):
        if kind == COUNTRY:
            neighbours[code] = frozenset(rest[0].split(","))
            countries |= dict.fromkeys(rest[1].split("|"), code)
            continue
        province, latitude, longitude, population, names = rest
        place = float(latitude), float(longitude)
        for name in names.split("|"):
            hashes.append(hash(name))
            numbers.append(len(towns))
        towns.append(Town(intern(code), intern(province), *place, int(population)))
    unsorted = np.array(hashes, dtype=np.int64)
    order = np.argsort(unsorted, kind="stable")
    lead = np.array(numbers, dtype=np.uint32)[order]
    plain = Gazetteer(tuple(towns), countries, neighbours, {}, unsorted[order], lead)
    return _with_more(plain)


def _with_more(plain: Gazetteer) -> Gazetteer:
    """Add the names kept by hand: each leads to a town that the gazetteer knows."""
    hashes, numbers, provinces = [], [], dict(plain.provinces)
    text = files(_TABLES).joinpath("places_more.tsv").read_text("utf-8")
    for kind, country, known, names in _rows(text.splitlines()):
        number = plain.named(known, country)[0]
        for name in names.split("|"):
            if kind == TOWN:
                hashes.append(hash(key_of(name)))
                numbers.append(number)
                continue
            province = f"{country}.{plain.towns[number].province}"
            provinces |= {(country, key_of(name)): province, ("", key_of(name)): province}
    every = np.append(plain._hashes, np.array(hashes, dtype=np.int64))
    order = np.argsort(every, kind="stable")
    lead = np.append(plain._numbers, np.array(numbers, dtype=np.uint32))[order]
    return Gazetteer(plain.towns, plain.countries, plain.neighbours, provinces, every[order], lead)


def _packed_lines() -> Iterator[str]:
    packed = files(_TABLES).joinpath("places.tsv.xz")
    with packed.open("rb") as file, lzma.open(file) as lines:
        for line in lines:
            yield line.decode("utf-8")


def _rows(lines: Iterable[str]) -> Iterator[list[str]]:
    for line in lines:
        if line.strip() and not line.startswith("#"):
            yield line.rstrip("\n").split("\t")
