"""Parts of a person's description, from the values of one row.

`values` holds stripped, non-empty text by field (`vocabulary.FIELDS`). Several values of one field
stand on lines of their own. What breaks a rule raises InvalidInput with the row's field.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from typing import TypeVar

from rfl.domain.dates import parse_date
from rfl.domain.person import (
    MAX_ITEMS,
    Identifier,
    IdentifierKind,
    Kin,
    Name,
    NamePart,
    NameUse,
    PartKind,
    Place,
    Relation,
    Stay,
)
from rfl.domain.request import Contact
from rfl.errors import InvalidInput
from rfl.interchange.countries import country_code
from rfl.interchange.rows import Sighting

Values = Mapping[str, str]
Made = TypeVar("Made")

_IDENTIFIERS = {
    "phone": IdentifierKind.PHONE,
    "email": IdentifierKind.EMAIL,
    "unhcr": IdentifierKind.UNHCR,
    "icrc": IdentifierKind.ICRC,
    "passport": IdentifierKind.PASSPORT,
    "national_id": IdentifierKind.NATIONAL_ID,
}
_KIN = {"father_name": Relation.FATHER, "mother_name": Relation.MOTHER}
_ADDRESS = ("street", "neighborhood", "postal_code")
_PLACE = (*_ADDRESS, "town", "province", "country", "last_address")
_PLACE_SET = frozenset(_PLACE)
_REPORTER = ("author_name", "author_phone", "author_email")
_REPORTER_LIMIT = 200
_CONTACT = frozenset({*_REPORTER, "phone", "email", "note_authors"})
_LINE_ENDS = re.compile(r"\n")
_LINES = re.compile(r"[;\n]")
_ITEMS = re.compile(r"[;,\n]")
_COUNTRIES = re.compile(r"[;,/\n]")
_NO_CONTACT = Contact()


def names(values: Values) -> tuple[Name, ...]:
    """Return each full name as given, then the other names; typed parts where the list has them.

    Without a full name, given and family name make one. There may be no name at all.
    """
    full = values.get("full_name", "")
    given, family = values.get("given_name", ""), values.get("family_name", "")
    if given or family:
        field = "full_name" if full else "given_name" if given else "family_name"
        usual = _named(field, _names_of_parts, full, given, family)
    else:
        usual = _named("full_name", _names_of_lines, full, _LINE_ENDS, NameUse.USUAL)
    other = values.get("other_names")
    if not other:
        return usual
    return usual + _named("other_names", _names_of_lines, other, _LINES, NameUse.ALIAS)


def kin(values: Values) -> tuple[Kin, ...]:
    """Return the father and the mother, where they are named."""
    if _KIN.keys().isdisjoint(values):
        return ()
    return tuple(
        _named(field, _relative, relation, values[field])
        for field, relation in _KIN.items()
        if field in values
    )


def last_address(values: Values) -> Place | None:
    """Return the last address in levels. A country that nobody knows stays as text."""
    if _PLACE_SET.isdisjoint(values):
        return None
    country = values.get("country")
    code = country_code(country) if country else None
    address = ", ".join([values[field] for field in _ADDRESS if field in values])
    text = values.get("last_address", "")
    if country and not code:
        text = f"{text}, {country}" if text else country
    try:
        return Place(
            country=code,
            province=_one_line(values.get("province")),
            town=_one_line(values.get("town")),
            address=_one_line(address),
            text=_one_line(text),
        )
    except InvalidInput as error:
        field = next(field for field in _PLACE if field in values)
        raise InvalidInput(field, error.rule) from error


def birth_place(values: Values) -> Place | None:
    """Return the place of birth in words."""
    text = _one_line(values.get("birth_place"))
    return _named("birth_place", _place, text) if text else None


def journey(sightings: Sequence[Sighting]) -> tuple[Stay, ...]:
    """Return where the person was seen, the latest of them if there are too many to keep."""
    return tuple(
        _named("last_known_location", _stay, place, day) for place, day in sightings[-MAX_ITEMS:]
    )


def nationalities(values: Values) -> tuple[str, ...]:
    """Return the country codes of the nationalities; one that nobody knows breaks the rule."""
    if "nationality" not in values:
        return ()
    found = [country_code(part) for part in _split(values["nationality"], _COUNTRIES)]
    codes = tuple(code for code in found if code)
    if len(codes) < len(found):
        rule = "must be a country: its ISO 3166-1 code, its English or French name"
        raise InvalidInput("nationality", rule)
    return codes


def identifiers(values: Values) -> tuple[Identifier, ...]:
    """Return the person's own numbers and addresses, those that states issue included (P-18)."""
    if _IDENTIFIERS.keys().isdisjoint(values):
        return ()
    found: list[Identifier] = []
    for field, kind in _IDENTIFIERS.items():
        if field in values:
            found += _named(field, _identifiers_of, kind, items(values, field))
    return tuple(found)


def contact(values: Values) -> Contact:
    """Return how the person is reached; whoever reported the person stands as an alternate."""
    if _CONTACT.isdisjoint(values):
        return _NO_CONTACT
    reporter = [" ".join(values[field].split()) for field in _REPORTER if field in values]
    whole = ", ".join(reporter)
    lines = reporter if len(whole) > _REPORTER_LIMIT else [whole]
    if "note_authors" in values:
        lines += [line[:_REPORTER_LIMIT] for line in values["note_authors"].split("\n")]
    return Contact(
        phones=items(values, "phone"),
        emails=items(values, "email"),
        alternates=tuple(dict.fromkeys(filter(None, lines))),
    )


def photos(values: Values) -> tuple[str, ...]:
    """Return the addresses of photos. None is fetched."""
    return tuple(dict.fromkeys(values.get("photo", "").split()))


def items(values: Values, field: str) -> tuple[str, ...]:
    """Return the values of a field that may hold several, each of them once."""
    return tuple(dict.fromkeys(_split(values[field], _ITEMS))) if field in values else ()


def _named(field: str, make: Callable[..., Made], *args: object) -> Made:
    """Return what `make` makes; a rule that it breaks is named by the row's field."""
    try:
        return make(*args)
    except InvalidInput as error:
        raise InvalidInput(field, error.rule) from error


def _names_of_parts(full: str, given: str, family: str) -> tuple[Name, ...]:
    """Return a name for each line of the three, which lists keep side by side."""
    if "\n" not in full + given + family:
        only = _name_of_parts(full, given, family)
        return (only,) if only else ()
    columns = [value.split("\n") for value in (full, given, family)]
    named = [_name_of_parts(*line) for line in zip_longest(*columns, fillvalue="")]
    return tuple([name for name in named if name])


def _name_of_parts(full: str, given: str, family: str) -> Name | None:
    parts = []
    if given := given.strip():
        parts.append(NamePart(given, PartKind.OWN))
    if family := family.strip():
        parts.append(NamePart(family, PartKind.FAMILY))
    text = full.strip() or f"{given} {family}".strip()
    return Name(text, parts=tuple(parts)) if text else None


def _names_of_lines(text: str, at: re.Pattern[str], use: NameUse) -> tuple[Name, ...]:
    return tuple([Name(part, use) for part in _split(text, at)])


def _relative(relation: Relation, text: str) -> Kin:
    return Kin(relation, _names_of_lines(text, _LINES, NameUse.USUAL))


def _place(text: str) -> Place:
    return Place(text=_one_line(text))


def _stay(place: str, day: str) -> Stay:
    return Stay(_place(place), parse_date(day) if day else None)


def _identifiers_of(kind: IdentifierKind, numbers: Sequence[str]) -> list[Identifier]:
    return [Identifier(kind, number) for number in numbers]


def _split(text: str, at: re.Pattern[str]) -> list[str]:
    return [part for part in map(str.strip, at.split(text)) if part]


def _one_line(text: str | None) -> str | None:
    """Return the text with line breaks as spaces: addresses are often written over several."""
    if text and ("\n" in text or "\r" in text):
        return " ".join(text.split())
    return text or None
