"""Everything that one society was sent is taken back at once, and each part of it is attested."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rfl.domain.access import Verb
from rfl.domain.states import HandoverState, TransmissionState
from rfl.domain.transmission import WhyReturned
from rfl.errors import Conflict
from rfl.exchange.reasons import Reason
from rfl.flows import answer_request, hand_over, know_peers
from rfl.flows.recall_all import recall_all
from rfl.flows.runtime import OFFICE_CALL
from rfl.storage import handovers, received
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
from tests.exchange.test_handovers import make_giving
from tests.exchange.test_letters_taken_back import letters_at
from tests.exchange.test_messages_across import forwarded
from tests.exchange.test_reliability import sounding
from tests.support import Clock

Pair = tuple[Society, Society]


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


def asked(pair: Pair, decision: WhyReturned | None = None) -> Asking:
    """A request that the other society accepts, or returns for this reason."""
    asking = ask_across(*pair)
    letters_cross(*pair)
    there = answering(pair[1])
    if decision is None:
        there.accept()
        letters_cross(*pair)
        return asking
    [row] = [one for one in there.waiting() if one.case_id is None]
    refused = (TransmissionState.RETURNED_FOR_INFORMATION, decision)
    answer_request.refuse_received(pair[1].rt, there.officer, row.id, row.version, refused)
    letters_cross(*pair)
    return asking


def held_by(society: Society) -> tuple[int, int, int]:
    """How many requests, offers and letters of others a society has."""
    with society.rt.begin(OFFICE_CALL, Verb.EXCHANGE_RECEIVE) as work:
        found = received.refs_of(work, "skopje"), handovers.refs_of(work, "skopje")
    return len(found[0]), len(found[1]), letters_at(society)


def test_everything_is_destroyed_by_one_letter_and_every_part_is_attested(
    pair: Pair, clock: Clock
) -> None:
    skopje, belgrade = pair
    accepted = asked(pair)
    returned = asked(pair, WhyReturned.MORE_ON_PLACE)
    forwarded(*pair)
    offering = make_giving(*pair)
    offer = offering.offered()
    letters_cross(*pair)
    case_there = next(one.case_id for one in answering(belgrade).waiting() if one.case_id)
    assert held_by(belgrade) == (2, 1, 1)

    assert recall_all(skopje.rt, OFFICE_CALL, "belgrade") == 4
    skopje.deliver()
    assert held_by(belgrade) == (0, 0, 0)
    assert case_there
    states = [accepted.sent.state, returned.sent.state]
    assert states == [TransmissionState.RECALLED] * 2
    view = hand_over.read_handover(skopje.rt, offering.desk.officer, offer)
    assert view.handover.state is HandoverState.WITHDRAWN
    assert offering.desk.file.offered_to is None

    letters_cross(*pair)
    days_pass(clock, 2, *pair)
    assert recalls_of(skopje) == [("belgrade", True)] * 4
    assert Reason.NOT_YOURS not in sounding(skopje) | sounding(belgrade)
    assert letters_at(skopje) == 1, "what is this society's own stays"
    assert recall_all(skopje.rt, OFFICE_CALL, "belgrade") == 3, "to say it again changes nothing"
    letters_cross(*pair)
    assert recalls_of(skopje) == [("belgrade", True)] * 4


def test_nothing_is_taken_back_from_a_society_that_is_not_trusted(pair: Pair) -> None:
    asking = asked(pair)
    know_peers.suspend_peer(pair[0].rt, OFFICE_CALL, "belgrade")
    with pytest.raises(Conflict):
        recall_all(pair[0].rt, OFFICE_CALL, "belgrade")
    assert recalls_of(pair[0]) == []
    assert asking.sent.state is TransmissionState.ACCEPTED
