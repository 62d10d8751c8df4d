"""Conversion of days, months and years from four calendars."""

import warnings
from datetime import date, timedelta

import pytest

from rfl.domain.calendars import (
    FIRST_DAY,
    LAST_DAY,
    YEARS,
    Calendar,
    days_of_day,
    days_of_month,
    days_of_years,
    months_in_year,
)
from rfl.errors import InvalidInput

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from convertdate import coptic, islamic, persian

SOLAR = Calendar.SOLAR_HIJRI
ISLAMIC = Calendar.ISLAMIC_HIJRI
ETHIOPIAN = Calendar.ETHIOPIAN
JULIAN_DAY_OF_ORDINAL_0 = 1_721_424.5
# Leap years of the table 1206 to 1498 that the calendar centre of the University of Tehran
# publishes, as far as they lie near today.
PUBLISHED_SOLAR_LEAP_YEARS = [1342, 1346, 1350, 1354, 1358, 1362, 1366, 1370, 1375, 1379, 1383]
PUBLISHED_SOLAR_LEAP_YEARS += [1387, 1391, 1395, 1399, 1403, 1408, 1412]


def ordinal(julian_day: float) -> int:
    return int(julian_day - JULIAN_DAY_OF_ORDINAL_0)


@pytest.mark.parametrize(
    ("calendar", "given", "gregorian"),
    [
        (Calendar.GREGORIAN, (1979, 5, 12), date(1979, 5, 12)),
        (Calendar.GREGORIAN, (2000, 2, 29), date(2000, 2, 29)),
        (SOLAR, (1400, 1, 1), date(2021, 3, 21)),
        (SOLAR, (1399, 12, 30), date(2021, 3, 20)),
        (SOLAR, (1357, 11, 22), date(1979, 2, 11)),
        (SOLAR, (1357, 2, 7), date(1978, 4, 27)),
        (ETHIOPIAN, (2014, 1, 1), date(2021, 9, 11)),
        (ETHIOPIAN, (2012, 1, 1), date(2019, 9, 12)),
        (ETHIOPIAN, (2000, 1, 1), date(2007, 9, 12)),
        (ETHIOPIAN, (1983, 9, 20), date(1991, 5, 28)),
        (ETHIOPIAN, (2011, 13, 6), date(2019, 9, 11)),
    ],
)
def test_a_day_is_the_published_gregorian_day(calendar, given, gregorian):
    assert days_of_day(calendar, *given, field="birth") == (gregorian, gregorian)


@pytest.mark.parametrize(
    ("given", "sighted"),
    [
        ((1443, 1, 1), date(2021, 8, 10)),
        ((1445, 9, 1), date(2024, 3, 11)),
        ((1444, 10, 1), date(2023, 4, 21)),
        ((1400, 1, 1), date(1979, 11, 20)),
    ],
)
def test_an_islamic_day_covers_the_day_of_the_sighting(given, sighted):
    earliest, latest = days_of_day(ISLAMIC, *given, field="birth")
    assert earliest <= sighted <= latest
    assert latest - earliest == timedelta(days=2)


def test_an_islamic_month_and_year_are_widened_as_well():
    earliest, latest = days_of_month(ISLAMIC, 1443, 1, field="birth")
    assert (earliest, latest) == (date(2021, 8, 9), date(2021, 9, 9))
    assert days_of_years(ISLAMIC, 1443, 1443, field="birth")[0] == earliest


def test_solar_hijri_years_begin_as_the_astronomical_calendar_says():
    for year in (*range(1290, 1420, 13), 1375, 1376, 1403, 1404, 1501, 1502, 1503, 1504):
        expected = ordinal(persian.to_jd(year, 1, 1))
        assert days_of_day(SOLAR, year, 1, 1, field="birth")[0].toordinal() == expected


def test_solar_hijri_leap_years_are_the_published_ones():
    def has_366_days(year: int) -> bool:
        first, last = days_of_years(SOLAR, year, year, field="birth")
        return (last - first).days == 365

    assert [year for year in range(1340, 1413) if has_366_days(year)] == PUBLISHED_SOLAR_LEAP_YEARS


def test_islamic_months_are_those_of_the_tabular_calendar():
    for year in range(*YEARS[ISLAMIC]):
        for month in range(1, 13):
            earliest, _ = days_of_month(ISLAMIC, year, month, field="birth")
            assert earliest.toordinal() + 1 == ordinal(islamic.to_jd(year, month, 1))


def test_ethiopian_months_are_the_coptic_ones_276_years_on():
    for year in range(*YEARS[ETHIOPIAN]):
        for month in range(1, 14):
            earliest, _ = days_of_month(ETHIOPIAN, year, month, field="birth")
            assert earliest.toordinal() == ordinal(coptic.to_jd(year - 276, month, 1))


@pytest.mark.parametrize("calendar", [Calendar.GREGORIAN, SOLAR, ETHIOPIAN])
def test_months_follow_each_other_without_gap(calendar):
    first, last = YEARS[calendar]
    expected = days_of_years(calendar, first, first, field="birth")[0]
    for year in range(first, last + 1):
        for month in range(1, months_in_year(calendar) + 1):
            earliest, latest = days_of_month(calendar, year, month, field="birth")
            assert earliest == expected
            expected = latest + timedelta(days=1)


@pytest.mark.parametrize("calendar", list(Calendar))
def test_the_years_of_a_calendar_are_all_that_fit_the_limits(calendar):
    first, last = YEARS[calendar]
    opening, closing = days_of_years(calendar, first, last, field="birth")
    assert FIRST_DAY <= opening < FIRST_DAY + timedelta(days=366)
    assert LAST_DAY - timedelta(days=366) < closing <= LAST_DAY


@pytest.mark.parametrize(
    ("calendar", "given", "rule"),
    [
        (Calendar.GREGORIAN, (1979, 2, 29), "no such day"),
        (Calendar.GREGORIAN, (1979, 13, 1), "month must be 1 to 12"),
        (Calendar.GREGORIAN, (1979, 0, 1), "month must be 1 to 12"),
        (Calendar.GREGORIAN, (1979, 1, 0), "no such day"),
        (Calendar.GREGORIAN, (1357, 1, 1), "name the calendar"),
        (Calendar.GREGORIAN, (2201, 1, 1), "name the calendar"),
        (SOLAR, (1357, 7, 31), "no such day"),
        (SOLAR, (1398, 12, 30), "no such day"),
        (SOLAR, (1979, 1, 1), "Solar Hijri calendar: name the calendar"),
        (ISLAMIC, (1443, 2, 30), "no such day"),
        (ISLAMIC, (1443, 13, 1), "month must be 1 to 12"),
        (ETHIOPIAN, (2014, 13, 6), "no such day"),
        (ETHIOPIAN, (2014, 14, 1), "month must be 1 to 13"),
        (ETHIOPIAN, (2014, 1, 31), "no such day"),
    ],
)
def test_an_impossible_day_is_refused_with_its_rule(calendar, given, rule):
    with pytest.raises(InvalidInput) as refusal:
        days_of_day(calendar, *given, field="birth")
    assert refusal.value.field == "birth"
    assert rule in refusal.value.rule
