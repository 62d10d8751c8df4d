"""Answers, representatives, deaths and what is judged: bad input is refused by field and rule."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from rfl.domain.answer import Item
from rfl.domain.care import Found, FoundChild, Harm, Side
from rfl.domain.consent import ConsentForm
from rfl.domain.death import DeathSource, Talk, TalkWay
from rfl.errors import Conflict, InvalidInput
from tests.casework import (
    DAY,
    OFFICER,
    SECOND,
    make_answer,
    make_asking_child,
    make_consultation,
    make_credibility,
    make_death,
    make_representative,
    make_screening,
)

BEFORE = DAY - timedelta(days=1)
PERSON = make_answer().person

BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: make_consultation(alone=False), "alone"),
    (lambda: make_consultation(identified_first=False), "identified_first"),
    (lambda: make_consultation(identified_by=""), "identified_by"),
    (lambda: make_consultation(place=" "), "place"),
    (lambda: make_consultation(language=""), "language"),
    (lambda: make_consultation(form=ConsentForm.SPOKEN_BEFORE_WITNESS), "witness"),
    (lambda: make_answer(Item.PHONE, holds_until=BEFORE), "holds_until"),
    (lambda: make_answer(Item.PHONE, withdrawn_on=BEFORE), "withdrawn_on"),
    (lambda: make_answer(Item.ASKING_SOCIETY_MAY_KNOW), "items"),
    (lambda: make_answer(person=PERSON, enquirer=PERSON), "enquirer"),
    (
        lambda: make_answer(representative=make_representative(ask_again_on=BEFORE)),
        "ask_again_on",
    ),
    (lambda: make_representative(best_interest=""), "best_interest"),
    (lambda: make_screening(Side.ENQUIRER, found=()), "found"),
    (lambda: make_screening(Side.ENQUIRER, found=((Harm.ABUSE, Found.NO),) * 4), "found"),
    (lambda: make_screening(Side.ENQUIRER, reason=""), "reason"),
    (lambda: make_credibility(question=""), "question"),
    (lambda: make_credibility(answer=" "), "answer"),
    (lambda: make_death(said_by=""), "said_by"),
    (lambda: Talk(DAY, OFFICER, TalkWay.BY_VOICE, trained=False), "trained"),
    (lambda: make_asking_child(own_wish=False), "own_wish"),
    (lambda: make_asking_child(representative_on_safety=""), "representative_on_safety"),
    (lambda: FoundChild("", True, "Hers", OFFICER), "guardian"),
]


@pytest.mark.parametrize(("make", "field"), BAD)
def test_a_bad_record_is_refused_by_its_field(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make()
    assert refused.value.field == field


def test_p02_an_answer_cannot_be_kept_without_how_the_person_was_asked() -> None:
    with pytest.raises(InvalidInput):
        make_answer(Item.PHONE, consultation=make_consultation(alone=False))
    with pytest.raises(TypeError):
        make_answer(Item.PHONE, asked=True)


def test_p04_no_item_brings_another_with_it() -> None:
    for item in Item:
        if item is not Item.ASKING_SOCIETY_MAY_KNOW:
            assert make_answer(item).allows(DAY) == {item}


def test_p04_no_item_at_all_is_a_refusal() -> None:
    assert make_answer().refuses
    assert not make_answer(Item.SEARCH_IS_OVER).refuses


def test_p04b_the_second_officer_is_not_the_one_who_asked_and_agrees_once() -> None:
    answer = make_answer(Item.ALIVE_AND_WELL, representative=make_representative())
    with pytest.raises(Conflict):
        answer.agreed(OFFICER)
    agreed = answer.agreed(SECOND)
    with pytest.raises(Conflict):
        agreed.agreed(SECOND)
    with pytest.raises(Conflict):
        make_answer(Item.PHONE).agreed(SECOND)


NOT_CONFIRMED = [source for source in DeathSource if "competent" not in source]


@pytest.mark.parametrize("source", NOT_CONFIRMED)
def test_p05_what_a_list_a_photo_a_witness_a_match_or_a_peer_says_is_never_confirmed(
    source: DeathSource,
) -> None:
    with pytest.raises(Conflict):
        make_death(source=source).confirmed(SECOND)


def test_p05_a_second_officer_sees_the_document() -> None:
    with pytest.raises(Conflict):
        make_death().confirmed(OFFICER)
    with pytest.raises(Conflict):
        make_death(document=None).confirmed(SECOND)
    confirmed = make_death().confirmed(SECOND)
    assert confirmed.is_confirmed
    with pytest.raises(Conflict):
        confirmed.confirmed(SECOND)


def test_p06_a_screening_holds_for_its_side_and_its_rules_alone() -> None:
    screening = make_screening(Side.ENQUIRER)
    assert screening.holds(Side.ENQUIRER, "neutral-1")
    assert not screening.holds(Side.SEARCHING, "neutral-1")
    assert not screening.holds(Side.ENQUIRER, "neutral-2")
    assert not make_screening(Side.ENQUIRER, goes_on=False).holds(Side.ENQUIRER, "neutral-1")


def test_an_answer_is_withdrawn_once_and_at_once() -> None:
    answer = make_answer(Item.PHONE).withdrawn(date(2026, 4, 1))
    assert answer.allows(date(2026, 3, 31)) == {Item.PHONE}
    assert answer.allows(date(2026, 4, 1)) == frozenset()
    with pytest.raises(Conflict):
        answer.withdrawn(date(2026, 5, 1))
