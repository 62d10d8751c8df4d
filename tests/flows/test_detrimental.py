"""What would harm a detained person if passed on goes to the tracing agency alone (P-36)."""

from dataclasses import replace

import pytest

from rfl.background import settle
from rfl.domain.answer import Given, Item
from rfl.domain.authority import About, Asked
from rfl.domain.consent import Detail
from rfl.domain.journal import Lead
from rfl.domain.match import MatchState
from rfl.domain.policy import Rules, Version
from rfl.domain.registration import Status
from rfl.domain.states import Inside, MessageState, Outside
from rfl.domain.told import ENDED, SEARCHING, Audience, told
from rfl.errors import Conflict, Forbidden, InvalidInput
from rfl.flows import carry_message, disclose, enrol, hold_back, seek
from rfl.flows.decide import decide_match, list_matches
from rfl.flows.runtime import Runtime
from rfl.flows.send_message import (
    Way,
    check_message,
    collect_message,
    read_message,
    transmit_message,
)
from rfl.flows.tell import tell_due
from rfl.flows.tell_messages import tell_messages
from tests.casework import DAY, make_answer, make_death, make_limits
from tests.flows.test_authorities import OFFICE, ORDER, permits
from tests.flows.test_messages import LETTER
from tests.office import Desk, make_account, open_desk
from tests.support import Clock, make_person, make_registration, make_request

WHY = "His family is watched; who detains him reads the post."
EVERYTHING = tuple(Item)


def marked(desk: Desk) -> Desk:
    at = (desk.case, desk.journal.version, desk.person, WHY)
    hold_back.mark_detrimental(desk.rt, desk.searcher, *at)
    return desk


def detained(rt: Runtime) -> Desk:
    desk = open_desk(rt).judged().accepted().located()
    return marked(desk)


@pytest.mark.parametrize("audience", Audience)
def test_p36_nobody_is_told_what_is_marked_neither_good_news_nor_a_death(
    audience: Audience,
) -> None:
    held = make_limits(detrimental=True)
    death = make_death(seen_by="acc_second")
    for answer in (None, make_answer(*Item)):
        for fate in (None, death):
            assert told(held, answer, fate, audience, DAY) == SEARCHING
            assert told(held, answer, fate, audience, held.answer_on) == ENDED


def test_p36_what_is_marked_ends_outside_like_a_search_that_found_nothing(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    desk = detained(sqlite_rt).answered(*EVERYTHING, given=Given(phone="+381 60 000 001"))
    assert desk.outcome.told == SEARCHING
    clock.move(days=400)
    tell_due(sqlite_rt)
    assert desk.outcome.told == ENDED
    assert desk.search.state is Inside.ANSWERED


def test_p36_what_was_given_before_is_let_go_of_once_it_is_marked(sqlite_rt: Runtime) -> None:
    desk = open_desk(sqlite_rt).judged().accepted().located()
    desk.answered(*EVERYTHING, given=Given(phone="+381 60 000 001"))
    assert desk.outcome.told.given.phone is not None
    marked(desk)
    assert (desk.outcome.told.outcome, desk.outcome.told.given) == (
        Outside.INFORMATION_GIVEN,
        Given(),
    )


def test_p36_a_mark_is_lifted_by_another_officer_of_the_team_alone(sqlite_rt: Runtime) -> None:
    desk = detained(sqlite_rt).answered(Item.ALIVE_AND_WELL)
    assert desk.search.detrimental is not None
    assert desk.search.detrimental.said == WHY
    at = (desk.case, desk.journal.version, desk.person)
    with pytest.raises(Conflict, match="already"):
        hold_back.mark_detrimental(sqlite_rt, desk.second, *at, WHY)
    for wrong in (desk.searcher, desk.officer, desk.supervisor):
        with pytest.raises(Forbidden):
            hold_back.lift_mark(sqlite_rt, wrong, *at)
    assert desk.outcome.told == SEARCHING
    hold_back.lift_mark(sqlite_rt, desk.second, *at)
    assert desk.outcome.told.outcome is Outside.INFORMATION_GIVEN
    with pytest.raises(Conflict, match="no mark"):
        hold_back.lift_mark(sqlite_rt, desk.second, desk.case, desk.journal.version, desk.person)


@pytest.mark.parametrize("compelled", [False, True])
def test_p36_no_authority_is_told_by_permission_or_by_order(
    sqlite_rt: Runtime, compelled: bool
) -> None:
    rt, officer = sqlite_rt, make_account(sqlite_rt)
    items, order = frozenset({Detail.NAME}), ORDER if compelled else None
    person = make_person()
    held = make_registration(person, status=Status.DETAINED, detrimental=True)
    record = enrol.add_registration(rt, officer, replace(held, consents=(permits(person.id),)))
    asked = Asked(record, About.REGISTERED, person.id, OFFICE, items, order)
    with pytest.raises(Conflict, match="P-36"):
        disclose.ask_disclosure(rt, officer, asked, "They ask.")
    desk = detained(rt)
    asked = Asked(desk.case, About.SOUGHT, desk.person, OFFICE, items, order)
    with pytest.raises(Conflict, match="P-36"):
        disclose.ask_disclosure(rt, desk.searcher, asked, "They ask.")


def test_p36_a_lead_from_a_marked_registration_marks_the_search(
    sqlite_rt: Runtime,
) -> None:
    rt = sqlite_rt
    desk = open_desk(rt, make_request(make_person("Ali Hosseini"), make_person("Maryam Hosseini")))
    held = make_person("Maryam Hosseini")
    listed = make_registration(held, status=Status.DETAINED, detrimental=True)
    enrol.add_registration(rt, make_account(rt), listed)
    settle(rt)
    [view] = list_matches(rt, desk.searcher, desk.case)
    decide_match(rt, desk.searcher, view.row.id, view.row.version, MatchState.CONFIRMED, "Hers")
    lead = Lead(rt.clock(), desk.searcher.actor.id, view.row.id, "The list of a prison")
    seek.open_lead(rt, desk.searcher, desk.case, desk.journal.version, (desk.person, lead))
    assert desk.search.detrimental is not None
    assert desk.search.detrimental.said == seek.FROM_REGISTRATION


@pytest.mark.parametrize("way", [Way("AF", "south"), Way("AF")])
def test_p36_a_marked_letter_is_carried_by_no_society_but_the_agency(
    sqlite_rt: Runtime, way: Way
) -> None:
    rt, officer = sqlite_rt, make_account(sqlite_rt)
    desk = open_desk(rt, make_request(detrimental=True))
    for letter, case in ((replace(LETTER, detrimental=True), None), (LETTER, desk.case)):
        made = collect_message(rt, officer, letter, case)
        check_message(rt, officer, made, 1, None)
        with pytest.raises((Conflict, InvalidInput), match=r"P-36|detainee"):
            transmit_message(rt, officer, made, 2, way)
        assert read_message(rt, officer, made).message.state is MessageState.CHECKED


@pytest.mark.parametrize("replies", [False, True])
def test_p36_what_became_of_a_letter_to_a_detained_person_stays_with_who_carries_it(
    sqlite_rt: Runtime, clock: Clock, replies: bool
) -> None:
    rt, officer, carrier = sqlite_rt, make_account(sqlite_rt), make_account(sqlite_rt)
    made = collect_message(rt, officer, LETTER)
    check_message(rt, officer, made, 1, None)
    transmit_message(rt, officer, made, 2)
    if replies:
        reply = ("I am in the prison of the north.", None)
        carry_message.collect_reply(rt, carrier, made, 1, reply, held_back=True)
    else:
        carry_message.deliver_message(rt, carrier, made, 1, (rt.today(), True), held_back=True)
    seen = read_message(rt, officer, made).message
    assert (seen.state, seen.reply, seen.delivered_on) == (MessageState.TRANSMITTED, None, None)
    clock.move(days=400)
    tell_messages(rt)
    seen = read_message(rt, officer, made).message
    assert (seen.state, seen.reply) == (MessageState.COULD_NOT_BE_DELIVERED, None)
    assert carry_message.read_delivery(rt, carrier, made).delivery.message.held_back


def test_p36_the_policy_names_the_agency_and_without_one_nobody_is_told() -> None:
    rules = Version("1", DAY, None, Rules())
    assert not rules.is_agency(None)
    assert not rules.is_agency("icrc")
    named = replace(rules, agency="icrc")
    assert named.is_agency("icrc")
    assert not named.is_agency("south")
    named.require_may_hear("icrc", detrimental=True)
    named.require_may_hear("south", detrimental=False)
    for peer in ("south", None):
        with pytest.raises(Conflict, match="P-36"):
            named.require_may_hear(peer, detrimental=True)
