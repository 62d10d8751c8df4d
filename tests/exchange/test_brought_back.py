"""A society that was restored has forgotten what the other remembers: all ends, nobody is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from rfl.domain.access import Verb
from rfl.domain.answer import Item
from rfl.domain.casefile import Ending
from rfl.domain.consent import Use
from rfl.domain.states import CaseState, Outside, TransmissionState
from rfl.domain.transmission import WhyReturned
from rfl.exchange.handover_letters import DECLINED, OVER
from rfl.exchange.reasons import Reason
from rfl.flows import (
    answer_request,
    begin_epoch,
    consult,
    hand_over,
    take_over,
    tell_peers,
)
from rfl.flows.close import close_case
from rfl.flows.erase import erase_case
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.withdraw import withdraw_consent
from rfl.storage.outbox import OutState, outbox
from tests.exchange.across import (
    answering,
    ask_across,
    days_pass,
    letters_cross,
    make_pair,
    recalls_of,
)
from tests.exchange.network import Society
from tests.exchange.test_handovers import Giving, giving
from tests.exchange.test_reliability import bring_back, hold_back, keep_copy, sounding
from tests.office import Desk
from tests.support import SUPERVISOR, Clock

__all__ = ["giving"]
Pair = tuple[Society, Society]
TOLD = (Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL, Item.MESSAGE)


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


def restored(one: Society, other: Society) -> None:
    """Put the copy in place, as `rfl restore` does, and let both send again what is missing."""
    bring_back(one)
    begin_epoch.begin_epoch(one.rt, OFFICE_CALL)
    assert one.line is not None
    begin_epoch.reconcile_peers(one.rt, one.line.carry)
    letters_cross(one, other)


def takes_back(desk: Desk) -> None:
    """The found person takes back what they let be told, and the letter is written."""
    consult.withdraw_answer(desk.rt, desk.searcher, desk.case, desk.journal.version, desk.person)
    tell_peers.tell_peers(desk.rt)


def test_what_is_taken_back_is_attested_by_a_society_that_has_forgotten_that_it_asked(
    pair: Pair, clock: Clock
) -> None:
    keep_copy(pair[0])
    ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept().located().answered(*TOLD)
    letters_cross(*pair)
    restored(*pair)
    takes_back(desk)
    letters_cross(*pair)
    days_pass(clock, 2, *pair)
    assert recalls_of(pair[1]) == [("skopje", True)]


def test_what_is_taken_back_while_the_case_is_erased_is_attested_too(
    pair: Pair, clock: Clock
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept().located().answered(*TOLD)
    letters_cross(*pair)
    takes_back(desk)
    erase_case(pair[0].rt, SUPERVISOR, asking.desk.case, "data_subject_request")
    letters_cross(*pair)
    days_pass(clock, 2, *pair)
    assert recalls_of(pair[1]) == [("skopje", True)]
    assert recalls_of(pair[0]) == [("belgrade", True)]


def test_what_is_taken_back_is_not_told_by_a_letter_that_it_overtook(
    pair: Pair, clock: Clock
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept()
    letters_cross(*pair)
    line = pair[1].line
    assert line is not None
    line.down = True
    before = unsent(pair[1])
    desk.located().answered(*TOLD)
    letters_cross(*pair)
    [late] = unsent(pair[1]) - before
    hold_back(pair[1], late, OutState.STOPPED)
    line.down = False
    clock.move(hours=1)
    takes_back(desk)
    letters_cross(*pair)
    hold_back(pair[1], late, OutState.WAITING)
    letters_cross(*pair)
    outcome = asking.desk.outcome
    assert (outcome.told.outcome, outcome.told.items) == (Outside.SEARCHING, frozenset())
    assert [one for _person, one in asking.sent.results] == [Outside.ENDED_WITHOUT_INFORMATION]
    clock.move(hours=1)
    desk.answered(*TOLD)
    letters_cross(*pair)
    assert asking.desk.outcome.told.outcome is Outside.INFORMATION_GIVEN, "they thought again"


def unsent(society: Society) -> set[str]:
    """The ids of letters that wait."""
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        waiting = select(outbox.c.id).where(outbox.c.state == OutState.WAITING)
        return set(work.connection.scalars(waiting))


def test_an_answer_that_is_given_anew_names_the_day_that_holds(pair: Pair, clock: Clock) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    keep_copy(pair[1])
    answering(pair[1]).accept()
    letters_cross(*pair)
    first = asking.sent.answer_on
    clock.move(days=3)
    restored(pair[1], pair[0])
    desk = answering(pair[1]).accept()
    letters_cross(*pair)
    assert asking.sent.answer_on == desk.file.answer_on
    assert asking.sent.answer_on != first


def test_a_request_whose_copy_has_ended_elsewhere_is_over_here_as_well(
    pair: Pair, clock: Clock
) -> None:
    """It was returned and not sent again in time: what would be sent then is refused for ever."""
    asking = ask_across(*pair)
    letters_cross(*pair)
    office = answering(pair[1])
    [row] = office.waiting()
    refused = (TransmissionState.RETURNED_FOR_INFORMATION, WhyReturned.MORE_ON_PERSON)
    answer_request.refuse_received(pair[1].rt, office.officer, row.id, row.version, refused)
    days_pass(clock, 42, *pair)
    assert asking.sent.state is TransmissionState.RECALLED


def test_what_a_forgotten_withdrawal_destroyed_elsewhere_is_seen_here(
    pair: Pair, clock: Clock
) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    answering(pair[1]).accept()
    letters_cross(*pair)
    keep_copy(pair[0])
    desk = asking.desk
    withdraw_consent(desk.rt, desk.officer, desk.case, desk.version, frozenset({Use.SHARE}))
    letters_cross(*pair)
    restored(*pair)
    assert asking.sent.state is TransmissionState.ACCEPTED
    days_pass(clock, 2, *pair)
    assert asking.sent.state is TransmissionState.RECALLED
    assert Reason.NOT_YOURS not in sounding(pair[0])


@pytest.mark.parametrize("answer", ["accepts", "declines", "says nothing"])
def test_a_case_that_was_given_to_a_society_brought_back_has_one_owner_again(
    giving: Giving, clock: Clock, answer: str
) -> None:
    """It has forgotten that it accepted, and is offered the case once more."""
    keep_copy(giving.there)
    giving.offered()
    giving.cross()
    giving.accept()
    giving.cross()
    assert giving.owners() == ["belgrade"]
    restored(giving.there, giving.here)
    assert giving.owners() == []
    row = giving.waiting().row
    if answer == "accepts":
        take_over.accept_offer(giving.there.rt, giving.taker, row.id, row.version)
    elif answer == "declines":
        take_over.decline_offer(giving.there.rt, giving.taker, row.id, row.version)
    giving.cross()
    days_pass(clock, 42, giving.here, giving.there)
    assert giving.owners() == (["belgrade"] if answer == "accepts" else ["skopje"])
    if answer != "accepts":
        assert giving.desk.file.state is CaseState.REOPENED
        assert giving.desk.file.offered_to is None
        assert giving.desk.file.events[-1].said == (DECLINED if answer == "declines" else OVER)


@pytest.mark.parametrize("answer", ["declines again", "accepts", "accepts what is closed"])
def test_a_society_that_has_forgotten_that_it_declined_decides_anew(
    pair: Pair, clock: Clock, answer: str
) -> None:
    keep_copy(pair[1])
    asking = ask_across(*pair)
    letters_cross(*pair)
    declines(pair[1])
    letters_cross(*pair)
    days_pass(clock, 2, *pair)
    assert asking.sent.state is TransmissionState.DECLINED
    if answer == "accepts what is closed":
        desk = asking.desk
        close_case(desk.rt, desk.officer, desk.case, desk.version, Ending.WITHDRAWN)
    restored(pair[1], pair[0])
    if answer == "declines again":
        declines(pair[1])
    else:
        answering(pair[1]).accept()
    letters_cross(*pair)
    days_pass(clock, 2, *pair)
    assert "letter-rejected" not in sounding(pair[1])
    expected = TransmissionState.ACCEPTED if answer == "accepts" else TransmissionState.DECLINED
    assert asking.sent.state is expected, asking.sent.moves
    if answer == "accepts what is closed":
        assert recalls_of(pair[0]) == [("belgrade", True)]
        assert answering(pair[1]).waiting() == []


def test_a_decline_that_its_attestation_overtook_is_heard(pair: Pair, clock: Clock) -> None:
    asking = ask_across(*pair)
    letters_cross(*pair)
    before = unsent(pair[1])
    declines(pair[1])
    [late] = unsent(pair[1]) - before
    hold_back(pair[1], late, OutState.STOPPED)
    days_pass(clock, 2, *pair)
    assert asking.sent.state is TransmissionState.RECALLED
    hold_back(pair[1], late, OutState.WAITING)
    letters_cross(*pair)
    assert asking.sent.state is TransmissionState.DECLINED
    assert asking.sent.reason is WhyReturned.NOT_OUR_COUNTRY
    assert "letter-rejected" not in sounding(pair[1])


def declines(society: Society) -> None:
    """Decline the one request that waits."""
    office = answering(society)
    [row] = office.waiting()
    refused = (TransmissionState.DECLINED, WhyReturned.NOT_OUR_COUNTRY)
    answer_request.refuse_received(society.rt, office.officer, row.id, row.version, refused)


@pytest.mark.parametrize("answer", ["declines again", "accepts"])
def test_a_society_that_has_forgotten_that_it_declined_a_case_destroys_it_again(
    giving: Giving, clock: Clock, answer: str
) -> None:
    sides = (giving.here, giving.there)
    keep_copy(giving.there)
    giving.offered()
    giving.cross()
    row = giving.waiting().row
    take_over.decline_offer(giving.there.rt, giving.taker, row.id, row.version)
    giving.cross()
    days_pass(clock, 2, *sides)
    restored(giving.there, giving.here)
    row = giving.waiting().row
    answers = take_over.accept_offer if answer == "accepts" else take_over.decline_offer
    answers(giving.there.rt, giving.taker, row.id, row.version)
    giving.cross()
    days_pass(clock, 2, *sides)
    assert giving.owners() == ["skopje"]
    assert recalls_of(giving.here) == [("belgrade", True)]
    assert hand_over.list_handovers(giving.there.rt, giving.taker, (0, ""), 9) == []
    assert not {"letter-rejected", "not-yours"} & (sounding(giving.here) | sounding(giving.there))


def test_a_case_that_its_owner_forgot_to_have_offered_is_not_kept_for_ever(
    giving: Giving, clock: Clock
) -> None:
    keep_copy(giving.here)
    giving.offered()
    giving.cross()
    restored(giving.here, giving.there)
    giving.accept()
    giving.cross()
    days_pass(clock, 70, giving.here, giving.there)
    assert giving.owners() == ["skopje"]
    assert hand_over.list_handovers(giving.there.rt, giving.taker, (0, ""), 9) == []
