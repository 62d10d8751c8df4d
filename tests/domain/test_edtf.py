"""The subset of EDTF, against its own rules and against the `edtf` package."""

import warnings
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.calendars import FIRST_DAY, LAST_DAY, Calendar
from rfl.domain.edtf import Precision, Span, has_shape, read, write
from rfl.errors import InvalidInput

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from edtf import parse_edtf

GREGORIAN = Calendar.GREGORIAN
SOLAR = Calendar.SOLAR_HIJRI
DAYS = st.dates(FIRST_DAY + timedelta(days=1), LAST_DAY - timedelta(days=1))


def span(text: str, calendar: Calendar = GREGORIAN) -> Span:
    return read(text, calendar, field="birth")


def oracle(text: str) -> tuple[date, date]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parsed = parse_edtf(text)
        return date(*parsed.lower_strict()[:3]), date(*parsed.upper_strict()[:3])


def sample(number: int) -> str:
    """One of twelve forms, with numbers that go round at different paces."""
    year = 1801 + number * 37 % 399
    mark = ("", "~", "?", "%", "")[number % 5]
    month, day = f"{year}-{number % 11 + 1:02}", f"{year}-{number % 7 + 1:02}-{number % 28 + 1:02}"
    forms = [
        f"{year}{mark}",
        f"{month}{mark}",
        f"{day}{mark}",
        f"{year // 10}X",
        f"{year // 100}XX",
        f"{year}-XX",
        f"{month}-XX",
        f"{year}-XX-XX",
        f"{year}-{21 + number % 3}",
        f"{year}/2200",
        f"{month}/{year + 1}",
        f"{day}{mark}/2200-{number % 12 + 1:02}",
    ]
    return forms[number // 5 % 12]


@pytest.mark.parametrize(
    ("text", "earliest", "latest", "precision"),
    [
        ("1979", "1979-01-01", "1979-12-31", Precision.YEAR),
        ("1979-05", "1979-05-01", "1979-05-31", Precision.MONTH),
        ("2000-02", "2000-02-01", "2000-02-29", Precision.MONTH),
        ("1979-05-12", "1979-05-12", "1979-05-12", Precision.DAY),
        ("197X", "1970-01-01", "1979-12-31", Precision.DECADE),
        ("19XX", "1900-01-01", "1999-12-31", Precision.CENTURY),
        ("1979-XX", "1979-01-01", "1979-12-31", Precision.YEAR),
        ("1979-XX-XX", "1979-01-01", "1979-12-31", Precision.YEAR),
        ("1979-05-XX", "1979-05-01", "1979-05-31", Precision.MONTH),
        ("1980-21", "1980-03-01", "1980-05-31", Precision.SEASON),
        ("1980-22", "1980-06-01", "1980-08-31", Precision.SEASON),
        ("1980-23", "1980-09-01", "1980-11-30", Precision.SEASON),
        ("1980-24", "1980-01-01", "1981-02-28", Precision.SEASON),
        ("1979/1981", "1979-01-01", "1981-12-31", Precision.RANGE),
        ("1979-05-12/1979-06", "1979-05-12", "1979-06-30", Precision.RANGE),
        ("1979/1979-05", "1979-01-01", "1979-05-31", Precision.RANGE),
        ("../1979", "1800-01-01", "1979-12-31", Precision.RANGE),
        ("/1979", "1800-01-01", "1979-12-31", Precision.RANGE),
        ("1979/..", "1979-01-01", "2200-12-31", Precision.RANGE),
        ("1979/", "1979-01-01", "2200-12-31", Precision.RANGE),
        ("[1979,1981]", "1979-01-01", "1981-12-31", Precision.RANGE),
        ("{1981-05, 1979}", "1979-01-01", "1981-05-31", Precision.RANGE),
    ],
)
def test_a_form_means_its_interval(text, earliest, latest, precision):
    assert span(text) == Span(date.fromisoformat(earliest), date.fromisoformat(latest), precision)


@pytest.mark.parametrize(
    ("text", "approximate", "uncertain"),
    [
        ("1979", False, False),
        ("1979~", True, False),
        ("1979-05?", False, True),
        ("1979-05-12%", True, True),
        ("197X~", True, False),
        ("1979~/1981?", True, True),
        ("1979/1981~", True, False),
        ("[1979,1981?]", False, True),
    ],
)
def test_a_mark_is_kept_and_does_not_widen(text, approximate, uncertain):
    marked, plain = span(text), span(text.translate(dict.fromkeys(map(ord, "~?%"))))
    assert (marked.approximate, marked.uncertain) == (approximate, uncertain)
    assert (marked.earliest, marked.latest) == (plain.earliest, plain.latest)


@pytest.mark.parametrize(
    ("text", "calendar", "rule"),
    [
        ("1979-XX-12", GREGORIAN, "a day without its month"),
        ("197X-05", GREGORIAN, "X may stand for"),
        ("1XXX", GREGORIAN, "X may stand for"),
        ("XXXX", GREGORIAN, "X may stand for"),
        ("X979", GREGORIAN, "X may stand for"),
        ("19X9", GREGORIAN, "X may stand for"),
        ("1979-1X", GREGORIAN, "X may stand for"),
        ("1979-05-1X", GREGORIAN, "X may stand for"),
        ("1979-13", GREGORIAN, "month must be 1 to 12"),
        ("1979-25", GREGORIAN, "month must be 1 to 12"),
        ("1979-21-05", GREGORIAN, "month must be 1 to 12"),
        ("1979-02-30", GREGORIAN, "no such day"),
        ("1979-05-12/1979-13", GREGORIAN, "month must be 1 to 12"),
        ("1799", GREGORIAN, "name the calendar"),
        ("179X", GREGORIAN, "name the calendar"),
        ("22XX", GREGORIAN, "name the calendar"),
        ("1357/1358", GREGORIAN, "name the calendar"),
        ("1981/1979", GREGORIAN, "must not end before it begins"),
        ("/", GREGORIAN, "at least one end"),
        ("../..", GREGORIAN, "at least one end"),
        ("1443-21", Calendar.ISLAMIC_HIJRI, "seasons are read"),
        ("2014-21", Calendar.ETHIOPIAN, "seasons are read"),
        ("1979-05-12T10:00", GREGORIAN, "must be EDTF"),
    ],
)
def test_what_has_no_meaning_is_refused_with_its_rule(text, calendar, rule):
    with pytest.raises(InvalidInput) as refusal:
        span(text, calendar)
    assert refusal.value.field == "birth"
    assert rule in refusal.value.rule


@pytest.mark.parametrize(
    "text",
    ["", "79", "1979-5-2", "1979/05/12", "12.05.1979", "1979-05-12T10:00", "Y19790", "-1979",
     "1979-00", "1979-05-00", "~1979", "1979~~", "[1979", "[1979}", "[]", "[1979..1981]",
     "1979/1980/1981", "197x", "1979\n", "open/1979", "1979 /1980", "..",
     "\u0661\u0669\u0667\u0669"],
)  # fmt: skip
def test_what_is_not_of_the_subset_has_no_shape(text):
    assert not has_shape(text)


def test_solar_hijri_seasons_are_the_quarters_of_its_year():
    assert span("1400-21", SOLAR).earliest == date(2021, 3, 21)
    assert span("1400-24", SOLAR).latest == date(2022, 3, 20)


def test_numbers_are_those_of_the_calendar_passed_in():
    assert span("1400", SOLAR) == Span(date(2021, 3, 21), date(2022, 3, 20), Precision.YEAR)
    assert span("139X", SOLAR).precision is Precision.DECADE


def test_a_span_masks_itself():
    assert repr(span("1979-05-12")) == "<Span>"


def test_some_hundred_samples_mean_what_the_edtf_package_says():
    for text in {sample(number) for number in range(240)}:
        found = span(text)
        assert (found.earliest, found.latest) == oracle(text), text


@given(first=DAYS, second=DAYS, approximate=st.booleans(), uncertain=st.booleans())
def test_a_written_interval_reads_back_as_itself(first, second, approximate, uncertain):
    earliest, latest = min(first, second), max(first, second)
    precision = Precision.DAY if earliest == latest else Precision.RANGE
    given_span = Span(earliest, latest, precision, approximate, uncertain)
    assert span(write(given_span)) == given_span


@pytest.mark.parametrize("text", ["../1979-12-31", "1979-01-01/.."])
def test_an_open_end_is_written_as_open(text):
    assert write(span(text)) == text


@given(st.text(alphabet="0129X-/~?%.[]{}, ", max_size=24))
def test_any_text_near_edtf_is_read_or_refused(text):
    try:
        found = span(text)
    except InvalidInput:
        return
    assert FIRST_DAY <= found.earliest <= found.latest <= LAST_DAY
