"""Dates as families give them: the text as given, and the interval of days that it means.

Marks such as "about" are kept beside the interval and do not widen it. `PartialDate` masks itself:
a date of birth is personal data.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from rfl.domain import edtf, written_dates
from rfl.domain.calendars import FIRST_DAY, LAST_DAY, Calendar
from rfl.domain.edtf import Precision
from rfl.domain.masked import Masked
from rfl.domain.text import line
from rfl.errors import InvalidInput

__all__ = ["Calendar", "PartialDate", "Precision", "age_on", "date_from_age", "parse_date"]

TEXT_LIMIT = 64
AGE_LIMIT = 130

# The fewest and most days that one date of each precision has, over the four calendars: Pagume
# has five days, and Islamic Hijri dates have one more at both ends.
_LENGTHS = {
    Precision.DAY: (1, 3),
    Precision.MONTH: (5, 32),
    Precision.SEASON: (89, 425),
    Precision.YEAR: (354, 366),
    Precision.DECADE: (3_543, 3_653),
    Precision.CENTURY: (35_436, 36_525),
}
_YEAR_ONLY = dict.fromkeys(Calendar, ("-01-01",)) | {Calendar.GREGORIAN: ("-01-01", "-07-01")}


@dataclass(frozen=True, slots=True, repr=False)
class PartialDate(Masked):
    """A date known in part, as the Gregorian days `earliest` to `latest`, both included.

    `edtf` is in the given calendar's numbers if that is Gregorian; otherwise it is the interval.
    `year_only_convention`: a full day that often stands for its year alone (1 January, 1 July, the
    first day of the year in the other calendars); matching takes it as the year.
    """

    text: str
    calendar: Calendar
    edtf: str
    earliest: date
    latest: date
    precision: Precision
    approximate: bool = False
    uncertain: bool = False
    year_only_convention: bool = False

    def __post_init__(self) -> None:
        line(self.text, "text", TEXT_LIMIT)
        line(self.edtf, "edtf", TEXT_LIMIT)
        if not FIRST_DAY <= self.earliest <= self.latest <= LAST_DAY:
            rule = f"must run from earliest to latest, within {FIRST_DAY.year} to {LAST_DAY.year}"
            raise InvalidInput("earliest", rule)
        self._check_precision()

    def _check_precision(self) -> None:
        if self.year_only_convention and self.precision is not Precision.DAY:
            raise InvalidInput("year_only_convention", "needs a full day")
        if self.precision is Precision.RANGE:
            return
        days = (self.latest - self.earliest).days + 1
        fewest, most = _LENGTHS[self.precision]
        if self.precision is Precision.DAY and self.calendar is not Calendar.ISLAMIC_HIJRI:
            most = 1
        if not fewest <= days <= most:
            raise InvalidInput("precision", "must agree with the days from earliest to latest")


def parse_date(
    text: str, calendar: Calendar = Calendar.GREGORIAN, *, field: str = "date"
) -> PartialDate:
    """Return what the text means in its calendar, or raise InvalidInput for `field`.

    The text is EDTF (`domain.edtf`) or a date as lists hold it (`domain.written_dates`).
    """
    line(text, field, TEXT_LIMIT)
    written = text.strip().upper()
    if not edtf.has_shape(written):
        written = written_dates.as_edtf(text, calendar, field=field)
    span = edtf.read(written, calendar, field=field)
    return PartialDate(
        text=text,
        calendar=calendar,
        edtf=written if calendar is Calendar.GREGORIAN else edtf.write(span),
        earliest=span.earliest,
        latest=span.latest,
        precision=span.precision,
        approximate=span.approximate,
        uncertain=span.uncertain,
        year_only_convention=_is_year_only(written, calendar, span.precision),
    )


def date_from_age(low: int, high: int, on: date, *, field: str = "age") -> PartialDate:
    """Return when someone was born who was `low` to `high` whole years old on that day."""
    if not 0 <= low <= high <= AGE_LIMIT:
        raise InvalidInput(field, f"must run from low to high, within 0 to {AGE_LIMIT}")
    if not FIRST_DAY.year + high < on.year <= LAST_DAY.year:
        raise InvalidInput(field, f"must be that of a person born after {FIRST_DAY.year}")
    earliest = _years_before(on, high + 1) + timedelta(days=1)
    span = edtf.Span(earliest, _years_before(on, low), Precision.RANGE, approximate=True)
    return PartialDate(
        text=f"{low}-{high} on {on}",
        calendar=Calendar.GREGORIAN,
        edtf=edtf.write(span),
        earliest=span.earliest,
        latest=span.latest,
        precision=span.precision,
        approximate=True,
    )


def age_on(birth: PartialDate, on: date) -> tuple[int, int]:
    """Return the youngest and oldest age in whole years; 0 for a day before birth.

    Born on 29 February, a person is a year older on 1 March of a common year.
    """
    return _age(birth.latest, on), _age(birth.earliest, on)


def _age(born: date, on: date) -> int:
    years = on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return max(0, years)


def _years_before(day: date, years: int) -> date:
    """Return the last birthday on which a person is `years` old by `day`."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 2, 28)


def _is_year_only(written: str, calendar: Calendar, precision: Precision) -> bool:
    return precision is Precision.DAY and written[4:10] in _YEAR_ONLY[calendar]
