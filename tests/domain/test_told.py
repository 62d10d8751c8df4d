"""What leaves the searching side (P-01 to P-07, P-19, P-38)."""

from dataclasses import replace
from datetime import date, timedelta
from inspect import signature

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rfl.domain.answer import FOR_THE_ENQUIRER, Answer, Given, Item
from rfl.domain.death import COMPETENT, Death, DeathSource
from rfl.domain.states import Inside, MessageState, Outside
from rfl.domain.told import (
    ENDED,
    NO_INFORMATION,
    SEARCHING,
    Audience,
    Limits,
    Told,
    told,
    told_of_message,
)
from rfl.errors import InvalidInput
from tests.casework import (
    ANSWER_ON,
    DAY,
    SECOND,
    make_answer,
    make_consultation,
    make_death,
    make_limits,
    make_representative,
)

DAYS = st.integers(min_value=0, max_value=400).map(lambda days: DAY + timedelta(days=days))
ITEMS = st.frozensets(st.sampled_from(Item)).filter(
    lambda items: items != {Item.ASKING_SOCIETY_MAY_KNOW}
)
AUDIENCES = st.sampled_from(Audience)


def hears(answer: Answer | None, on: date = DAY, **limits: object) -> Told:
    return told(make_limits(**limits), answer, None, Audience.ENQUIRER, on)


@given(DAYS, AUDIENCES)
def test_p01_until_a_person_has_answered_nothing_leaves(on: date, audience: Audience) -> None:
    expected = ENDED if on >= ANSWER_ON else SEARCHING
    assert told(make_limits(), None, None, audience, on) == expected


@given(ITEMS, ITEMS, DAYS, AUDIENCES)
def test_p02_never_more_leaves_than_the_person_and_every_policy_allow(
    agreed: frozenset[Item], policy: frozenset[Item], on: date, audience: Audience
) -> None:
    limits = make_limits(policies=(frozenset(Item), policy))
    answer = replace(make_answer(), items=agreed)
    items = told(limits, answer, None, audience, on).items
    assert items <= agreed & policy & FOR_THE_ENQUIRER


def test_p02_good_news_leaves_at_once_and_to_the_end_of_what_was_agreed() -> None:
    until = DAY + timedelta(days=30)
    answer = make_answer(Item.ALIVE_AND_WELL, Item.PHONE, holds_until=until)
    expected = Told(Outside.INFORMATION_GIVEN, frozenset({Item.ALIVE_AND_WELL, Item.PHONE}))
    assert hears(answer) == hears(answer, until) == expected
    assert hears(answer, until + timedelta(days=1)) == SEARCHING
    assert hears(answer.withdrawn(DAY + timedelta(days=2)), until) == SEARCHING


def test_p02_what_a_person_gives_goes_with_its_item_and_never_without() -> None:
    both = Given(phone="+30 210 1", address="Samos", message="Thank God")
    with pytest.raises(InvalidInput, match="given"):
        make_answer(Item.PHONE, given=both)
    answer = make_answer(Item.PHONE, Item.ADDRESS, given=replace(both, message=None))
    assert hears(answer).given == answer.given
    assert hears(answer, established=False).given == Given(phone="+30 210 1")
    allowed = (frozenset({Item.ADDRESS}),)
    assert hears(answer, policies=allowed).given == Given(address="Samos")
    assert hears(answer.withdrawn(DAY)).given == hears(make_answer()).given == Given()


def test_p03_what_is_told_is_a_function_of_what_may_be_told_and_of_no_inside_state() -> None:
    taken = {str(one.annotation) for one in signature(told).parameters.values()}
    assert not [name for name in taken if Inside.__name__ in name or "Search" in name]
    assert not [name for name in Limits.__slots__ if name in set(Inside)]


NOT_TOLD: list[tuple[str, Answer | None, Death | None]] = [
    ("refuses", make_answer(), None),
    ("not located, detained or not asked", None, None),
    ("reported dead", None, make_death(source=DeathSource.WITNESS)),
    ("reported dead, not seen by a second officer", None, make_death()),
    ("refused, then withdrew", make_answer().withdrawn(DAY), None),
    ("a representative whom nobody agreed with",
     make_answer(Item.ALIVE_AND_WELL, representative=make_representative()), None),
]  # fmt: skip


@given(DAYS, AUDIENCES)
def test_p03_whatever_may_not_be_told_leaves_as_one_outcome_on_the_answer_date(
    on: date, audience: Audience
) -> None:
    heard = {told(make_limits(), answer, death, audience, on) for _, answer, death in NOT_TOLD}
    assert heard == {ENDED if on >= ANSWER_ON else SEARCHING}


def test_p03_the_letter_says_that_there_is_no_information_and_not_that_nothing_was_found() -> None:
    assert "does not mean that your relative has died" in NO_INFORMATION
    assert "found" not in NO_INFORMATION


@given(ITEMS)
def test_p04_the_asking_society_hears_nothing_that_it_may_not_know(items: frozenset[Item]) -> None:
    answer = replace(make_answer(), items=items)
    heard = told(make_limits(), answer, None, Audience.ASKING_SOCIETY, DAY)
    if Item.ASKING_SOCIETY_MAY_KNOW not in items:
        assert heard == SEARCHING
    else:
        assert heard == told(make_limits(), answer, None, Audience.ENQUIRER, DAY)


@given(ITEMS, DAYS)
def test_p35_the_intake_branch_hears_what_the_enquirer_hears(
    items: frozenset[Item], on: date
) -> None:
    answer = replace(make_answer(), items=items)
    branch = told(make_limits(), answer, None, Audience.INTAKE_BRANCH, on)
    assert branch == told(make_limits(), answer, None, Audience.ENQUIRER, on)


def test_p04b_a_representatives_answer_leaves_once_a_second_officer_agreed() -> None:
    answer = make_answer(Item.ALIVE_AND_WELL, representative=make_representative())
    assert hears(answer) == SEARCHING
    assert hears(answer.agreed(SECOND)).outcome is Outside.INFORMATION_GIVEN


@pytest.mark.parametrize("source", DeathSource)
def test_p05_a_death_is_told_only_as_the_competent_body_and_a_second_officer_have_it(
    source: DeathSource,
) -> None:
    death = make_death(source=source, seen_by=SECOND)
    heard = told(make_limits(), None, death, Audience.ENQUIRER, DAY)
    if source in COMPETENT:
        assert heard == Told(Outside.DECEASED_CONFIRMED, burial_place=death.burial_place)
    else:
        assert heard == SEARCHING


def test_p06_nothing_is_disclosed_before_the_searching_side_has_screened_for_harm() -> None:
    assert hears(make_answer(Item.PHONE), screened=False) == SEARCHING


def test_p07_a_relationship_that_is_not_established_bars_the_address() -> None:
    answer = make_answer(Item.ADDRESS, Item.PHONE)
    assert hears(answer, established=False).items == {Item.PHONE}
    assert hears(make_answer(Item.ADDRESS), established=False) == SEARCHING


@pytest.mark.parametrize(("best_interest", "verified"), [(False, True), (True, False)])
def test_p19_nothing_of_a_found_child_is_told_before_interest_and_relationship_are_judged(
    best_interest: bool, verified: bool
) -> None:
    answer = make_answer(Item.ALIVE_AND_WELL)
    limits = {"child": True, "best_interest": best_interest, "verified": verified}
    assert hears(answer, **limits) == SEARCHING
    assert hears(answer, child=True, best_interest=True, verified=True).items


def test_p19_on_the_eighteenth_birthday_consent_is_asked_anew() -> None:
    birthday = DAY + timedelta(days=10)
    answer = make_answer(Item.PHONE)
    assert hears(answer, birthday - timedelta(days=1), of_age_on=birthday).items
    assert hears(answer, birthday, of_age_on=birthday) == SEARCHING
    anew = replace(answer, consultation=make_consultation(on=birthday))
    assert hears(anew, birthday, of_age_on=birthday).items


NOT_HEARD = [
    (MessageState.TRANSMITTED, False),  # refused, not reached, or delivered without leave to say
    (MessageState.COULD_NOT_BE_DELIVERED, False),
    (MessageState.COULD_NOT_BE_DELIVERED, True),
]


@given(DAYS)
def test_p38_every_way_of_not_answering_a_message_is_one_on_one_day(on: date) -> None:
    heard = {told_of_message(state, ANSWER_ON, on, agreed=agreed) for state, agreed in NOT_HEARD}
    assert heard == {"could_not_be_delivered" if on >= ANSWER_ON else "transmitted"}


def test_p38_delivery_is_told_by_a_reply_or_with_the_addressees_agreement() -> None:
    state = MessageState.TRANSMITTED
    assert told_of_message(state, ANSWER_ON, DAY, agreed=True) == "delivered"
    reply = MessageState.REPLY_COLLECTED
    assert told_of_message(reply, ANSWER_ON, DAY, agreed=False) == "reply_collected"
