"""The four calendars that families use, as arithmetic on proleptic Gregorian day numbers.

Solar Hijri: the 33-year rule of ICU4X (`calendrical_calculations::persian`), which gives the leap
years that the calendar centre of the University of Tehran publishes for 1206 to 1498. Afghanistan
counts its months so since 1957; before, they followed the zodiac and may differ by two days.
Islamic Hijri: the tabular civil calendar. Sighting of the moon moves a month by a day or so, and
thus every interval is widened by `SIGHTING` at both ends.
Ethiopian: Amete Mihret, twelve months of 30 days and Pagume of 5 or 6.
"""

from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from rfl.errors import InvalidInput


class Calendar(StrEnum):
    """The calendar in which a date was given."""

    GREGORIAN = "gregorian"
    SOLAR_HIJRI = "solar_hijri"
    ISLAMIC_HIJRI = "islamic_hijri"
    ETHIOPIAN = "ethiopian"


Days = tuple[date, date]

FIRST_DAY = date(1800, 1, 1)
LAST_DAY = date(2200, 12, 31)
SIGHTING = timedelta(days=1)

# The years that lie wholly between FIRST_DAY and LAST_DAY, sighting included.
YEARS = {
    Calendar.GREGORIAN: (1800, 2200),
    Calendar.SOLAR_HIJRI: (1179, 1578),
    Calendar.ISLAMIC_HIJRI: (1215, 1626),
    Calendar.ETHIOPIAN: (1793, 2192),
}
_TITLES = {
    Calendar.GREGORIAN: "Gregorian",
    Calendar.SOLAR_HIJRI: "Solar Hijri",
    Calendar.ISLAMIC_HIJRI: "Islamic Hijri",
    Calendar.ETHIOPIAN: "Ethiopian",
}
# The day number (`date.toordinal`) on which year 1 began.
_SOLAR_EPOCH = 226_895
_ISLAMIC_EPOCH = 227_015
_ETHIOPIAN_EPOCH = 2_796
# The 33-year rule makes this year leap, the equinox the next one (ICU4X).
_SOLAR_CORRECTED = 1502


def days_of_years(calendar: Calendar, first: int, last: int, *, field: str) -> Days:
    """Return the first day of year `first` and the last of year `last`."""
    start, end = _months(calendar, first, field)[0], _months(calendar, last, field)[-1]
    return _days(calendar, start, end - 1)


def days_of_month(calendar: Calendar, year: int, month: int, *, field: str) -> Days:
    """Return the first and last day of a month, or raise InvalidInput if there is none such."""
    start, end = _month(calendar, year, month, field)
    return _days(calendar, start, end - 1)


def days_of_day(calendar: Calendar, year: int, month: int, day: int, *, field: str) -> Days:
    """Return one day twice, or for Islamic Hijri the days that it may have been."""
    start, end = _month(calendar, year, month, field)
    if not 1 <= day <= end - start:
        raise InvalidInput(field, "the month has no such day in that year")
    return _days(calendar, start + day - 1, start + day - 1)


def months_in_year(calendar: Calendar) -> int:
    """Thirteen in the Ethiopian calendar, twelve elsewhere."""
    return 13 if calendar is Calendar.ETHIOPIAN else 12


def title(calendar: Calendar) -> str:
    """The calendar's English name, for rules shown to the user."""
    return _TITLES[calendar]


def _month(calendar: Calendar, year: int, month: int, field: str) -> tuple[int, int]:
    """Return the day numbers on which the month and the next one begin."""
    starts = _months(calendar, year, field)
    if not 1 <= month < len(starts):
        raise InvalidInput(field, f"month must be 1 to {months_in_year(calendar)}")
    return starts[month - 1], starts[month]


def _months(calendar: Calendar, year: int, field: str) -> tuple[int, ...]:
    first, last = YEARS[calendar]
    if not first <= year <= last:
        rule = (
            f"year must be {first} to {last} in the {title(calendar)} calendar: "
            "name the calendar in which the date was given"
        )
        raise InvalidInput(field, rule)
    return _month_starts(calendar, year)


def _days(calendar: Calendar, first: int, last: int) -> Days:
    earliest, latest = date.fromordinal(first), date.fromordinal(last)
    if calendar is Calendar.ISLAMIC_HIJRI:
        return earliest - SIGHTING, latest + SIGHTING
    return earliest, latest


@lru_cache(maxsize=2048)
def _month_starts(calendar: Calendar, year: int) -> tuple[int, ...]:
    """The day number of each month's first day and, last, that of the next new year."""
    match calendar:
        case Calendar.GREGORIAN:
            firsts = [date(year, month, 1).toordinal() for month in range(1, 13)]
        case Calendar.SOLAR_HIJRI:
            firsts = [_new_year(calendar, year) + 30 * i + min(i, 6) for i in range(12)]
        case Calendar.ISLAMIC_HIJRI:
            firsts = [_new_year(calendar, year) + (59 * i + 1) // 2 for i in range(12)]
        case Calendar.ETHIOPIAN:
            firsts = [_new_year(calendar, year) + 30 * i for i in range(13)]
    return (*firsts, _new_year(calendar, year + 1))


def _new_year(calendar: Calendar, year: int) -> int:
    match calendar:
        case Calendar.GREGORIAN:
            return date(year, 1, 1).toordinal()
        case Calendar.SOLAR_HIJRI:
            late = 1 if year == _SOLAR_CORRECTED + 1 else 0
            return _SOLAR_EPOCH + 365 * (year - 1) + (8 * year + 21) // 33 - late
        case Calendar.ISLAMIC_HIJRI:
            return _ISLAMIC_EPOCH + 354 * (year - 1) + (11 * year + 3) // 30
        case Calendar.ETHIOPIAN:
            return _ETHIOPIAN_EPOCH + 365 * (year - 1) + year // 4
