"""How long registrations, and bodies of the log, are kept by the policy (P-24, P-25)."""

from dataclasses import replace
from datetime import date

from rfl.domain.policy import AfterKeeping, DataClass, Keeping, Profile, Rules, Version
from rfl.flows.enrol import add_registration
from rfl.flows.runtime import Runtime
from rfl.flows.tidy import bound_registrations, tidy
from tests.flows.test_lists import row, rows, take
from tests.support import OFFICER, Clock, make_registration


def kept_for(rt: Runtime, days: int, kind: DataClass = DataClass.REGISTRATION) -> None:
    """Let the policy remove what was registered, or another class, after so many days."""
    keeping = {kind: Keeping(days, AfterKeeping.REMOVE)}
    version = Version("kept-1", date(2026, 1, 1), None, Rules(keeping=keeping))
    rt.rules = replace(rt.rules, policy=Profile("test", (version,)))


def test_p25_who_no_list_names_any_more_ends_after_the_days_of_the_policy_and_stays_away(
    rt: Runtime, clock: Clock
) -> None:
    kept_for(rt, 180)
    take(rt, rows(2))
    clock.move(days=100)
    assert take(rt, rows(1), "b").unchanged == 1
    clock.move(days=80)
    assert tidy(rt) == 0  # the last day counts
    clock.move(days=1)
    assert tidy(rt) == 1
    later = take(rt, rows(2), "c")
    assert (later.unchanged, later.erased_before, later.added) == (1, 1, 0)


def test_the_day_that_a_list_names_counts_where_it_is_the_earlier_one(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    kept_for(rt, 180)
    source = make_registration().source
    for day in (date(2026, 4, 1), date(2030, 1, 1)):
        listed = make_registration(source=replace(source, expires_on=day))
        add_registration(rt, OFFICER, listed)
    clock.move(days=32)
    assert tidy(rt) == 1
    clock.move(days=149)
    assert tidy(rt) == 1


def test_registrations_that_were_taken_in_under_other_rules_end_by_todays(
    rt: Runtime, clock: Clock
) -> None:
    kept_for(rt, 10, DataClass.MESSAGE)
    take(rt, [row(1)])
    clock.move(days=100)
    kept_for(rt, 180)
    assert tidy(rt) == 0
    clock.move(days=80)
    assert tidy(rt) == 1
    kept_for(rt, 9_000)
    take(rt, [row(2)], "b")
    kept_for(rt, 180)
    assert bound_registrations(rt) == 1
    assert bound_registrations(rt) == 0


def test_bodies_of_the_log_end_as_the_policy_says_where_it_says_so(sqlite_rt: Runtime) -> None:
    rt = sqlite_rt
    assert rt.rules.log_days_on(rt.today()) == rt.rules.log_days
    kept_for(rt, 400, DataClass.LOG_BODY)
    assert rt.rules.log_days_on(rt.today()) == 400
