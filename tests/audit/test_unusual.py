"""The rules of unusual reading, each with tables of what it finds and what it leaves alone."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.audit.readers import Book
from rfl.audit.unusual import Assignment, Limits, own_family, unusual
from rfl.domain.access import Role, Verb
from rfl.domain.entry import Decision, Entry, written_time
from rfl.domain.finding import Code, Finding

ZONE = ZoneInfo("Europe/Skopje")
TODAY = date(2026, 3, 20)
ANA, BEN, CARA, DAN, EVA = "acc_ana", "acc_ben", "acc_cara", "acc_dan", "acc_eva"
LIMITS = Limits()


def make_entry(day: date = TODAY, hour: int = 10, minute: float = 0, **said: Any) -> Entry:
    """One case read by Ana, in the society's time, unless told otherwise."""
    local = datetime(day.year, day.month, day.day, hour, tzinfo=ZONE) + timedelta(minutes=minute)
    fields: dict[str, Any] = {
        "actor": ANA,
        "role": Role.TRACING_OFFICER,
        "client": "http",
        "action": Verb.CASE_READ,
        "objects": ("log_1",),
        "count": 1,
        "policy": "1",
    }
    return Entry(at=written_time(local.astimezone(UTC)), **fields | said)


def reading(day: date, count: int, **said: Any) -> list[Entry]:
    """So many distinct cases read by one reader in the course of a day."""
    return [make_entry(day, objects=(f"log_{day}_{one}",), **said) for one in range(count)]


def history(days: int, count: int, **said: Any) -> list[Entry]:
    """So many cases a day on the days before."""
    return [
        entry
        for back in range(1, days + 1)
        for entry in reading(TODAY - timedelta(days=back), count, **said)
    ]


def found(
    entries: Sequence[Entry],
    cases: dict[str, Assignment] | None = None,
    branches: dict[str, str] | None = None,
    limits: Limits = LIMITS,
) -> list[Finding]:
    book = Book(ZONE)
    book.add(entries, limits.rejected)
    return unusual(book, [TODAY], cases or {}, branches or {}, limits)


def codes(*args: Any, **kwargs: Any) -> list[Code]:
    return sorted(finding.code for finding in found(*args, **kwargs))


def others(count: int) -> list[Entry]:
    """Three colleagues of the same role who read so much, today and before."""
    return [
        entry
        for actor in (BEN, CARA, DAN)
        for entry in [*history(2, count, actor=actor), *reading(TODAY, count, actor=actor)]
    ]


AMOUNTS = [
    ("nothing unusual", [*history(10, 10), *reading(TODAY, 12)], []),
    ("little is never much", [*history(10, 1), *reading(TODAY, 24)], []),
    ("far over own days", [*history(10, 10), *reading(TODAY, 41)], ["breadth_own", "volume_own"]),
    ("four times is still usual", [*history(10, 10), *reading(TODAY, 40)], []),
    ("too short a history", [*history(4, 1), *reading(TODAY, 60)], []),
    ("no history, no peers, very much", reading(TODAY, 200), ["breadth_alone", "volume_alone"]),
    ("no history, no peers, much", reading(TODAY, 119), []),
    ("far over the peers", [*others(9), *reading(TODAY, 46)], ["breadth_peers", "volume_peers"]),
    ("like the peers", [*others(40), *reading(TODAY, 60)], []),
    ("two peers are too few", [*others(1)[6:], *reading(TODAY, 90)], []),
    (
        "always far over the peers, as ever",
        [*others(5), *history(10, 50), *reading(TODAY, 50)],
        ["breadth_peers", "volume_peers"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("_what", "entries", "expected"), AMOUNTS)
def test_amounts_are_held_against_own_days_and_peers_if_there_are_enough(
    _what: str, entries: list[Entry], expected: list[str]
) -> None:
    assert codes(entries) == expected


def test_a_finding_has_the_figures_that_it_was_made_from() -> None:
    entries = [*others(9), *history(10, 10), *reading(TODAY, 60)]
    figures = {one.code: one.figures for one in found(entries)}
    assert figures[Code.VOLUME_OWN] == {"records": 60, "own_median": 10, "own_days": 10}
    assert figures[Code.BREADTH_PEERS] == {"breadth": 60, "peers_median": 9, "peers": 3}


def test_the_same_case_again_and_again_is_volume_and_no_breadth() -> None:
    entries = [*history(10, 5), *[make_entry(minute=one) for one in range(60)]]
    assert codes(entries) == [Code.VOLUME_OWN]


def test_a_search_counts_every_person_shown() -> None:
    shown = tuple(f"log_{number}" for number in range(11))
    searches = [
        make_entry(action=Verb.SEARCH, objects=(f"log_{one}0", *shown), count=100, minute=one)
        for one in range(3)
    ]
    assert Code.VOLUME_ALONE in codes(searches)


@pytest.mark.parametrize(
    "said",
    [{"role": Role.SERVICE, "actor": "service"}, {"peer": "south"}, {"action": Verb.CASE_OPEN}],
)
def test_the_node_itself_peers_and_writing_are_no_reading(said: dict[str, Any]) -> None:
    assert codes(reading(TODAY, 500, **said)) == []


HOURS = [
    ("at the usual hour", [10] * 20, 10, 6, []),
    ("an hour later", [10] * 20, 11, 6, []),
    ("at night", [10] * 20, 2, 6, ["hour"]),
    ("once at night", [10] * 20, 2, 4, []),
    ("night shifts are usual for some", [23] * 20, 0, 6, []),
    ("too little history", [10] * 4, 2, 6, []),
]


@pytest.mark.parametrize(("_what", "before", "hour", "count", "expected"), HOURS)
def test_hours_are_held_against_the_readers_own(
    _what: str, before: list[int], hour: int, count: int, expected: list[str]
) -> None:
    past = [
        entry
        for back, at in enumerate(before, 1)
        for entry in reading(TODAY - timedelta(days=back), 3, hour=at)
    ]
    assert codes([*past, *reading(TODAY, count, hour=hour)]) == expected


def test_hours_are_those_of_the_society_in_summer_and_winter() -> None:
    """Nine in the morning there is seven or eight in UTC: no finding as the clocks change."""
    past = [
        entry for back in range(1, 25) for entry in reading(TODAY - timedelta(days=back), 3, hour=9)
    ]
    after = date(2026, 3, 30)
    entries = [*past, *reading(after, 6, hour=8)]
    book = Book(ZONE)
    book.add(entries, LIMITS.rejected)
    assert unusual(book, [after], {}, {}, LIMITS) == []


def cases_of(branch: str, officer: str, count: int) -> dict[str, Assignment]:
    return {f"log_{TODAY}_{one}": Assignment(branch, officer) for one in range(count)}


ASSIGNED = [
    ("one's own cases", cases_of("north", ANA, 9), Role.TRACING_OFFICER, []),
    ("a few of a colleague", cases_of("north", BEN, 4), Role.TRACING_OFFICER, []),
    ("many of a colleague", cases_of("north", BEN, 5), Role.TRACING_OFFICER, ["never_assigned"]),
    ("a supervisor sees the branch", cases_of("north", BEN, 9), Role.SUPERVISOR, []),
    ("another branch, once", cases_of("south", BEN, 1), Role.SUPERVISOR, ["other_branch"]),
    ("the data protection officer", cases_of("south", BEN, 9), Role.DATA_PROTECTION_OFFICER, []),
    ("nothing is known of the cases", {}, Role.TRACING_OFFICER, []),
]


@pytest.mark.parametrize(("_what", "cases", "role", "expected"), ASSIGNED)
def test_cases_that_were_never_the_readers(
    _what: str, cases: dict[str, Assignment], role: Role, expected: list[str]
) -> None:
    entries = reading(TODAY, 9, role=role)
    assert codes(entries, cases, {ANA: "north"}) == expected


def test_who_has_worked_on_a_case_may_read_it_though_it_is_a_colleagues_now() -> None:
    cases = cases_of("north", BEN, 9)
    before = TODAY - timedelta(days=9)
    worked = [make_entry(before, action=Verb.CASE_CHANGE, objects=(one,)) for one in cases]
    assert codes([*worked[:5], *reading(TODAY, 9)], cases, {ANA: "north"}) == []
    [finding] = found([*worked[:4], *reading(TODAY, 9)], cases, {ANA: "north"})
    assert finding.figures == {"cases": 5, "cases_opened": 9}
    assert len(finding.log_ids) == 5


def refusals(count: int, apart: float, **said: Any) -> list[Entry]:
    denied = {"decision": Decision.DENIED, "reason": "forbidden"} | said
    return [make_entry(minute=one * apart, **denied) for one in range(count)]


DENIALS = [
    ("ten in ten minutes", refusals(10, 1), ["denials"]),
    ("nine in ten minutes", refusals(9, 1), []),
    ("ten in an hour", refusals(10, 6), []),
    ("failed sign-ins", refusals(20, 0.2, actor="service", action=Verb.SIGN_IN), ["sign_ins"]),
    ("a few failed sign-ins", refusals(19, 0.2, actor="service", action=Verb.SIGN_IN), []),
]


@pytest.mark.parametrize(("_what", "entries", "expected"), DENIALS)
def test_bursts_of_denials(_what: str, entries: list[Entry], expected: list[str]) -> None:
    assert codes(entries) == expected


PROBING = [
    ("three that were not theirs", [{"reason": "not-yours"}] * 3, ["peer_probing"]),
    ("two", [{"reason": "not-yours"}] * 2, []),
    ("three denied", [{"decision": Decision.DENIED}] * 3, ["peer_probing"]),
    ("three in order", [{"reason": None}] * 3, []),
    ("of two peers", [{"reason": "not-yours"}] * 2 + [{"reason": "not-yours", "peer": "east"}], []),
]


@pytest.mark.parametrize(("_what", "calls", "expected"), PROBING)
def test_peers_that_ask_for_what_is_not_theirs(
    _what: str, calls: list[dict[str, Any]], expected: list[str]
) -> None:
    entries = [make_entry(actor="south", **{"peer": "south"} | call) for call in calls]
    assert codes(entries) == expected


def test_only_the_days_under_review_have_findings() -> None:
    entries = reading(TODAY - timedelta(days=1), 300)
    assert found(entries) == []


def test_own_family_keeps_the_flag_and_how_many_never_which() -> None:
    assert own_family(ANA, TODAY, 2).log_ids == ()
    assert own_family(ANA, TODAY, 2).figures == {"records": 2}


@given(st.integers(0, 300), st.integers(0, 12), st.integers(0, 40))
def test_more_reading_never_makes_a_finding_go_away(today: int, days: int, before: int) -> None:
    """Against the same history."""
    past = history(days, before)
    less, more = (
        set(codes([*past, *reading(TODAY, today)])),
        set(codes([*past, *reading(TODAY, today + 50)])),
    )
    assert less <= more


def test_thresholds_are_data() -> None:
    strict = Limits(volume_alone=5, volume_least=1, breadth_least=1_000)
    assert codes(reading(TODAY, 5), limits=strict) == [Code.VOLUME_ALONE]
