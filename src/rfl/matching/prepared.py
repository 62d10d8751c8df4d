"""A description made ready for comparing, and its sketch: the little that this needs, as bytes.

The index holds the sketch of everybody, so that candidates are scored from memory and only those
who are shown are opened. It has names, sex, birth, places, relatives and nationalities of
*identity*, and nothing else: no journey, no contact, no circumstances.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import msgspec

from rfl.domain.masked import Masked
from rfl.domain.person import Person, Sex
from rfl.matching.dates import BirthEvidence, birth_of
from rfl.matching.kin import PreparedKin, Told, prepare_kin, told_of
from rfl.matching.names import PreparedName, prepare_name
from rfl.matching.places import Levels, PreparedPlaces, levels_of, prepare_places
from rfl.matching.scripts import MAX_CHARS
from rfl.matching.variants import texts_of

MAX_NAMES: Final = 6
_SEXES: Final = (Sex.UNKNOWN, Sex.FEMALE, Sex.MALE, Sex.OTHER)
_CODES: Final = {sex: code for code, sex in enumerate(_SEXES)}
_EXACT, _APPROXIMATE = 1, 2

_Birth = tuple[int, int, int]
"""The first day by its proleptic Gregorian number, how many more may be meant, and marks."""

_Sketch = tuple[
    tuple[str, ...], int, _Birth | None, tuple[Levels, ...], tuple[Told, ...], tuple[str, ...]
]
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Sketch)


@dataclass(frozen=True, slots=True, repr=False)
class Prepared(Masked):
    """A description ready to be compared: everything that scoring and searching read."""

    names: tuple[PreparedName, ...]
    kin: PreparedKin
    sex: Sex
    birth: BirthEvidence | None
    places: PreparedPlaces
    nationalities: frozenset[str]


def prepare(person: Person) -> Prepared:
    """Everything that matching needs of a description, normalised once."""
    return _prepared(_parts(person))


def sketch_of(person: Person) -> bytes:
    """The sketch of a description, without what is not of *identity*."""
    return _ENCODER.encode(_parts(replace(person, journey=()) if person.journey else person))


def from_sketch(sketch: bytes) -> Prepared:
    """What `prepare` makes of the identity of whom the sketch is of."""
    return _prepared(_DECODER.decode(sketch))


def sex_code(sex: Sex) -> int:
    """The number under which terms and sketches keep a sex; 0 is unknown."""
    return _CODES[sex]


def full_names(person: Person) -> tuple[str, ...]:
    """The names to compare, with those that typed parts stand for."""
    texts = [text for name in person.names[:MAX_NAMES] for text in texts_of(name)]
    return tuple([text[:MAX_CHARS] for text in texts[:MAX_NAMES]])


def _parts(person: Person) -> _Sketch:
    return (
        full_names(person),
        _CODES[person.sex],
        _days(birth_of(person.birth)),
        levels_of(person),
        told_of(person),
        person.nationalities,
    )


def _prepared(parts: _Sketch) -> Prepared:
    texts, sex, birth, places, told, nationalities = parts
    names = tuple([prepare_name(text) for text in texts])
    return Prepared(
        names=names,
        kin=prepare_kin(told, names),
        sex=_SEXES[sex],
        birth=_birth(birth),
        places=prepare_places(places),
        nationalities=frozenset(nationalities),
    )


def _days(birth: BirthEvidence | None) -> _Birth | None:
    if birth is None:
        return None
    first = birth.earliest.toordinal()
    marks = _EXACT * birth.exact + _APPROXIMATE * birth.approximate
    return first, birth.latest.toordinal() - first, marks


def _birth(days: _Birth | None) -> BirthEvidence | None:
    if days is None:
        return None
    first, more, marks = days
    earliest = date.fromordinal(first)
    latest = date.fromordinal(first + more) if more else earliest
    return BirthEvidence(earliest, latest, bool(marks & _EXACT), bool(marks & _APPROXIMATE))
