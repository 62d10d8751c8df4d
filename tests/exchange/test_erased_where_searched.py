"""A case is erased where it is searched: its society keeps nothing of who was found, and waits for
no answer that never comes; and it cannot tell that from a search that found nothing (P-03)."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rfl.domain.access import Role, Verb
from rfl.domain.answer import Given, Item
from rfl.domain.consent import Use
from rfl.domain.purpose import Purpose
from rfl.domain.states import Outside, TransmissionState
from rfl.exchange.settling import REJECTED
from rfl.flows import transmit
from rfl.flows.erase import erase_case
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.withdraw import withdraw_consent
from rfl.storage import received
from tests.exchange.across import (
    Asking,
    answering,
    ask_across,
    days_pass,
    letters_cross,
    make_pair,
    recalls_of,
)
from tests.exchange.network import Society
from tests.exchange.test_passed_on import ask_agency, pass_on
from tests.exchange.test_reliability import sounding
from tests.exchange.triangle import three_societies
from tests.office import Desk, make_account
from tests.support import Clock

Pair = tuple[Society, Society]
EVERYTHING = (Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL, Item.PHONE)
GIVEN = Given(phone="+30 210 1")


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


def searched(pair: Pair) -> tuple[Asking, Desk]:
    """A request that the other society has accepted and searches."""
    asking = ask_across(*pair)
    letters_cross(*pair)
    desk = answering(pair[1]).accept()
    letters_cross(*pair)
    return asking, desk


def erased(there: Society, desk: Desk) -> None:
    """Erase the case as the person who was found asks for it."""
    supervisor = make_account(there.rt, Role.SUPERVISOR, there.network.branch)
    call = replace(supervisor, purpose=Purpose.DATA_SUBJECT_REQUEST)
    erase_case(there.rt, call, desk.case, "data_subject_request")


def left_at(society: Society) -> list[received.Received]:
    """What a society keeps of requests of Skopje, opened."""
    with society.rt.begin(OFFICE_CALL, Verb.EXCHANGE_RECEIVE) as work:
        mine = received.received.c.peer == "skopje"
        return [request for _row, request in received.SHELF.of_peer(work, mine)]


def test_what_was_told_goes_where_it_was_told_and_that_is_attested(
    pair: Pair, clock: Clock
) -> None:
    asking, desk = searched(pair)
    desk.located().answered(*EVERYTHING, given=GIVEN)
    letters_cross(*pair)
    assert asking.desk.outcome.told.given == GIVEN
    erased(pair[1], desk)
    letters_cross(*pair)
    assert asking.desk.outcome.told.given == Given()
    assert not asking.desk.outcome.told.items
    days_pass(clock, 2, *pair)
    assert recalls_of(pair[1]) == [("skopje", True)]
    [left] = left_at(pair[1])
    assert left.dossier is None
    assert [one.told.given for one in left.said] == [Given()]


def test_p03_who_asks_hears_on_its_day_what_it_would_hear_if_nothing_was_found(
    pair: Pair, clock: Clock
) -> None:
    """The request is renewed and asked after meanwhile, as if it were still searched."""
    asking, desk = searched(pair)
    desk.located()
    erased(pair[1], desk)
    letters_cross(*pair)
    assert answering(pair[1]).waiting() == []
    row = transmit.read_transmission(pair[0].rt, asking.desk.officer, asking.ref).row
    transmit.remind_partner(pair[0].rt, asking.desk.officer, asking.ref, row.version)
    letters_cross(*pair)
    days_pass(clock, 179, *pair)
    assert (asking.sent.state, asking.sent.results) == (TransmissionState.ACCEPTED, ())
    days_pass(clock, 1, *pair)
    told = [outcome for _person, outcome in asking.sent.results]
    assert told == [Outside.ENDED_WITHOUT_INFORMATION]
    assert REJECTED not in sounding(pair[0])
    assert recalls_of(pair[1]) == []
    count = len(pair[1].line.carried)  # type: ignore[union-attr]
    letters_cross(*pair)
    assert len(pair[1].line.carried) == count, "it is said once"  # type: ignore[union-attr]


def test_what_is_left_goes_when_its_society_takes_its_request_back(
    pair: Pair, clock: Clock
) -> None:
    asking, desk = searched(pair)
    erased(pair[1], desk)
    own, share = asking.desk, frozenset({Use.SHARE})
    withdraw_consent(pair[0].rt, own.officer, own.case, own.version, share)
    letters_cross(*pair)
    [left] = left_at(pair[1])
    assert (left.is_gone, left.persons) == (True, ())
    days_pass(clock, 2, *pair)
    assert recalls_of(pair[0]) == [("belgrade", True)]
    days_pass(clock, 180, *pair)
    assert asking.sent.results == ()


def test_an_erasure_at_the_end_of_a_chain_passes_back_through_the_pair_of_references(
    sqlite_template: Path, tmp_path: Path, clock: Clock
) -> None:
    with three_societies(sqlite_template, tmp_path, clock) as three:
        first = ask_agency(three)
        pass_on(three, answering(three[1]).accept())
        last = answering(three[2]).accept()
        letters_cross(*three)
        last.located().answered(*EVERYTHING, given=GIVEN)
        letters_cross(*three)
        assert first.desk.outcome.told.items
        erased(three[2], last)
        letters_cross(*three)
        assert not first.desk.outcome.told.items
        for _day in range(3):
            days_pass(clock, 1, *three)
        assert recalls_of(three[2]) == [("cta", True)]
        assert recalls_of(three[1]) == [("skopje", True)]
