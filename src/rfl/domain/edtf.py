"""The part of EDTF (ISO 8601-2, levels 0 to 2) in which dates of people are written.

Read: YYYY, YYYY-MM, YYYY-MM-DD; X for what is not known (197X, 19XX, 1979-XX, 1979-05-XX,
1979-XX-XX); one of ~ ? % at the end, for the whole date; seasons 21 to 24; intervals A/B, open
(A/.. ../B) or with an end not known (A/ /B); sets [A,B] and {A,B}, as the interval around them.
The numbers are those of the calendar that is passed in.

Seasons are the northern ones. In the Gregorian calendar they are whole months, spring from March;
winter is every winter day that families may mean by its year, January of that year to February of
the next. In the Solar Hijri calendar they are its quarters.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rfl.domain import calendars
from rfl.domain.calendars import FIRST_DAY, LAST_DAY, Calendar
from rfl.domain.masked import Masked
from rfl.errors import InvalidInput


class Precision(StrEnum):
    """How much of the date was given; RANGE is an interval, a set or an age."""

    DAY = "day"
    MONTH = "month"
    SEASON = "season"
    YEAR = "year"
    DECADE = "decade"
    CENTURY = "century"
    RANGE = "range"


@dataclass(frozen=True, slots=True, repr=False)
class Span(Masked):
    """What an EDTF text means, in Gregorian days, both included.

    The marks ~ (approximate), ? (uncertain) and % (both) do not widen it.
    """

    earliest: date
    latest: date
    precision: Precision
    approximate: bool = False
    uncertain: bool = False


_ONE = r"([0-9X]{4})(?:-(?!00)([0-9X]{2})(?:-(?!00)([0-9X]{2}))?)?([~?%]?)"
_DATE = re.compile(_ONE)
_END = rf"(?:{_ONE}|\.\.|)"
_MEMBERS = rf"{_ONE}(?:, ?{_ONE})*"
_SEVERAL = re.compile(rf"{_END}/{_END}|\[{_MEMBERS}\]|\{{{_MEMBERS}\}}")
_OPEN = ("", "..")
_SPRING, _WINTER = 21, 24
# For each season its first month, the years until it ends, and its last month.
_SEASONS = {
    Calendar.GREGORIAN: {21: (3, 0, 5), 22: (6, 0, 8), 23: (9, 0, 11), 24: (1, 1, 2)},
    Calendar.SOLAR_HIJRI: {21: (1, 0, 3), 22: (4, 0, 6), 23: (7, 0, 9), 24: (10, 0, 12)},
}

_RULE_SHAPE = "must be EDTF, such as YYYY, YYYY-MM, YYYY-MM-DD, YYYY~ or A/B"
_RULE_X = (
    "X may stand for the last one or two digits of a year alone, for a whole month or a whole day"
)
_RULE_DAY_WITHOUT_MONTH = "a day without its month is no date: give the month, or the year alone"
_RULE_OPEN = "an interval needs at least one end"
_RULE_ORDER = "an interval must not end before it begins"
_RULE_SEASON = "seasons are read in the Gregorian and Solar Hijri calendars only"


def has_shape(text: str) -> bool:
    """True if the text is formed like EDTF; its numbers may still be impossible."""
    return bool(_DATE.fullmatch(text) or _SEVERAL.fullmatch(text))


def read(text: str, calendar: Calendar, *, field: str) -> Span:
    """Return what `text` means, or raise InvalidInput if it has no meaning."""
    if _DATE.fullmatch(text):
        return _date(text, calendar, field)
    if not _SEVERAL.fullmatch(text):
        raise InvalidInput(field, _RULE_SHAPE)
    if "/" in text:
        return _interval(text, calendar, field)
    return _set(text, calendar, field)


def write(span: Span) -> str:
    """Return the interval as Gregorian EDTF; an end at the limit of years becomes an open one."""
    mark = ("", "~", "?", "%")[span.approximate + 2 * span.uncertain]
    first = ".." if span.earliest == FIRST_DAY else f"{span.earliest}{mark}"
    last = ".." if span.latest == LAST_DAY else f"{span.latest}{mark}"
    return first if first == last else f"{first}/{last}"


def _date(text: str, calendar: Calendar, field: str) -> Span:
    year, month, day, mark = _DATE.findall(text)[0]
    (earliest, latest), precision = _days(year, month, day, calendar, field)
    return Span(earliest, latest, precision, mark in ("~", "%"), mark in ("?", "%"))


def _days(
    year: str, month: str, day: str, calendar: Calendar, field: str
) -> tuple[calendars.Days, Precision]:
    if "X" in year:
        return _years(year, month, calendar, field)
    number = int(year)
    if month in ("", "XX"):
        if day not in ("", "XX"):
            raise InvalidInput(field, _RULE_DAY_WITHOUT_MONTH)
        return calendars.days_of_years(calendar, number, number, field=field), Precision.YEAR
    if "X" in month or ("X" in day and day != "XX"):
        raise InvalidInput(field, _RULE_X)
    part = int(month)
    if not day and _SPRING <= part <= _WINTER:
        return _season(number, part, calendar, field), Precision.SEASON
    if day in ("", "XX"):
        return calendars.days_of_month(calendar, number, part, field=field), Precision.MONTH
    days = calendars.days_of_day(calendar, number, part, int(day), field=field)
    return days, Precision.DAY


def _years(
    year: str, month: str, calendar: Calendar, field: str
) -> tuple[calendars.Days, Precision]:
    known = year.rstrip("X")
    if month or len(known) not in (2, 3) or "X" in known:
        raise InvalidInput(field, _RULE_X)
    precision = Precision.DECADE if len(known) == 3 else Precision.CENTURY
    first, last = int(known.ljust(4, "0")), int(known.ljust(4, "9"))
    return calendars.days_of_years(calendar, first, last, field=field), precision


def _season(year: int, season: int, calendar: Calendar, field: str) -> calendars.Days:
    if calendar not in _SEASONS:
        raise InvalidInput(field, _RULE_SEASON)
    first, years_on, last = _SEASONS[calendar][season]
    earliest, _ = calendars.days_of_month(calendar, year, first, field=field)
    _, latest = calendars.days_of_month(calendar, year + years_on, last, field=field)
    return earliest, latest


def _interval(text: str, calendar: Calendar, field: str) -> Span:
    ends = text.split("/")
    if all(end in _OPEN for end in ends):
        raise InvalidInput(field, _RULE_OPEN)
    first, last = (_end(end, calendar, field) for end in ends)
    if first.earliest > last.latest:
        raise InvalidInput(field, _RULE_ORDER)
    return _between(first.earliest, last.latest, [first, last])


def _end(text: str, calendar: Calendar, field: str) -> Span:
    if text in _OPEN:
        return Span(FIRST_DAY, LAST_DAY, Precision.RANGE)
    return _date(text, calendar, field)


def _set(text: str, calendar: Calendar, field: str) -> Span:
    members = [_date(member.strip(), calendar, field) for member in text[1:-1].split(",")]
    earliest = min(member.earliest for member in members)
    return _between(earliest, max(member.latest for member in members), members)


def _between(earliest: date, latest: date, parts: list[Span]) -> Span:
    return Span(
        earliest,
        latest,
        Precision.RANGE,
        approximate=any(part.approximate for part in parts),
        uncertain=any(part.uncertain for part in parts),
    )
