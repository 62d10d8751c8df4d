"""Dates of birth under the errors that families and lists make."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.calendars import FIRST_DAY, LAST_DAY
from rfl.domain.dates import PartialDate, parse_date
from rfl.matching.dates import EXACT, birth_of, compare_birth
from rfl.matching.evidence import Contribution
from tests.matching.people import aged


def finding(left: str | PartialDate | None, right: str | PartialDate | None) -> Contribution:
    one, other = (parse_date(d) if isinstance(d, str) else d for d in (left, right))
    return compare_birth(birth_of(one), birth_of(other))


CASES = [
    ("1984-03-12", "1984-03-12", "birth.same_day"),
    ("1984-03-12", "1984-12-03", "birth.day_and_month_swapped"),
    ("1984-03-12", "1984-03-17", "birth.one_digit_differs"),
    ("1984-03-12", "1985-03-12", "birth.year_slipped"),
    ("1984-03-12", "1984-03-25", "birth.year_agrees"),
    ("1984-03-12", "1984", "birth.year_agrees"),
    ("1984-03-12", "1984-03", "birth.month_agrees"),
    ("1984-01-01", "1984-09-20", "birth.year_agrees"),
    ("1984-07-01", "1984-01-01", "birth.year_agrees"),
    ("1984", "1985", "birth.years_nearly_agree"),
    ("1984", "1986", "birth.years_nearly_agree"),
    ("1984~", "1986", "birth.about_agrees"),
    ("1984~", "1988", "birth.few_years_apart"),
    ("1978", "1987", "birth.year_digits_swapped"),
    ("1978-05-02", "1987-11-20", "birth.year_digits_swapped"),
    ("1974", "1984", "birth.decade_differs"),
    ("1974-03-12", "1984-03-12", "birth.day_agrees_year_differs"),
    ("1976-03-12", "1983-11-22", "birth.same_day_in_another_calendar"),
    ("1984", "1988", "birth.few_years_apart"),
    ("1984", "1992", "birth.calendar_mixed_up"),
    ("1984-03-12", "1990-05-02", "birth.years_apart"),
    ("1984", "2010", "birth.conflict"),
    ("1984", None, "birth.unknown"),
    (None, None, "birth.unknown"),
]


@pytest.mark.parametrize(("left", "right", "code"), CASES)
def test_two_dates_give_the_finding_of_their_error(
    left: str | None, right: str | None, code: str
) -> None:
    assert finding(left, right).code == code
    assert finding(right, left) == finding(left, right)


def test_a_missing_date_weighs_nothing() -> None:
    assert finding("1984-03-12", None).weight == 0


def test_closer_dates_weigh_more() -> None:
    known = "1984-03-12"
    others = ["1984-03-12", "1984-03-17", "1984", "1985", "1986", "1988", "1990", "2010"]
    weights = [finding(known, other).weight for other in others]
    assert weights == sorted(weights, reverse=True)


def test_the_first_of_january_means_the_year() -> None:
    assert finding("1984-01-01", "1984-01-01").weight < EXACT
    assert finding("1984-01-01", "1984-11-30") == finding("1984", "1984-11-30")


def test_an_age_says_less_than_a_year_and_a_range_of_ages_less_still() -> None:
    year, age, ages = (
        finding("1984-03-12", other).weight for other in ("1984", aged(41, 41), aged(35, 45))
    )
    assert year > age > ages > 0


def test_about_weakens_agreement_and_conflict_alike() -> None:
    assert 0 < finding("1984", "1984~").weight < finding("1984", "1984").weight
    assert finding("1950", "1984").weight < finding("1950", "1984~").weight < 0


@given(st.dates(FIRST_DAY, LAST_DAY), st.dates(FIRST_DAY, LAST_DAY))
def test_any_two_days_weigh_the_same_both_ways_and_stay_in_bounds(left: date, right: date) -> None:
    found = finding(str(left), str(right))
    assert found == finding(str(right), str(left))
    assert -4 <= found.weight <= EXACT
