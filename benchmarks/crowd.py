"""People for the benchmark of searches: names from Faker's lists in five scripts, many at once.

A third has a father's name between the own and the family name, as people of most of the world do.
"""

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import accumulate

LOCALES = ("en_US", "tr_TR", "hr_HR", "ar_AA", "fa_IR", "mk_MK", "ru_RU", "el_GR", "he_IL")
"""Latin, Arabic, Cyrillic, Greek and Hebrew letters."""

NATIONALITIES = ("SY", "AF", "IQ", "MK", "SO")
YEARS = range(1940, 2021)
_CHAINED = 0.33


@dataclass(frozen=True, slots=True)
class Known:
    """An invented person; `birth` is a day or a year as EDTF writes it."""

    name: str
    sex: str
    birth: str
    nationality: str

    @property
    def year(self) -> int:
        """The year of birth."""
        return int(self.birth[:4])


@dataclass(frozen=True, slots=True)
class Asked:
    """A search as somebody makes it: a person with errors, and the number of the right one."""

    query: Known
    right: int


def crowd(count: int, seed: int = 7) -> list[Known]:
    """The same people for the same seed."""
    chance = random.Random(seed)
    names = [_names(chance, locale) for locale in LOCALES]
    return [_person(chance, chance.choice(names)) for _number in range(count)]


def asked(known: list[Known], count: int, seed: int = 11) -> list[Asked]:
    """Some of the people, their names turned, or with a letter lost, or both; the year of birth."""
    chance = random.Random(seed)
    rights = chance.sample(range(len(known)), min(count, len(known)))
    return [Asked(_misremembered(chance, known[right]), right) for right in rights]


def _misremembered(chance: random.Random, one: Known) -> Known:
    name = one.name
    if chance.random() < 0.3:
        given, _, rest = name.partition(" ")
        name = f"{rest} {given}"
    if chance.random() < 0.5:
        lost = chance.randrange(1, len(name) - 1)
        name = name[:lost] + name[lost + 1 :]
    return Known(name, one.sex, one.birth[:4], one.nationality)


def _person(chance: random.Random, names: Mapping[str, Iterator[str]]) -> Known:
    sex = chance.choice(("female", "male"))
    parts = [next(names[sex]), next(names["family"])]
    if chance.random() < _CHAINED:
        parts.insert(1, next(names["male"]))
    birth = str(chance.choice(YEARS))
    if chance.random() < 0.8:
        birth += f"-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}"
    return Known(" ".join(parts), sex, birth, chance.choice(NATIONALITIES))


def _names(chance: random.Random, locale: str) -> dict[str, Iterator[str]]:
    """Endless own and family names of a locale, as frequent as Faker makes them."""
    lists = import_module(f"faker.providers.person.{locale}").Provider
    return {
        "female": _drawn(chance, lists.first_names_female),
        "male": _drawn(chance, lists.first_names_male),
        "family": _drawn(chance, lists.last_names),
    }


def _drawn(chance: random.Random, source: Mapping[str, float] | Iterable[str]) -> Iterator[str]:
    """Names by their frequency where Faker knows it, else each as often."""
    names = list(source)
    weights = list(source.values()) if isinstance(source, Mapping) else [1.0] * len(names)
    edges = list(accumulate(weights))
    while True:
        yield from chance.choices(names, cum_weights=edges, k=1_000)
