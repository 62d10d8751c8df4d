"""What two dates of birth say together: log-likelihood ratios under a model of errors.

Families remember a year, mix up calendars, swap day and month; officers mistype a digit. Each
error has its own weight, and conflict has a floor, because dates are the weakest memory.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from rfl.domain.dates import PartialDate, Precision
from rfl.domain.masked import Masked
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
FAR: Final = -1.6
CONFLICT: Final = -3.2
APPROXIMATE: Final = 0.7
_CALENDAR_GAPS = frozenset({7, 8, 621, 622})


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
        return fixed(finding.code, APPROXIMATE * finding.weight)
    return finding


def _exact(left: BirthEvidence, right: BirthEvidence) -> Contribution:
    a, b = left.earliest, right.earliest
    if a == b:
        return fixed("birth.same_day", EXACT)
    if a.year == b.year and (a.month, a.day) == (b.day, b.month):
        return fixed("birth.day_and_month_swapped", SWAPPED)
    if _one_digit_apart(a, b):
        return fixed("birth.one_digit_differs", DIGIT)
    if a.year == b.year:
        return fixed("birth.year_agrees", SAME_MONTH if a.month == b.month else SAME_YEAR)
    if (a.month, a.day) == (b.month, b.day):
        return _same_day_of_year(abs(a.year - b.year))
    return _years_apart(abs(a.year - b.year))


def _same_day_of_year(gap: int) -> Contribution:
    if gap <= 2:
        return fixed("birth.year_slipped", DIGIT + 0.5)
    if gap in _CALENDAR_GAPS:
        return fixed("birth.calendar_mixed_up", CALENDAR + 1.0)
    return fixed("birth.day_agrees_year_differs", NEXT_YEAR if gap == 10 else 0.0)


def _interval(left: BirthEvidence, right: BirthEvidence) -> Contribution:
    """At least one side is vague: overlap says more the narrower the wider interval is."""
    gap = _gap_in_years(left, right)
    if gap > 0:
        return _years_apart(gap)
    span = max(left.latest - left.earliest, right.latest - right.earliest).days + 1
    if span <= 31:
        return fixed("birth.month_agrees", SAME_MONTH)
    years = span / _DAYS_A_YEAR
    if years <= 1.5:
        return fixed("birth.year_agrees", SAME_YEAR)
    return fixed("birth.range_agrees", max(0.2, SAME_YEAR - 0.9 * (years - 1) ** 0.5))


def _gap_in_years(left: BirthEvidence, right: BirthEvidence) -> int:
    if left.earliest > right.latest:
        left, right = right, left
    if left.latest >= right.earliest:
        return 0
    return max(1, right.first_year - left.last_year)


def _years_apart(gap: int) -> Contribution:
    near = {1: ("birth.one_year_apart", NEXT_YEAR), 2: ("birth.two_years_apart", TWO_YEARS)}
    if gap in near:
        return fixed(*near[gap])
    if gap in _CALENDAR_GAPS:
        return fixed("birth.calendar_mixed_up", CALENDAR)
    if gap <= 4:
        return fixed("birth.few_years_apart", NEAR)
    if gap <= 10:
        return fixed("birth.years_apart", FAR)
    return fixed("birth.conflict", CONFLICT)


def _one_digit_apart(a: date, b: date) -> bool:
    """Whether exactly one of the eight digits differs, in the day or the month."""
    if a.year != b.year:
        return False
    written = zip(f"{a:%m%d}", f"{b:%m%d}", strict=True)
    return sum(x != y for x, y in written) == 1
