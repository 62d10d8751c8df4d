"""What two dates of birth say together: log-likelihood ratios under a model of errors.

Families remember a year, mix up calendars, swap day and month; officers mistype a digit. Each
error has its own weight, and conflict has a floor, because dates are the weakest memory.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final

from rfl.domain.calendars import Calendar, days_of_day
from rfl.domain.dates import PartialDate, Precision
from rfl.domain.masked import Masked
from rfl.errors import InvalidInput
from rfl.matching.evidence import Contribution, fixed

_DAYS_A_YEAR: Final = 365.25

# Natural logarithms: how much likelier the finding is for one person than for two strangers.
EXACT: Final = 9.0
SWAPPED: Final = 4.8
DIGIT: Final = 4.0
SAME_YEAR: Final = 2.6
SAME_MONTH: Final = 4.6
NEXT_YEAR: Final = 1.5
TWO_YEARS: Final = 0.9
NEAR: Final = 0.1
CALENDAR: Final = 0.6
OTHER_CALENDAR: Final = 5.0
YEAR_DIGITS: Final = 0.3
DECADE: Final = -0.7
FAR: Final = -1.6
CONFLICT: Final = -3.2
APPROXIMATE: Final = 0.7
ABOUT_YEARS: Final = 2
"""How far from the truth a year that is only about right commonly lies."""

_CALENDAR_GAPS = frozenset({7, 8, 621, 622})
_DECADES = frozenset({10, 20})
_OTHER_CALENDARS = (Calendar.ETHIOPIAN, Calendar.SOLAR_HIJRI, Calendar.ISLAMIC_HIJRI)


@dataclass(frozen=True, slots=True, repr=False)
class BirthEvidence(Masked):
    """The days that a date of birth may mean; `exact` only if it names one and means it."""

    earliest: date
    latest: date
    exact: bool
    approximate: bool

    @property
    def first_year(self) -> int:
        """The earliest year of birth."""
        return self.earliest.year

    @property
    def last_year(self) -> int:
        """The latest year of birth."""
        return self.latest.year


def birth_of(birth: PartialDate | None) -> BirthEvidence | None:
    """The evidence in a date; a day that by convention stands for its year becomes the year."""
    if birth is None:
        return None
    earliest, latest = birth.earliest, birth.latest
    if birth.year_only_convention:
        earliest, latest = date(earliest.year, 1, 1), date(latest.year, 12, 31)
    exact = birth.precision is Precision.DAY and not birth.year_only_convention
    loose = birth.approximate or birth.uncertain
    return BirthEvidence(earliest, latest, exact and earliest == latest, loose)


def compare_birth(left: BirthEvidence | None, right: BirthEvidence | None) -> Contribution:
    """What two dates of birth say; `birth.unknown` with weight 0 if either is missing."""
    if left is None or right is None:
        return fixed("birth.unknown", 0.0)
    finding = _exact(left, right) if left.exact and right.exact else _interval(left, right)
    if (left.approximate or right.approximate) and finding.weight:
        return fixed(finding.code, APPROXIMATE * finding.weight, finding.number)
    return finding


def _exact(left: BirthEvidence, right: BirthEvidence) -> Contribution:
    a, b = left.earliest, right.earliest
    if a == b:
        return fixed("birth.same_day", EXACT)
    if a.year == b.year:
        return _same_year(a, b)
    if a in _read_in_other_calendars(b) or b in _read_in_other_calendars(a):
        return fixed("birth.same_day_in_another_calendar", OTHER_CALENDAR)
    if (a.month, a.day) == (b.month, b.day):
        return _same_day_of_year(abs(a.year - b.year))
    return _years_apart(a.year, b.year)


def _same_year(a: date, b: date) -> Contribution:
    if (a.month, a.day) == (b.day, b.month):
        return fixed("birth.day_and_month_swapped", SWAPPED)
    if _one_digit_apart(a, b):
        return fixed("birth.one_digit_differs", DIGIT)
    return fixed("birth.year_agrees", SAME_MONTH if a.month == b.month else SAME_YEAR)


@lru_cache(maxsize=4_096)
def _read_in_other_calendars(day: date) -> frozenset[date]:
    """The days that were meant if a clerk took another calendar's numbers for Gregorian ones."""
    meant: set[date] = set()
    for calendar in _OTHER_CALENDARS:
        try:
            meant |= set(days_of_day(calendar, day.year, day.month, day.day, field="birth"))
        except InvalidInput:
            continue
    return frozenset(meant)


def _same_day_of_year(gap: int) -> Contribution:
    if gap <= 2:
        return fixed("birth.year_slipped", DIGIT + 0.5)
    if gap in _CALENDAR_GAPS:
        return fixed("birth.calendar_mixed_up", CALENDAR + 1.0)
    return fixed("birth.day_agrees_year_differs", NEXT_YEAR if gap in _DECADES else 0.0)


def _interval(left: BirthEvidence, right: BirthEvidence) -> Contribution:
    """At least one side is vague: overlap says more the narrower the wider interval is."""
    if left.earliest > right.latest:
        left, right = right, left
    if left.latest < right.earliest:
        return _apart(left, right)
    span = max(left.latest - left.earliest, right.latest - right.earliest).days + 1
    if span <= 31:
        return fixed("birth.month_agrees", SAME_MONTH)
    years = span / _DAYS_A_YEAR
    if years <= 1.5:
        return fixed("birth.year_agrees", SAME_YEAR)
    return fixed("birth.range_agrees", max(0.2, SAME_YEAR - 0.9 * (years - 1) ** 0.5))


def _apart(earlier: BirthEvidence, later: BirthEvidence) -> Contribution:
    """Two intervals that do not meet; what is only about right reaches further."""
    first, last = earlier.latest.year, later.earliest.year
    loose = earlier.approximate or later.approximate
    if loose and last - first <= ABOUT_YEARS:
        return fixed("birth.about_agrees", NEXT_YEAR)
    return _years_apart(first, last)


@lru_cache(maxsize=4_096)
def _years_apart(first: int, second: int) -> Contribution:
    gap = max(1, abs(first - second))
    if gap <= 2:
        weight = NEXT_YEAR if gap == 1 else TWO_YEARS
        return fixed("birth.years_nearly_agree", weight, gap)
    if gap in _CALENDAR_GAPS:
        return fixed("birth.calendar_mixed_up", CALENDAR)
    if _digits_swapped(first, second):
        return fixed("birth.year_digits_swapped", YEAR_DIGITS)
    if gap <= 4:
        return fixed("birth.few_years_apart", NEAR, gap)
    if gap in _DECADES:
        return fixed("birth.decade_differs", DECADE)
    if gap <= 10:
        return fixed("birth.years_apart", FAR, gap)
    return fixed("birth.conflict", CONFLICT, gap)


def _digits_swapped(first: int, second: int) -> bool:
    """Whether the last two digits of the years changed places: 1978 and 1987."""
    return first // 100 == second // 100 and f"{first:04}"[:1:-1] == f"{second:04}"[2:]


def _one_digit_apart(a: date, b: date) -> bool:
    """Whether exactly one of the eight digits differs, in the day or the month."""
    if a.year != b.year:
        return False
    written = zip(f"{a:%m%d}", f"{b:%m%d}", strict=True)
    return sum(x != y for x, y in written) == 1
