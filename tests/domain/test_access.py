"""The access table: what it does not name is refused."""

import itertools

import pytest

from rfl.domain.access import ALLOWED, Actor, Object, Role, Verb, require
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.errors import Forbidden, PurposeMissing, RflError


def allowed(
    role: Role, verb: Verb, purpose: Purpose | None, on: Object | None = None, branch: str = "north"
) -> bool:
    try:
        require(Actor("acc_me", role, branch), verb, purpose, on)
    except RflError:
        return False
    return True


EVERY = list(itertools.product(Role, Verb, Purpose))


def test_nothing_passes_without_a_line_in_the_table() -> None:
    for role, verb, purpose in EVERY:
        named = purpose in ALLOWED.get(role, {}).get(verb, frozenset())
        assert allowed(role, verb, purpose) == named, (role, verb, purpose)


def test_p08_nothing_passes_without_a_purpose() -> None:
    for role, verb in itertools.product(Role, Verb):
        with pytest.raises(PurposeMissing):
            require(Actor("acc_me", role, "north"), verb, None)


def test_p08_no_purpose_is_law_enforcement() -> None:
    words = ("police", "law", "enforce", "border", "security", "investigat", "prosecut")
    assert not [one for one in Purpose for word in words if word in one.value]


def test_another_branch_is_reached_by_nobody_but_the_data_protection_officer() -> None:
    other = Object(branch="south")
    for role, verb, purpose in EVERY:
        if allowed(role, verb, purpose, other):
            assert role in {Role.DATA_PROTECTION_OFFICER, Role.SERVICE}, (role, verb)


def test_a_higher_level_never_allows_more() -> None:
    levels = (Level.NORMAL, Level.RESTRICTED, Level.NAMED_PERSONS_ONLY)
    for role, verb, purpose in EVERY:
        passes = [
            allowed(role, verb, purpose, Object(branch="north", officer="acc_other", level=level))
            for level in levels
        ]
        assert passes == sorted(passes, reverse=True), (role, verb)


def test_named_persons_only_is_open_to_the_named_officer() -> None:
    mine = Object(branch="north", officer="acc_me", level=Level.NAMED_PERSONS_ONLY)
    assert allowed(Role.TRACING_OFFICER, Verb.CASE_READ, Purpose.TRACING, mine)
    theirs = Object(branch="north", officer="acc_x", level=Level.NAMED_PERSONS_ONLY)
    with pytest.raises(Forbidden):
        require(Actor("acc_me", Role.SUPERVISOR, "north"), Verb.CASE_READ, Purpose.TRACING, theirs)
