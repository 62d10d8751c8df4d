"""Policy profiles (P-17): what ships can be read, and a bad file is refused by key and rule."""

from datetime import date

import pytest

from rfl.domain.answer import Item
from rfl.domain.person import STATE_ISSUED, Relation, Sex
from rfl.domain.policy import DataClass, Field
from rfl.domain.request import Method
from rfl.errors import InvalidInput
from rfl.interchange.profile import SHIPPED, read_profile, shipped_profile

HEAD = 'name = "mine"\n'
ONE = HEAD + '[[version]]\ncode = "a"\nbegins = 2026-01-01\n'


def any_with(line: str) -> str:
    return f"{ONE}[version.any]\n{line}\n"


def two(first_ends: str, second_begins: str) -> str:
    return f'{ONE}{first_ends}\n[[version]]\ncode = "b"\nbegins = {second_begins}\n'


def test_p17_every_profile_that_ships_can_be_read() -> None:
    names = {shipped_profile(name).name for name in SHIPPED}
    assert len(names) == len(SHIPPED) == 4


def test_p18_the_neutral_profile_matches_no_number_that_a_state_issued() -> None:
    version = shipped_profile("neutral").on(date(2026, 3, 1))
    assert not version.rules(None).identifiers & STATE_ISSUED


def test_p21_no_profile_that_ships_publishes_a_childs_photo() -> None:
    for name in SHIPPED:
        rules = shipped_profile(name).on(date(2026, 3, 1)).rules(None)
        assert not rules.photos_of_children
        assert rules.photo_age >= 15


def test_p24_times_of_keeping_are_data() -> None:
    kept = shipped_profile("transit_route").on(date(2026, 3, 1)).rules(None).keeping
    assert kept[DataClass.ENQUIRY].days == 90


def test_a_country_keeps_the_rules_for_any_but_for_what_it_changes() -> None:
    version = shipped_profile("watched_borders").on(date(2026, 3, 1))
    there, here = version.rules("AF"), version.rules("FR")
    assert (there.answering.answer_days, here.answering.answer_days) == (365, 240)
    assert there.methods == {Method.COMMUNITY_LEADER}
    assert there.asking == here.asking
    assert (there.leads(Sex.FEMALE), here.leads(Sex.FEMALE)) == (Sex.MALE, None)
    assert Item.ADDRESS not in there.answering.tell
    assert Relation.COUSIN not in there.asking.relations


def test_p17_the_version_is_the_one_that_is_valid_on_the_day() -> None:
    profile = shipped_profile("transit_route")
    assert profile.on(date(2026, 6, 30)).code == "transit-1"
    assert profile.on(date(2026, 7, 1)).code == "transit-2"
    assert profile.on(date(2031, 1, 1)).code == "transit-2"
    assert profile.on(date(2025, 1, 1)).code == "transit-1"


def test_p36_a_version_names_the_agency_and_none_that_ships_guesses_one() -> None:
    assert read_profile((ONE + 'agency = "icrc"\n').encode()).versions[0].is_agency("icrc")
    with pytest.raises(InvalidInput, match="agency"):
        read_profile((ONE + "agency = 7\n").encode())
    for name in SHIPPED:
        assert {version.agency for version in shipped_profile(name).versions} == {None}


def test_a_field_that_is_given_may_ask_for_another() -> None:
    asking = shipped_profile("transit_route").on(date(2026, 7, 1)).rules(None).asking
    channel, place = Field.ENQUIRER_CHANNEL, Field.SEPARATION_PLACE
    assert asking.wanted([channel]) == {place}
    assert asking.wanted([channel, place]) == {Field.SEPARATION_WHEN}
    assert asking.wanted([channel, place, Field.SEPARATION_WHEN]) == frozenset()


BAD = [
    ("\xff", "file", "TOML"),
    ("name = ", "file", "TOML"),
    (HEAD, "version", "is required"),
    (HEAD + "version = []", "version", "at least one table"),
    (HEAD + "version = [3]", "version[0]", "must be a table"),
    ('[[version]]\ncode = "a"\nbegins = 2026-01-01', "name", "is required"),
    ('name = ""\n[[version]]\ncode = "a"\nbegins = 2026-01-01', "name", "1 to 40"),
    (HEAD + "[[version]]\nbegins = 2026-01-01", "version[0].code", "is required"),
    (HEAD + '[[version]]\ncode = "a"', "version[0].begins", "is required"),
    (HEAD + '[[version]]\ncode = "a"\nbegins = "1 May"', "version[0].begins", "a day"),
    (ONE + "ends = 2025-01-01", "version[0].ends", "before begins"),
    (ONE + "ends = 2026-12-31", "version[0].ends", "left out"),
    ("colour = 1\n" + ONE, "colour", "unknown key"),
    (ONE + "colour = 1", "version[0].colour", "unknown key"),
    (any_with("colour = 1"), "version[0].any.colour", "unknown key"),
    (any_with('"Zahra H" = 1'), "version[0].any.?", "unknown key"),
    (two("", "2026-07-01"), "version[1].begins", "overlaps"),
    (two("ends = 2026-07-01", "2026-07-01"), "version[1].begins", "overlaps"),
    (two("ends = 2026-06-29", "2026-07-01"), "version[1].begins", "gap"),
    (two("ends = 2026-06-30", "2025-07-01"), "version[1].begins", "overlaps"),
    (
        two("ends = 2026-06-30", "2026-07-01").replace('"b"', '"a"'),
        "version",
        "a code of its own",
    ),
    (any_with('required = "notice"'), "version[0].any.required", "must be a list"),
    (any_with('required = ["shoe"]'), "version[0].any.required[0]", "must be one of"),
    (any_with("required = [3]"), "version[0].any.required[0]", "must be one of"),
    (any_with('required = ["notice", "notice"]'), "version[0].any.required", "each once"),
    (any_with("relations = []"), "version[0].any.relations", "at least one"),
    (any_with("answer_days = 0"), "version[0].any.answer_days", "must be 1 to"),
    (any_with("answer_days = true"), "version[0].any.answer_days", "whole number"),
    (any_with("answer_days = 1.5"), "version[0].any.answer_days", "whole number"),
    (any_with("photos_of_children = 1"), "version[0].any.photos_of_children", "true or false"),
    (any_with("least_age = 19"), "version[0].any.least_age", "between 0 and"),
    (any_with("photo_age = 40"), "version[0].any.photo_age", "between 0 and 18"),
    (
        any_with('required_if = [["separation.place", "separation.when"],'
                 '["separation.when", "separation.place"]]'),
        "version[0].any.required_if",
        "in a circle",
    ),
    (any_with('required_if = [["notice"]]'), "version[0].any.required_if[0]", "two fields"),
    (
        any_with('required_if = [["notice", "notice"]]'),
        "version[0].any.required_if",
        "in a circle",
    ),
    (
        any_with('forbidden = [{sex = "female", led_by = "female"}]'),
        "version[0].any.forbidden[0].led_by",
        "must not be the sex",
    ),
    (
        any_with('forbidden = [{sex = "female", led_by = "male"},'
                 '{sex = "male", led_by = "female"}]'),
        "version[0].any.forbidden",
        "leave a sex",
    ),
    (any_with("forbidden = [{}]"), "version[0].any.forbidden[0].led_by", "is required"),
    (
        any_with('forbidden = [{sex = "female", led_by = "male", why = ""}]'),
        "version[0].any.forbidden[0].why",
        "unknown key",
    ),
    (any_with("keeping = {shoes = {days = 1}}"), "version[0].any.keeping.shoes", "unknown key"),
    (
        any_with("keeping = {message = {days = 0}}"),
        "version[0].any.keeping.message.days",
        "must be 1 to",
    ),
    (
        any_with('keeping = {message = {days = 1, then = "sell"}}'),
        "version[0].any.keeping.message.then",
        "must be one of",
    ),
    *(
        (
            any_with(f'keeping = {{{kind} = {{days = 9, then = "{then}"}}}}'),
            f"version[0].any.keeping.{kind}.then",
            "for this class",
        )
        for kind, then in (
            ("enquiry", "archive"),
            ("enquiry", "review"),
            ("open_case", "archive"),
            ("open_case", "remove"),
            ("registration", "archive"),
            ("message", "review"),
            ("shared_copy", "review"),
            ("log_body", "archive"),
            ("finding", "archive"),
        )
    ),
    *(
        (
            any_with(f'keeping = {{{kind} = {{days = {days}, then = "remove"}}}}'),
            f"version[0].any.keeping.{kind}.days",
            f"must be {least} to {most} days",
        )
        for kind, days, least, most in (
            ("shared_copy", 181, 14, 180),
            ("shared_copy", 13, 14, 180),
            ("log_body", 29, 30, 40_000),
        )
    ),
    (
        ONE + '[version.country.AF.keeping]\nmessage = {days = 9, then = "remove"}',
        "version[0].country.AF.keeping.message",
        "unknown key",
    ),
    (ONE + "[version.country.xx]\n", "version[0].country.?", "two capital letters"),
    (
        ONE + "[version.country.AF]\ncolour = 1",
        "version[0].country.AF.colour",
        "unknown key",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "field", "rule"), BAD)
def test_a_bad_profile_is_refused_by_key_and_rule(content: str, field: str, rule: str) -> None:
    with pytest.raises(InvalidInput, match=rule) as refused:
        read_profile(content.encode("latin-1"))
    assert refused.value.field == field


def test_a_profile_that_is_too_large_is_refused() -> None:
    with pytest.raises(InvalidInput, match="at most"):
        read_profile(b"#" * (1024 * 1024 + 1))


def test_only_shipped_names_are_looked_for() -> None:
    with pytest.raises(InvalidInput, match="one of neutral"):
        shipped_profile("../secret")
