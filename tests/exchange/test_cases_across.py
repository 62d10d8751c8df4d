"""A case between two societies: asked, accepted or not, searched, answered, told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from rfl.background import settle
from rfl.domain.access import Verb
from rfl.domain.answer import Given, Item
from rfl.domain.casefile import Ending
from rfl.domain.consent import USUAL, Detail, Use
from rfl.domain.death import Talk, TalkWay
from rfl.domain.person import Name, Relation
from rfl.domain.request import NO_CONTACT, UNKNOWN_SEPARATION, Contact, Level, Sought
from rfl.domain.states import CaseState, Inside, Outside, TransmissionState
from rfl.domain.transmission import Transmission, WhyReturned
from rfl.errors import Conflict, Erased, Forbidden, NotFound
from rfl.flows import (
    accompany,
    answer_request,
    ask_who,
    consult,
    recall,
    report_death,
    review,
    transmit,
)
from rfl.flows.close import close_case, reopen_case
from rfl.flows.erase import erase_case
from rfl.flows.look import look_for_family
from rfl.flows.merge import merge_cases, unmerge_cases
from rfl.flows.read_file import read_file
from rfl.flows.read_search import read_search
from rfl.flows.register import open_case, open_intake
from rfl.flows.review import read_case
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.tell import record_talk
from rfl.flows.withdraw import withdraw_consent
from rfl.storage import honey, ledger
from rfl.storage.outbox import counts, outbox
from tests.exchange.across import (
    VISITS,
    answering,
    ask_across,
    assess,
    days_pass,
    letters_cross,
    make_pair,
    recalls_of,
    shared_request,
)
from tests.exchange.network import Society
from tests.office import make_account, open_desk
from tests.support import SUPERVISOR, Clock, make_person, make_request

Pair = tuple[Society, Society]
CALLS = "+389 70 000 000"
EVERYTHING = (Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL, Item.MESSAGE)


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    """Skopje and Belgrade, who trust each other and have judged each other's data protection."""
    yield from make_pair(sqlite_template, tmp_path, clock)


def test_a_request_is_accepted_searched_answered_and_the_family_hears(pair: Pair) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept()
    letters_cross(*pair)
    assert asking.sent.state is TransmissionState.ACCEPTED
    assert asking.sent.answer_on == desk.file.answer_on
    desk.located().answered(*EVERYTHING)
    letters_cross(*pair)
    assert asking.sent.state is TransmissionState.ENDED
    assert asking.desk.outcome.told.items == {Item.ALIVE_AND_WELL, Item.MESSAGE}


def test_the_asking_society_hears_nothing_that_it_may_not_know(pair: Pair) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    answering(pair[1]).accept().located().answered(Item.ALIVE_AND_WELL)
    letters_cross(*pair)
    assert asking.sent.state is TransmissionState.ACCEPTED
    assert asking.desk.outcome.told.outcome is Outside.SEARCHING


@pytest.mark.parametrize("taken_back", [False, True], ids=["refused", "taken back untold"])
def test_a_search_without_information_ends_on_the_answer_date(
    pair: Pair, clock: Clock, *, taken_back: bool
) -> None:
    """Also one whose good news was taken back before a letter told it: nobody hears of that."""
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept().located()
    letters_cross(*pair)
    carried = len(asking.desk.file.events), letters_of(pair[1])
    desk.answered(*((Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL) if taken_back else ()))
    if taken_back:
        version = desk.journal.version
        consult.withdraw_answer(pair[1].rt, desk.searcher, desk.case, version, desk.person)
    letters_cross(*pair)
    assert (len(asking.desk.file.events), letters_of(pair[1])) == carried
    assert asking.sent.results == ()
    days_pass(clock, 179, *pair)
    assert asking.sent.results == ()
    days_pass(clock, 1, *pair)
    assert [outcome for _person, outcome in asking.sent.results] == [
        Outside.ENDED_WITHOUT_INFORMATION
    ]


def letters_of(society: Society) -> int:
    """How many letters a society has written."""
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        return sum(counts(work).values())


def test_a_death_that_a_peer_says_stays_unconfirmed_and_inside(pair: Pair) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept().reported_dead()
    version = desk.journal.version
    report_death.confirm_death(pair[1].rt, desk.second, desk.case, version, desk.person)
    letters_cross(*pair)
    assert asking.desk.outcome.told.outcome is Outside.SEARCHING
    assert asking.sent.results[0][1] is Outside.ENDED_WITHOUT_INFORMATION
    journal = read_search(pair[0].rt, asking.desk.searcher, asking.desk.case).journal
    assert journal.searches[0].state is Inside.DECEASED_REPORTED


def test_a_request_that_is_returned_comes_again_and_one_that_is_declined_is_destroyed(
    pair: Pair,
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    row = there.waiting()[0]
    refused = (TransmissionState.RETURNED_FOR_INFORMATION, WhyReturned.MORE_ON_PERSON)
    answer_request.refuse_received(pair[1].rt, there.officer, row.id, row.version, refused)
    letters_cross(*pair)
    assert asking.sent.state is TransmissionState.RETURNED_FOR_INFORMATION
    assert asking.sent.reason is WhyReturned.MORE_ON_PERSON


def test_p16_a_destination_without_a_current_assessment_is_blocked(
    pair: Pair, clock: Clock
) -> None:
    clock.move(days=181)
    with pytest.raises(Conflict, match="P-16"):
        ask_across(*pair)


def test_p16_a_destination_at_risk_is_not_told_who_asks(pair: Pair) -> None:
    assess(pair[0], pair[1], at_risk=True)
    ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    view = answer_request.read_received(pair[1].rt, there.officer, there.waiting()[0].id)
    dossier = view.request.dossier
    assert dossier is not None
    assert dossier.enquirer is None
    assert all(not one.person.kin for one in dossier.sought)
    assert there.accept().request.withheld


def test_p16_a_found_person_who_asks_who_is_searching_is_told(pair: Pair) -> None:
    assess(pair[0], pair[1], at_risk=True)
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept()
    with pytest.raises(Conflict):
        ask_who.ask_who(pair[1].rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    desk.located()
    letters_cross(*pair)
    assert desk.request.withheld
    ask_who.ask_who(pair[1].rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    letters_cross(*pair)
    assert (asking.sent.state, asking.sent.asked_who) == (TransmissionState.ACCEPTED, True)
    assert not desk.request.withheld
    enquirer = asking.desk.request.enquirer
    assert desk.request.enquirer.names == enquirer.names
    assert desk.request.contact == NO_CONTACT, "what is reached by follows good news"
    with pytest.raises(Conflict):
        ask_who.ask_who(pair[1].rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    desk.answered(*EVERYTHING)
    letters_cross(*pair)
    assert asking.desk.outcome.told.outcome is Outside.INFORMATION_GIVEN


def test_p16_nobody_is_named_who_did_not_agree_to_it(pair: Pair) -> None:
    asking = ask_across(*pair, items=frozenset({Detail.SEPARATION}))
    letters_cross(*pair)
    desk = answering(pair[1]).accept().located()
    ask_who.ask_who(pair[1].rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    letters_cross(*pair)
    assert asking.sent.asked_who
    assert desk.request.withheld


def test_what_was_declined_is_destroyed_and_attested(pair: Pair, clock: Clock) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    row = there.waiting()[0]
    refused = (TransmissionState.DECLINED, WhyReturned.NOT_OUR_COUNTRY)
    answer_request.refuse_received(pair[1].rt, there.officer, row.id, row.version, refused)
    days_pass(clock, 2, *pair)
    assert asking.sent.state is TransmissionState.DECLINED
    with pytest.raises(NotFound):
        answer_request.read_received(pair[1].rt, there.officer, row.id)


def test_what_was_returned_and_does_not_come_again_is_destroyed(pair: Pair, clock: Clock) -> None:
    ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    row = there.waiting()[0]
    refused = (TransmissionState.RETURNED_FOR_INFORMATION, WhyReturned.MORE_ON_PERSON)
    answer_request.refuse_received(pair[1].rt, there.officer, row.id, row.version, refused)
    days_pass(clock, 28, *pair)
    assert [one.id for one in there.waiting()] == [row.id]
    days_pass(clock, 7, *pair)
    assert there.waiting() == []


@pytest.mark.parametrize("accepted", [False, True])
def test_an_enquirers_withdrawal_destroys_the_copy_and_is_attested_a_day_later(
    pair: Pair, clock: Clock, accepted: bool
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    desk = there.accept() if accepted else None
    letters_cross(*pair)
    share = frozenset({Use.SHARE})
    withdraw_consent(pair[0].rt, asking.desk.officer, asking.desk.case, asking.desk.version, share)
    letters_cross(*pair)
    assert there.waiting() == []
    assert recalls_of(pair[0]) == [("belgrade", False)]
    if desk is not None:
        with pytest.raises(Erased):
            desk.file  # noqa: B018
    days_pass(clock, 1, *pair)
    letters_cross(*pair)
    assert recalls_of(pair[0]) == [("belgrade", True)]


def test_an_erasure_reaches_who_was_told_and_what_is_under_way_is_refused(
    pair: Pair, clock: Clock
) -> None:
    asking = ask_across(*pair)
    erase_case(pair[0].rt, SUPERVISOR, asking.desk.case, "data_subject_request")
    recall.send_recalls(pair[0].rt)
    letters_cross(*pair)
    there = answering(pair[1])
    assert there.waiting() == []
    days_pass(clock, 2, *pair)
    assert recalls_of(pair[0]) == [("belgrade", True)]


def test_a_found_person_takes_back_what_was_told_across_the_border(
    pair: Pair, clock: Clock
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept().located().answered(*EVERYTHING)
    letters_cross(*pair)
    assert asking.desk.outcome.told.items
    version = desk.journal.version
    consult.withdraw_answer(pair[1].rt, desk.searcher, desk.case, version, desk.person)
    letters_cross(*pair)
    assert not asking.desk.outcome.told.items
    assert asking.desk.outcome.told.outcome is Outside.INFORMATION_GIVEN
    days_pass(clock, 2, *pair)
    assert recalls_of(pair[1]) == [("skopje", True)]


def test_a_copy_is_renewed_while_the_search_goes_on_and_ends_without_it(
    pair: Pair, clock: Clock
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept()
    letters_cross(*pair)
    for one, other in (pair, pair[::-1]):
        days_pass(clock, 90, *pair)
        assess(one, other)
    days_pass(clock, 10, *pair)
    assert desk.file.state is CaseState.ACTIVE
    assert asking.sent.state is TransmissionState.ENDED
    days_pass(clock, 170, *pair)
    with pytest.raises(Erased):
        desk.file  # noqa: B018


def test_what_changes_in_a_request_reaches_the_case_elsewhere(pair: Pair) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept()
    letters_cross(*pair)
    view = review.read_case(pair[0].rt, asking.desk.officer, asking.desk.case)
    found = replace(view.request.sought[0].person, names=(Name("Maryam Karimi"),))
    sought = (replace(view.request.sought[0], person=found),)
    changed = replace(view.request, sought=sought)
    review.change_case(pair[0].rt, asking.desk.officer, asking.desk.case, view.row.version, changed)
    letters_cross(*pair)
    assert desk.request.sought[0].person.names == (Name("Maryam Karimi"),)


def test_p32_a_level_is_obeyed_where_it_is_searched_and_so_is_a_stricter_one_later(
    pair: Pair,
) -> None:
    here, there = pair
    asking = ask_across(here, there, level=Level.RESTRICTED)
    letters_cross(*pair)
    desk = answering(there).accept()
    assert desk.request.level is Level.RESTRICTED
    view = review.read_case(here.rt, asking.desk.officer, asking.desk.case)
    stricter = replace(view.request, level=Level.NAMED_PERSONS_ONLY)
    review.change_case(here.rt, asking.desk.officer, asking.desk.case, view.row.version, stricter)
    letters_cross(*pair)
    with pytest.raises(Forbidden):
        review.read_case(there.rt, desk.officer, desk.case)

    ask_across(here, there, level=Level.NAMED_PERSONS_ONLY)
    letters_cross(*pair)
    named = answering(there).accept()
    assert named.request.level is Level.NAMED_PERSONS_ONLY
    with pytest.raises(Forbidden):
        review.read_case(there.rt, answering(there).officer, named.case)
    named.located().answered(Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL)


def test_p15_no_more_of_the_enquirer_arrives_than_they_agreed_to_and_what_they_take_back_goes(
    pair: Pair,
) -> None:
    asking = ask_across(*pair, items=frozenset({Detail.NAME}))
    letters_cross(*pair)
    desk = answering(pair[1]).accept()
    letters_cross(*pair)
    arrived = desk.request
    own = review.read_case(pair[0].rt, asking.desk.officer, asking.desk.case)
    assert arrived.enquirer.names == own.request.enquirer.names
    assert (arrived.enquirer.birth, arrived.separation) == (None, UNKNOWN_SEPARATION)
    assert own.request.enquirer.birth is not None
    narrower = tuple(replace(one, items=frozenset()) for one in own.request.consents)
    changed = replace(own.request, consents=narrower)
    review.change_case(pair[0].rt, asking.desk.officer, asking.desk.case, own.row.version, changed)
    letters_cross(*pair)
    assert desk.request.withheld
    assert desk.request.enquirer.names == ()
    assert all(not one.person.kin for one in desk.request.sought)


def test_who_accompanies_a_lead_arrives_as_accompanying(pair: Pair) -> None:
    """Where authorities forbid to search for her, she goes with him, and has her own outcome."""
    here, there = pair
    sought = make_person("Maryam Hosseini"), make_person("Reza Hosseini")
    request = shared_request(here.rt.today(), there.network.code)
    wanted = tuple(Sought(person, Relation.OTHER_RELATIVE) for person in sought)
    desk = open_desk(here.rt, replace(request, sought=wanted)).judged()
    rt, officer = here.rt, desk.officer
    accompany.lead_search(rt, officer, desk.case, desk.version, (sought[0].id, sought[1].id))
    desk.accepted()
    asked = Transmission(there.network.code, VISITS, rt.today() + timedelta(days=90))
    transmit.queue_transmission(rt, officer, desk.case, asked)
    letters_cross(*pair)
    theirs = answering(there).accept()
    names = {one.person.id: one.person.names[0].text for one in theirs.request.sought}
    assert [(names[one], names[lead]) for one, lead in theirs.file.leads] == [
        ("Maryam Hosseini", "Reza Hosseini")
    ]
    assert len(theirs.file.outcomes) == 2


def test_a_reminder_is_answered_by_what_was_decided(pair: Pair) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    answering(pair[1]).accept()
    letters_cross(*pair)
    row = transmit.read_transmission(pair[0].rt, asking.desk.officer, asking.ref).row
    transmit.remind_partner(pair[0].rt, asking.desk.officer, asking.ref, row.version)
    letters_cross(*pair)
    assert asking.sent.state is TransmissionState.ACCEPTED


def test_a_case_that_is_closed_ends_elsewhere_and_reopened_is_decided_anew(pair: Pair) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    desk = there.accept()
    letters_cross(*pair)
    close_case(
        pair[0].rt,
        asking.desk.officer,
        asking.desk.case,
        asking.desk.version,
        Ending.CONTACT_RESTORED_BY_FAMILY,
    )
    letters_cross(*pair)
    assert desk.file.state is CaseState.CLOSED
    reopen_case(
        pair[0].rt, asking.desk.officer, asking.desk.case, asking.desk.version, "Lost again"
    )
    letters_cross(*pair)
    row = there.waiting()[0]
    answer_request.accept_received(pair[1].rt, there.officer, row.id, row.version)
    letters_cross(*pair)
    assert desk.file.state is CaseState.ACTIVE
    assert asking.sent.state is TransmissionState.ACCEPTED


def test_p01_a_look_for_a_family_never_shows_a_case_of_another_society(pair: Pair) -> None:
    here, there = pair
    asking = ask_across(here, there)
    letters_cross(here, there)
    desk = answering(there).accept()
    settle(there.rt)
    officer = make_account(there.rt, branch=there.network.branch)
    intake = open_intake(there.rt, officer).id
    assert look_for_family(there.rt, officer, intake, asking.desk.request) == []
    ours = open_case(there.rt, officer, make_request(), None).id
    said = ((read_case(there.rt, officer, ours).request.sought[0].person.id, desk.person),)
    with pytest.raises(Conflict, match="another society"):
        merge_cases(there.rt, officer, (ours, 1), desk.case, said, same_enquirer=True)


def test_what_either_side_gives_crosses_with_good_news_and_goes_when_it_is_taken_back(
    pair: Pair,
) -> None:
    here, there = pair
    contact = Contact(phones=(CALLS,), emails=("ali@example.org",))
    items = USUAL | {Detail.PHONE}
    asking = ask_across(here, there, items=items, contact=contact)
    letters_cross(*pair)
    desk = answering(there).accept().located()
    assert desk.request.contact == NO_CONTACT, "a search needs none of it"
    given = Given(phone="+30 210 1", message="Thank God")
    desk.answered(*EVERYTHING, Item.PHONE, given=given)
    letters_cross(*pair)
    assert asking.desk.outcome.told.given == given
    assert desk.request.contact == Contact(phones=(CALLS,))
    version = desk.journal.version
    consult.withdraw_answer(there.rt, desk.searcher, desk.case, version, desk.person)
    letters_cross(*pair)
    assert asking.desk.outcome.told.given == desk.outcome.told.given == Given()


def test_what_comes_back_to_a_merged_duplicate_is_told_and_not_lost(pair: Pair) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk, one = answering(pair[1]).accept(), asking.desk
    into = open_desk(one.rt).judged().accepted()
    at, said = (one.case, one.version), ((one.person, into.person),)
    merge_cases(one.rt, one.officer, at, into.case, said, same_enquirer=True)
    desk.located().answered(*EVERYTHING)
    letters_cross(*pair)
    assert one.outcome.told.outcome is Outside.INFORMATION_GIVEN
    talk = Talk(one.today, into.officer.actor.id, TalkWay.IN_PERSON, trained=True)
    record_talk(one.rt, into.officer, one.case, one.version, one.person, talk)
    row = read_file(one.rt, one.officer, one.case).row
    assert row.state == "closed"
    unmerge_cases(one.rt, one.officer, one.case, row.version)
    assert read_file(one.rt, one.officer, one.case).row.state == "open"


def test_nothing_about_a_honey_case_reaches_another_society(pair: Pair) -> None:
    """Who sends it is answered as always, and the letter is sealed for nobody."""
    here, there = pair
    request = shared_request(here.rt.today(), there.network.code)
    desk = open_desk(here.rt, request).judged().accepted()
    with here.rt.begin(OFFICE_CALL, Verb.HONEY_CHANGE) as work:
        honey.keep(work, {desk.case})
        ledger.append(work)
    asked = Transmission(there.network.code, VISITS, here.rt.today() + timedelta(days=90))
    ref = transmit.queue_transmission(here.rt, desk.officer, desk.case, asked)
    letters_cross(here, there)
    found = transmit.read_transmission(here.rt, desk.officer, ref).transmission
    assert found.state is TransmissionState.QUEUED
    assert answering(there).waiting() == []
    with here.rt.database.read() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(outbox)) == 0
    ask_across(here, there)  # and the next letter of the stream arrives
    letters_cross(here, there)
    assert len(answering(there).waiting()) == 1
