"""Dates as families give them, from text and from age."""

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.calendar_names import MONTHS, SEASONS
from rfl.domain.calendars import FIRST_DAY, LAST_DAY
from rfl.domain.dates import (
    Calendar,
    PartialDate,
    Precision,
    age_on,
    date_from_age,
    parse_date,
)
from rfl.errors import InvalidInput

GREGORIAN = Calendar.GREGORIAN
SOLAR = Calendar.SOLAR_HIJRI
ISLAMIC = Calendar.ISLAMIC_HIJRI
ETHIOPIAN = Calendar.ETHIOPIAN


def make_date(**changes: object) -> PartialDate:
    fields: dict[str, object] = {
        "text": "1979-05-12",
        "calendar": GREGORIAN,
        "edtf": "1979-05-12",
        "earliest": date(1979, 5, 12),
        "latest": date(1979, 5, 12),
        "precision": Precision.DAY,
    }
    return PartialDate(**(fields | changes))


@pytest.mark.parametrize(
    ("text", "edtf"),
    [
        ("12.05.1979", "1979-05-12"),
        ("12. 5. 1979", "1979-05-12"),
        ("13/05/1979", "1979-05-13"),
        ("05/13/1979", "1979-05-13"),
        ("05/05/1979", "1979-05-05"),
        ("1979-5-2", "1979-05-02"),
        ("1979/05/12", "1979-05-12"),
        ("1979.05.12", "1979-05-12"),
        ("1979-05-12 00:00:00", "1979-05-12"),
        ("1979-05-12T00:00", "1979-05-12"),
        ("05/1979", "1979-05"),
        ("5.1979", "1979-05"),
        ("1979/05", "1979-05"),
        ("00.00.1979", "1979-XX-XX"),
        ("1979-00-00", "1979-XX-XX"),
        ("00/05/1979", "1979-05-XX"),
        ("1979 - 1981", "1979/1981"),
        ("about 1979-1981", "1979~/1981~"),
        ("1970s", "197X"),
        ("197x", "197X"),
        (" 1979 ", "1979"),
        ("year 1979", "1979"),
        ("about 1979", "1979~"),
        ("c. 1979", "1979~"),
        ("ca 1979", "1979~"),
        ("Circa May 1979", "1979-05~"),
        ("~1979", "1979~"),
        ("1979 ?", "1979?"),
        ("12?.05.1979", "1979-05-12?"),
        ("perhaps about 1979", "1979%"),
        ("around 12/05/1979", "1979-05-12%"),
        ("May 1979", "1979-05"),
        ("12 May 1979", "1979-05-12"),
        ("May 12, 1979", "1979-05-12"),
        ("12-MAY-1979", "1979-05-12"),
        ("2nd of Sept. 1979", "1979-09-02"),
        ("12.V.1979", "1979-05-12"),
        ("spring 1980", "1980-21"),
        ("in the winter of 1980", "1980-24"),
        ("1er août 1979", "1979-08-01"),
        ("12 de mayo de 1979", "1979-05-12"),
        ("vers février 1979", "1979-02~"),
        ("12 ноември 1979 г.", "1979-11-12"),
        ("12. децембар 1979.", "1979-12-12"),
        ("7 января 1979 года", "1979-01-07"),
        ("листопад 1979", "1979-11"),
        ("весна 1980", "1980-21"),
        ("١٣/٥/١٩٧٩", "1979-05-13"),
        ("१९७९-०५-१३", "1979-05-13"),
        ("٢٣ كانون الثاني ١٩٨٠", "1980-01-23"),
        ("23 Kanun al-Thani 1980", "1980-01-23"),
        ("٢٣ يناير ١٩٨٠ م", "1980-01-23"),
        ("حوالي عام ١٩٧٩", "1979~"),
    ],
)
def test_a_date_as_lists_hold_it_becomes_edtf(text, edtf):
    parsed = parse_date(text)
    assert (parsed.text, parsed.edtf) == (text, edtf)


@pytest.mark.parametrize(
    ("text", "calendar", "edtf"),
    [
        ("1357", SOLAR, "1978-03-21/1979-03-20"),
        ("about 1357", SOLAR, "1978-03-21~/1979-03-20~"),
        ("1357/..", SOLAR, "1978-03-21/.."),
        ("1357/02/22", SOLAR, "1978-05-12"),
        ("22.02.1357", SOLAR, "1978-05-12"),
        ("۱۳۵۷/۰۲/۲۲", SOLAR, "1978-05-12"),
        ("12 Hamal 1357", SOLAR, "1978-04-01"),
        ("۱۲ حمل ۱۳۵۷", SOLAR, "1978-04-01"),
        ("12 Farvardin 1357", SOLAR, "1978-04-01"),
        ("۱۲ فروردین ۱۳۵۷ ه.ش", SOLAR, "1978-04-01"),
        ("بهار ۱۳۵۹", SOLAR, "1980-03-21/1980-06-21"),
        ("1 Farvardin 1400", SOLAR, "2021-03-21"),
        ("1 Muharram 1443", ISLAMIC, "2021-08-09/2021-08-11"),
        ("١ محرّم ١٤٤٣ هـ", ISLAMIC, "2021-08-09/2021-08-11"),
        ("Rabi' al-Awwal 1400", ISLAMIC, "1980-01-18/1980-02-18"),
        ("1 Meskerem 2014", ETHIOPIAN, "2021-09-11"),
        ("መስከረም 1 2014 ዓ.ም", ETHIOPIAN, "2021-09-11"),
        ("12 Tir 1979 E.C.", ETHIOPIAN, "1987-01-20"),
        ("05/13/2011", ETHIOPIAN, "2019-09-10?"),
        ("05/14/2011", ETHIOPIAN, "2019-01-22"),
    ],
)
def test_a_date_of_another_calendar_becomes_its_gregorian_interval(text, calendar, edtf):
    parsed = parse_date(text, calendar)
    assert (parsed.text, parsed.calendar, parsed.edtf) == (text, calendar, edtf)


@pytest.mark.parametrize(
    ("text", "calendar"),
    [("1443-01-01", ISLAMIC), ("1443-05", ISLAMIC), ("1443", ISLAMIC), ("144X", ISLAMIC),
     ("14XX", ISLAMIC), ("2014-13", ETHIOPIAN), ("1357-24", SOLAR), ("13XX", SOLAR),
     ("1980-24", GREGORIAN), ("2000-24", GREGORIAN), ("20XX", GREGORIAN), ("199X", GREGORIAN)],
)  # fmt: skip
def test_every_precision_of_every_calendar_can_be_held(text, calendar):
    parsed = parse_date(text, calendar)
    assert parsed.earliest <= parsed.latest


@pytest.mark.parametrize(
    ("text", "uncertain"),
    [
        ("12/05/1979", True),
        ("12-05-1979", True),
        ("12 05 1979", True),
        ("12.05.1979", False),
        ("13/05/1979", False),
        ("05/13/1979", False),
        ("05/05/1979", False),
        ("1979/05/12", False),
    ],
)
def test_day_and_month_that_may_be_swapped_make_a_date_uncertain(text, uncertain):
    assert parse_date(text).uncertain is uncertain


@pytest.mark.parametrize(
    ("text", "calendar", "expected"),
    [
        ("1979-01-01", GREGORIAN, True),
        ("01/01/1979", GREGORIAN, True),
        ("1 July 1979", GREGORIAN, True),
        ("1979-01-01~", GREGORIAN, True),
        ("1979-01-02", GREGORIAN, False),
        ("1979-07", GREGORIAN, False),
        ("1979", GREGORIAN, False),
        ("1 Hamal 1357", SOLAR, True),
        ("1357-07-01", SOLAR, False),
        ("1 Muharram 1443", ISLAMIC, True),
        ("1 Meskerem 2014", ETHIOPIAN, True),
    ],
)
def test_a_day_that_often_means_only_the_year_is_marked(text, calendar, expected):
    assert parse_date(text, calendar).year_only_convention is expected


@pytest.mark.parametrize(
    ("text", "calendar", "rule"),
    [
        ("12.05.79", GREGORIAN, "four digits"),
        ("79", GREGORIAN, "four digits"),
        ("May 79", GREGORIAN, "four digits"),
        ("12051979", GREGORIAN, "four digits"),
        ("1979 1980 05", GREGORIAN, "four digits"),
        ("12.05.1357", GREGORIAN, "name the calendar"),
        ("1357", GREGORIAN, "name the calendar"),
        ("12 Hamal 1979", GREGORIAN, "no such month or season: name the calendar"),
        ("12 May 1357", SOLAR, "no such month or season: name the calendar"),
        ("1979 E.C.", GREGORIAN, "no such month or season: name the calendar"),
        ("1398 AH", SOLAR, "no such month or season: name the calendar"),
        ("30 February 1979", GREGORIAN, "no such day"),
        ("30.02.1979", GREGORIAN, "no such day"),
        ("13.13.1979", GREGORIAN, "month must be"),
        ("12.00.1979", GREGORIAN, "a day without its month"),
        ("12 spring 1979", GREGORIAN, "month must be"),
        ("12 5 May 1979", GREGORIAN, "must be a date"),
        ("12.1979.05", GREGORIAN, "must be a date"),
        ("1979-05/06", GREGORIAN, "must be a date"),
        ("12/05-1979", GREGORIAN, "must be a date"),
        ("1 2 3 1979", GREGORIAN, "must be a date"),
        ("unknown", GREGORIAN, "must be a date"),
        ("-", GREGORIAN, "must be a date"),
        ("12_05_1979", GREGORIAN, "must be a date"),
        ("1979-05-12 14:30", GREGORIAN, "must be a date"),
        ("", GREGORIAN, "visible character"),
        ("1979\t05", GREGORIAN, "control characters"),
        ("1" * 65, GREGORIAN, "at most 64"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_rule(text, calendar, rule):
    with pytest.raises(InvalidInput) as refusal:
        parse_date(text, calendar, field="birth")
    assert refusal.value.field == "birth"
    assert rule in refusal.value.rule


def test_a_refusal_does_not_repeat_the_text():
    for text in ("30.02.1983", "17 Hamal 1983", "Khadija 1983", "1337-11-09", "12.05.83"):
        with pytest.raises(InvalidInput) as refusal:
            parse_date(text)
        assert not any(part in str(refusal.value) for part in ("83", "1337", "17", "hadija", "30"))


@pytest.mark.parametrize("calendar", list(Calendar))
def test_every_spelling_of_a_month_and_season_is_known(calendar):
    year = {GREGORIAN: 1979, SOLAR: 1357, ISLAMIC: 1399, ETHIOPIAN: 1971}[calendar]
    for number, line in enumerate(MONTHS[calendar], 1):
        expected = parse_date(f"{year}-{number:02}", calendar)
        for spelling in line.split("|"):
            parsed = parse_date(f"{spelling.strip().upper()} {year}", calendar)
            assert parsed.earliest == expected.earliest, spelling
    if calendar in (GREGORIAN, SOLAR):
        for number, line in enumerate(SEASONS, 21):
            for spelling in line.split("|"):
                parsed = parse_date(f"{spelling.strip()} {year}", calendar)
                assert parsed.earliest == parse_date(f"{year}-{number}", calendar).earliest


@given(st.dates(FIRST_DAY, LAST_DAY), st.sampled_from(["", "~", "?", "%"]))
def test_any_day_reads_back_from_its_edtf(day, mark):
    parsed = parse_date(f"{day}{mark}")
    assert parse_date(parsed.edtf) == parsed
    assert parsed.earliest == parsed.latest == day


@given(st.sampled_from(Calendar), st.integers(1801, 2190), st.integers(1, 12), st.integers(1, 29))
def test_any_day_of_any_calendar_reads_back_from_its_edtf(calendar, gregorian_year, month, day):
    offset = {GREGORIAN: 0, SOLAR: 621, ISLAMIC: 585, ETHIOPIAN: 7}[calendar]
    text = f"{gregorian_year - offset}-{month:02}-{min(day, 28):02}"
    parsed = parse_date(text, calendar)
    again = parse_date(parsed.edtf)
    assert (again.earliest, again.latest) == (parsed.earliest, parsed.latest)


@given(st.text(max_size=70), st.sampled_from(Calendar))
def test_any_text_is_read_or_refused(text, calendar):
    try:
        parsed = parse_date(text, calendar)
    except InvalidInput:
        return
    assert FIRST_DAY <= parsed.earliest <= parsed.latest <= LAST_DAY


WORDS = ["May", "hamal", "about", "c.", "1979", "1357", "12", "05", "00", "0", "spring", "s", "X"]
WORDS += [" ", "/", ".", "-", "~", "?", "E.C.", "\u0661", "\u202b", "\u00bd", "\u1372", "Q"]


@given(st.lists(st.sampled_from(WORDS), max_size=9), st.sampled_from(Calendar))
def test_any_words_of_dates_are_read_or_refused(words, calendar):
    try:
        parsed = parse_date("".join(words), calendar)
    except InvalidInput:
        return
    assert parse_date(parsed.edtf).earliest == parsed.earliest


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"earliest": date(1979, 5, 13)}, "earliest"),
        ({"latest": date(1979, 5, 13)}, "precision"),
        ({"latest": date(1979, 5, 13), "calendar": SOLAR}, "precision"),
        ({"latest": date(1979, 5, 15), "calendar": ISLAMIC}, "precision"),
        ({"precision": Precision.YEAR}, "precision"),
        ({"precision": Precision.YEAR, "latest": date(1981, 5, 12)}, "precision"),
        ({"precision": Precision.RANGE, "year_only_convention": True}, "year_only_convention"),
        ({"earliest": date(1799, 12, 31), "precision": Precision.RANGE}, "earliest"),
        ({"latest": date(2201, 1, 1), "precision": Precision.RANGE}, "earliest"),
        ({"text": ""}, "text"),
        ({"text": "1" * 65}, "text"),
        ({"edtf": ""}, "edtf"),
    ],
)
def test_a_date_cannot_contradict_itself(changes, field):
    with pytest.raises(InvalidInput) as refusal:
        make_date(**changes)
    assert refusal.value.field == field


def test_a_date_masks_itself():
    assert "1979" not in f"{make_date()!r} {make_date()}"


def test_an_age_gives_the_days_on_which_the_person_may_be_born():
    birth = date_from_age(35, 45, date(2000, 1, 1))
    assert (birth.earliest, birth.latest) == (date(1954, 1, 2), date(1965, 1, 1))
    assert (birth.text, birth.edtf) == ("35-45 on 2000-01-01", "1954-01-02~/1965-01-01~")
    assert (birth.precision, birth.approximate) == (Precision.RANGE, True)


@given(
    st.dates(date(1931, 1, 1), LAST_DAY),
    st.integers(0, 130),
    st.integers(0, 130),
)
def test_an_age_reads_back_as_itself_and_is_as_wide_as_it_can_be(on, first, second):
    low, high = sorted((first, second))
    birth = date_from_age(low, high, on)
    assert age_on(birth, on) == (low, high)
    before = make_date(**dict.fromkeys(("earliest", "latest"), birth.earliest - timedelta(days=1)))
    assert age_on(before, on) == (high + 1, high + 1)
    again = parse_date(birth.edtf)
    assert (again.earliest, again.latest) == (birth.earliest, birth.latest)


@pytest.mark.parametrize(
    ("low", "high", "on"),
    [
        (45, 35, date(2000, 1, 1)),
        (-1, 5, date(2000, 1, 1)),
        (5, 131, date(2000, 1, 1)),
        (5, 60, date(1850, 1, 1)),
        (5, 50, date(1850, 12, 31)),
        (5, 6, date(2201, 1, 1)),
    ],
)
def test_an_age_that_no_person_has_is_refused(low, high, on):
    with pytest.raises(InvalidInput) as refusal:
        date_from_age(low, high, on, field="age")
    assert refusal.value.field == "age"


@pytest.mark.parametrize(
    ("birth", "on", "ages"),
    [
        ("1979-05-12", date(2000, 5, 11), (20, 20)),
        ("1979-05-12", date(2000, 5, 12), (21, 21)),
        ("1979", date(2000, 6, 1), (20, 21)),
        ("197X", date(2000, 1, 1), (20, 30)),
        ("2000-02-29", date(2001, 2, 28), (0, 0)),
        ("2000-02-29", date(2001, 3, 1), (1, 1)),
        ("1990/..", date(2000, 1, 1), (0, 10)),
        ("2010", date(2000, 1, 1), (0, 0)),
    ],
)
def test_ages_run_from_the_youngest_to_the_oldest(birth, on, ages):
    assert age_on(parse_date(birth), on) == ages


def test_names_of_months_are_in_no_compatibility_form():
    for lines in MONTHS.values():
        for line in lines:
            assert unicodedata.is_normalized("NFC", line)
