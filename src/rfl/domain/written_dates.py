"""Dates as lists and people write them, turned into EDTF in the numbers of their own calendar."""

import re
import unicodedata

from rfl.domain import calendar_names as names
from rfl.domain.calendars import Calendar, months_in_year, title
from rfl.errors import InvalidInput

_RULE_UNREAD = (
    "must be a date: EDTF such as YYYY, YYYY-MM, YYYY-MM-DD or A/B; DD.MM.YYYY; "
    "or a day, a month's name and a year"
)
_RULE_YEAR = "the year needs four digits of its own: two do not tell the century"
_TOKEN = re.compile(r"[0-9]+|[^\W\d_]+")
_JOINT = re.compile(r"(?<=[0-9])[^0-9]+(?=[0-9])")
# The dot of E.C., which goes so that the mark is one word; the dot of "12. May" stays.
_INNER_DOT = re.compile(r"(?<![^\W_])([^\W\d_])\.(?=[^\W\d_](?![^\W_]))")
_MIDNIGHT = re.compile(r"[ t]00:00(?::00(?:\.0{1,9})?)?$")
_SEPARATORS = frozenset(" .,/-~?%")
_QUALIFIERS = {(False, False): "", (True, False): "~", (False, True): "?", (True, True): "%"}
_LETTERS = str.maketrans(
    dict.fromkeys("یىېۍ", "ي")
    | dict.fromkeys("ةہە", "\N{ARABIC LETTER HEH}")
    | {"ک": "ك", "ګ": "گ", "،": ",", "\N{ARABIC DATE SEPARATOR}": "/"}
    | dict.fromkeys("\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{NON-BREAKING HYPHEN}", "-")
    | dict.fromkeys("'ʿʾʻʼ\u2018\u2019\N{ARABIC TATWEEL}")
)


def as_edtf(text: str, calendar: Calendar, *, field: str) -> str:
    """Return the EDTF that a date written by hand means, or raise InvalidInput.

    `12/05/1979` is read with the day first and, as it would be a date with the month first too,
    marked uncertain; with dots it is certain. `00` is a day or month that is not known.
    """
    body = _INNER_DOT.sub(r"\1", _MIDNIGHT.sub("", _fold(text).strip()))
    if not all(char.isalnum() or char in _SEPARATORS for char in body):
        raise InvalidInput(field, _RULE_UNREAD)
    tokens = _TOKEN.findall(body)
    numbers = [token for token in tokens if token.isdecimal()]
    name = _name(tokens, _UNSAID[calendar])
    if name:
        date, ambiguous = _with_name(name, numbers, calendar, field), False
    else:
        joints = {joint.strip(" ~?%") for joint in _JOINT.findall(body)}
        date, ambiguous = _of_numbers(numbers, joints, calendar, field)
    approximate = "~" in body or "%" in body or not _ABOUT.isdisjoint(tokens)
    uncertain = "?" in body or "%" in body or not _PERHAPS.isdisjoint(tokens) or ambiguous
    return _qualified(date, _QUALIFIERS[approximate, uncertain])


def _fold(text: str) -> str:
    """Return text without case, accents, joiners and letter variants, its digits as ASCII."""
    if text.isascii():
        return text.lower().replace("'", "")
    shown = (_plain(char) for char in unicodedata.normalize("NFKD", text))
    return "".join(shown).casefold().translate(_LETTERS)


def _plain(char: str) -> str:
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return "" if unicodedata.category(char) in ("Mn", "Cf") else char


def _name(tokens: list[str], unsaid: frozenset[str]) -> str:
    return "".join(token for token in tokens if not (token.isdecimal() or token in unsaid))


def _with_name(name: str, numbers: list[str], calendar: Calendar, field: str) -> str:
    year, others = _split_year(numbers, field)
    if name == "s" and not others and year[2] != "0" and year[3] == "0":
        return f"{year[:3]}X"
    number = _NUMBER_OF_NAME[calendar].get(name)
    if number is None:
        rule = f"the {title(calendar)} calendar has no such month or season"
        raise InvalidInput(field, f"{rule}: name the calendar in which the date was given")
    if len(others) > 1:
        raise InvalidInput(field, _RULE_UNREAD)
    return "-".join([year, f"{number:02d}", *map(_padded, others)])


def _of_numbers(
    numbers: list[str], joints: set[str], calendar: Calendar, field: str
) -> tuple[str, bool]:
    """Return EDTF, and whether day and month may be the other way round."""
    if len(joints) > 1:
        raise InvalidInput(field, _RULE_UNREAD)
    if len(numbers) == 2 and len(numbers[0]) == len(numbers[1]) == 4:
        return "/".join(numbers), False
    year, others = _split_year(numbers, field)
    if len(others) < 2 or numbers[0] == year:
        return "-".join([year, *map(_padded, others)]), False
    if numbers[1] == year:
        raise InvalidInput(field, _RULE_UNREAD)
    first, second = int(others[0]), int(others[1])
    months = range(1, months_in_year(calendar) + 1)
    if first in months and second > months[-1]:
        return "-".join([year, *map(_padded, others)]), False
    either = first in months and second in months and first != second
    return "-".join([year, *map(_padded, reversed(others))]), either and joints != {"."}


def _split_year(numbers: list[str], field: str) -> tuple[str, list[str]]:
    years = [number for number in numbers if len(number) == 4]
    others = [number for number in numbers if len(number) < 3]
    if not numbers or len(numbers) > 3:
        raise InvalidInput(field, _RULE_UNREAD)
    if len(years) != 1 or len(others) != len(numbers) - 1:
        raise InvalidInput(field, _RULE_YEAR)
    return years[0], others


def _padded(number: str) -> str:
    return number.zfill(2) if int(number) else "XX"


def _qualified(date: str, mark: str) -> str:
    return "/".join(f"{end}{mark}" for end in date.split("/"))


def _words(spellings: str) -> frozenset[str]:
    return frozenset(_TOKEN.findall(_fold(spellings)))


_ABOUT = _words(names.ABOUT)
_PERHAPS = _words(names.PERHAPS)
_FILLERS = _words(names.FILLERS)
_UNSAID = {
    calendar: _ABOUT | _PERHAPS | _FILLERS | _words(names.ERAS[calendar]) for calendar in Calendar
}


def _numbers_of_names(calendar: Calendar) -> dict[str, int]:
    """Each name's number in EDTF, where a season stands in the month's place."""
    lines = [*enumerate(names.MONTHS[calendar], 1), *enumerate(names.SEASONS, 21)]
    return {
        _name(_TOKEN.findall(_fold(spelling)), _FILLERS): number
        for number, line in lines
        for spelling in line.split("|")
    }


_NUMBER_OF_NAME = {calendar: _numbers_of_names(calendar) for calendar in Calendar}
