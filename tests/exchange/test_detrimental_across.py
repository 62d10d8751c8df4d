"""What would harm a detained person crosses no border but to the Central Tracing Agency (P-36)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from rfl.domain.access import Role
from rfl.domain.answer import Item
from rfl.domain.casefile import CaseFile
from rfl.domain.consent import NEEDED_TO_HAND_OVER, Consent, ConsentForm
from rfl.domain.states import MessageState, Outside, TransmissionState
from rfl.domain.transmission import Transmission
from rfl.errors import Conflict
from rfl.flows import carry_message, hand_over, hold_back, transmit
from rfl.flows.read_search import read_search
from rfl.flows.review import change_case, read_case
from rfl.flows.send_message import Way, check_message, collect_message, transmit_message
from tests.exchange.across import (
    VISITS,
    Answering,
    Asking,
    ask_across,
    letters_cross,
    make_pair,
    shared_request,
)
from tests.exchange.network import Society
from tests.exchange.test_messages_across import carrier, forwarded, seen
from tests.flows.test_messages import LETTER
from tests.office import Desk, make_account, open_desk
from tests.support import OFFICER, Clock

Pair = tuple[Society, Society]
EITHER = pytest.mark.parametrize("to_agency", [True, False])


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


def knows(one: Society, agency: Society) -> None:
    """Let one society's policy say that the other is the Central Tracing Agency."""
    rules, code = one.rt.rules, agency.network.code
    versions = tuple(replace(each, agency=code) for each in rules.policy.versions)
    one.rt.rules = replace(rules, policy=replace(rules.policy, versions=versions))


def answering(there: Society) -> Answering:
    return Answering(there, make_account(there.rt, branch=there.network.branch))


@EITHER
def test_p36_a_marked_request_leaves_for_the_agency_alone(pair: Pair, to_agency: bool) -> None:
    here, there = pair
    if not to_agency:
        with pytest.raises(Conflict, match="P-36"):
            ask_across(here, there, detrimental=True)
        letters_cross(*pair)
        assert answering(there).waiting() == []
        return
    knows(here, there)
    ask_across(here, there, detrimental=True)
    letters_cross(*pair)
    desk = answering(there).accept()
    assert desk.request.detrimental, "the agency passes nothing of it on either"
    asked = Transmission(here.network.code, VISITS, there.rt.today() + timedelta(days=90))
    with pytest.raises(Conflict):
        transmit.queue_transmission(there.rt, desk.officer, desk.case, asked)


@EITHER
def test_p36_who_was_sent_it_before_the_mark_is_asked_to_destroy_it_but_the_agency(
    pair: Pair, to_agency: bool
) -> None:
    here, there = pair
    asking = ask_across(here, there)
    letters_cross(*pair)
    partner = answering(there)
    [row] = partner.waiting()
    if to_agency:
        knows(here, there)
    mark(asking)
    letters_cross(*pair)
    assert [one.id for one in partner.waiting()] == ([row.id] if to_agency else [])
    state = TransmissionState.QUEUED if to_agency else TransmissionState.RECALLED
    assert asking.sent.state is state


def mark(asking: Asking) -> None:
    """Mark the request as detrimental if passed on."""
    desk = asking.desk
    view = read_case(desk.rt, desk.officer, desk.case)
    marked = replace(view.request, detrimental=True)
    change_case(desk.rt, desk.officer, desk.case, view.row.version, marked)


@EITHER
def test_p36_what_a_search_found_is_told_to_the_agency_that_asks_and_to_no_other(
    pair: Pair, to_agency: bool
) -> None:
    here, there = pair
    if to_agency:
        knows(there, here)
    asking = ask_across(here, there)
    letters_cross(*pair)
    desk = answering(there).accept().located()
    at = (desk.case, desk.journal.version, desk.person, "He is held in secret.")
    hold_back.mark_detrimental(there.rt, desk.searcher, *at)
    desk.answered(*Item)
    letters_cross(*pair)
    assert outcome(asking.desk) is (Outside.INFORMATION_GIVEN if to_agency else Outside.SEARCHING)
    [(_now, then)] = read_search(there.rt, desk.searcher, desk.case).forecast
    told = Outside.INFORMATION_GIVEN if to_agency else Outside.ENDED_WITHOUT_INFORMATION
    assert then.told.outcome is told


def outcome(desk: Desk) -> Outside:
    file: CaseFile = desk.file
    return file.outcomes[0].told.outcome


@EITHER
def test_p36_a_marked_case_is_handed_over_to_the_agency_alone(pair: Pair, to_agency: bool) -> None:
    here, there = pair
    if to_agency:
        knows(here, there)
    request = shared_request(here.rt.today(), there.network.code, detrimental=True)
    agreed = Consent(
        request.enquirer.id,
        NEEDED_TO_HAND_OVER,
        ConsentForm.SIGNED,
        here.rt.today(),
        recipients=(there.network.code,),
    )
    desk = open_desk(here.rt, replace(request, consents=(agreed,))).judged().accepted()
    at = (desk.case, desk.version, there.network.code)
    if to_agency:
        assert hand_over.offer_case(here.rt, desk.supervisor, *at)
        return
    with pytest.raises(Conflict, match="P-36"):
        hand_over.offer_case(here.rt, desk.supervisor, *at)
    letters_cross(*pair)
    reader = make_account(there.rt, Role.SUPERVISOR, there.network.branch)
    assert hand_over.list_handovers(there.rt, reader, (-1, ""), 9) == []


@EITHER
def test_p36_a_marked_letter_and_what_became_of_one_cross_to_the_agency_alone(
    pair: Pair, to_agency: bool
) -> None:
    here, there = pair
    if to_agency:
        knows(here, there)
        knows(there, here)
    marked = collect_message(here.rt, OFFICER, replace(LETTER, detrimental=True))
    check_message(here.rt, OFFICER, marked, 1, None)
    way = Way("AF", there.network.code, through_icrc=True)
    if to_agency:
        transmit_message(here.rt, OFFICER, marked, 2, way)
    else:
        with pytest.raises(Conflict, match="P-36"):
            transmit_message(here.rt, OFFICER, marked, 2, way)
        marked = forwarded(here, there)
    letters_cross(*pair)
    officer, copy = carrier(there)
    reply = ("I am in the prison of the north.", None)
    carry_message.collect_reply(there.rt, officer, copy, 1, reply, held_back=True)
    letters_cross(*pair)
    assert seen(here, marked).reply == (reply[0] if to_agency else None)
    state = MessageState.REPLY_COLLECTED if to_agency else MessageState.TRANSMITTED
    assert seen(here, marked).state is state
