"""A case is handed over to another society: one owner at any time, under faults too."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from rfl.domain.access import Role, Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.casefile import Ending
from rfl.domain.consent import Use
from rfl.domain.purpose import Purpose
from rfl.domain.request import Contact
from rfl.domain.states import CaseState, HandoverState, TransmissionState
from rfl.domain.transmission import Transmission
from rfl.errors import Conflict, Forbidden, NotFound, RflError
from rfl.exchange import bodies
from rfl.exchange.bodies import CaseHandover, Turn
from rfl.exchange.letter import Letter, LetterType
from rfl.exchange.reasons import Reason
from rfl.exchange.receipt import ReceiptStatus
from rfl.flows import hand_over, judge, know_peers, recall, review, take_over, transmit
from rfl.flows.approve import ask_approval, give_approval
from rfl.flows.close import close_case, reopen_case
from rfl.flows.erase import erase_case
from rfl.flows.note import note
from rfl.flows.runtime import OFFICE_CALL, Call
from rfl.flows.withdraw import withdraw_consent
from rfl.storage import handovers, inbox, ledger
from tests.exchange.across import (
    VISITS,
    days_pass,
    letters_cross,
    make_pair,
    recalls_of,
    shared_request,
)
from tests.exchange.network import Society
from tests.exchange.test_authority import taken_back, told
from tests.office import NO_DANGER, Desk, make_account, open_desk
from tests.support import SUPERVISOR, Clock

Pair = tuple[Society, Society]
BOTH = frozenset({Use.SHARE, Use.CONTACT, Use.SEARCH})


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


@dataclass
class Giving:
    """A case that Skopje may hand over to Belgrade, and who does it at either end."""

    here: Society
    there: Society
    desk: Desk
    taker: Call

    def offered(self) -> str:
        """Offer the case with a second officer; return the handover's id."""
        call = approved(self.desk, self.there.network.code)
        rt, version = self.here.rt, self.desk.version
        return hand_over.offer_case(rt, call, self.desk.case, version, self.there.network.code)

    def waiting(self) -> hand_over.HandoverView:
        """The offer, as the other society reads it."""
        row = hand_over.list_handovers(self.there.rt, self.taker, (0, ""), 9)[0]
        return hand_over.read_handover(self.there.rt, self.taker, row.id)

    def accept(self) -> str:
        """Accept the offer there; return its id there."""
        row = self.waiting().row
        take_over.accept_offer(self.there.rt, self.taker, row.id, row.version)
        return row.id

    def cross(self) -> None:
        """Let letters cross; the other society opens what it was given."""
        letters_cross(self.here, self.there)

    def owners(self) -> list[str]:
        """Who is responsible towards the enquirer now, as each society's own records say."""
        mine = ["skopje"] if self.desk.file.state is not CaseState.CLOSED else []
        with self.there.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
            ledger.append(work)
            rows = work.connection.execute(handovers.handovers.select()).all()
            found = [handovers.SHELF.opened(work, row.id)[1] for row in rows]
        return mine + ["belgrade" for one in found if one.is_taken]

    def taken(self) -> Desk:
        """The case as the other society has it."""
        with self.there.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
            ledger.append(work)
            [row] = work.connection.execute(handovers.handovers.select()).all()
        searcher = make_account(self.there.rt, branch=self.there.network.branch)
        return Desk(self.there.rt, self.taker, self.taker, searcher, searcher, row.case_id)


def approved(desk: Desk, peer: str) -> Call:
    """A supervisor's call with a second officer's approval of exactly this."""
    second = make_account(desk.rt, Role.SUPERVISOR)
    exact = Exact(Approves.HANDOVER, desk.case, (peer,))
    asked = ask_approval(desk.rt, desk.supervisor, exact, "The family has moved to Belgrade.")
    give_approval(desk.rt, second, asked, 1)
    return replace(desk.supervisor, approval=asked)


@pytest.fixture
def giving(pair: Pair) -> Giving:
    return make_giving(*pair)


def make_giving(here: Society, there: Society) -> Giving:
    """A case whose enquirer has moved, and agrees that Belgrade takes it over."""
    here.rt.rules = replace(here.rt.rules, four_eyes=frozenset({Approves.HANDOVER}))
    contact = Contact(phones=("+38970123456",), safest_channel="phone in the evening")
    request = shared_request(here.rt.today(), "belgrade", contact=contact)
    consents = (replace(request.consents[0], uses=BOTH),)
    desk = open_desk(here.rt, replace(request, consents=consents)).judged().accepted()
    return Giving(here, there, desk, make_account(there.rt, branch=there.network.branch))


def test_a_case_moves_with_contact_and_consents_and_is_opened_there_as_its_own(
    giving: Giving,
) -> None:
    before = giving.desk.request
    giving.offered()
    giving.cross()
    giving.accept()
    giving.cross()
    taken = giving.taken()
    view = review.read_case(giving.there.rt, giving.taker, taken.case)
    assert view.request.contact == before.contact
    assert view.request.consents[0].person == view.request.enquirer.id != before.enquirer.id
    assert taken.file.asked_by is None
    assert taken.file.state is CaseState.OPEN
    assert view.row.officer == giving.taker.actor.id
    assert giving.desk.file.state is CaseState.CLOSED
    assert giving.owners() == ["belgrade"]


def test_the_owner_keeps_the_case_as_it_was_offered_until_it_is_accepted(giving: Giving) -> None:
    giving.offered()
    giving.cross()
    assert giving.owners() == ["skopje"]
    rt, desk = giving.here.rt, giving.desk
    note(rt, desk.officer, desk.case, desk.version, "He rang, and is well.")
    with pytest.raises(Conflict, match="offered"):
        judge.screen_enquirer(rt, desk.officer, desk.case, desk.version, NO_DANGER)
    asked = Transmission("belgrade", VISITS, giving.desk.today + timedelta(days=30))
    with pytest.raises(Conflict, match="offered"):
        transmit.queue_transmission(giving.here.rt, giving.desk.officer, giving.desk.case, asked)
    giving.accept()
    assert giving.owners() == ["skopje"]


def test_a_handover_to_two_is_refused(giving: Giving) -> None:
    giving.offered()
    call = replace(giving.desk.supervisor, approval=None)
    with pytest.raises(Conflict, match="offered"):
        hand_over.offer_case(
            giving.here.rt, call, giving.desk.case, giving.desk.version, "belgrade"
        )


def reasons_of(society: Society) -> set[str]:
    """Why letters were refused here."""
    with society.rt.ask(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        rows = work.connection.scalars(select(inbox.inbox.c.reason).distinct())
        return {one for one in rows if one is not None}


def test_what_was_given_is_neither_reopened_nor_offered_again(giving: Giving) -> None:
    giving.offered()
    giving.cross()
    giving.accept()
    giving.cross()
    desk = giving.desk
    with pytest.raises(Conflict, match="given"):
        reopen_case(giving.here.rt, desk.officer, desk.case, desk.version, "They came back")
    with pytest.raises(Conflict, match="given"):
        hand_over.offer_case(giving.here.rt, desk.supervisor, desk.case, desk.version, "belgrade")


@pytest.mark.parametrize("uses", [{Use.SHARE, Use.SEARCH}, {Use.CONTACT}], ids=["share", "contact"])
def test_a_handover_rests_on_a_consent_for_that_society(pair: Pair, uses: set[Use]) -> None:
    request = shared_request(pair[0].rt.today(), "belgrade")
    consents = (replace(request.consents[0], uses=frozenset(uses)),)
    desk = open_desk(pair[0].rt, replace(request, consents=consents)).judged()
    with pytest.raises(Conflict, match="agreed"):
        hand_over.offer_case(pair[0].rt, desk.supervisor, desk.case, desk.version, "belgrade")


def test_a_handover_needs_a_second_officer_for_exactly_this_society(giving: Giving) -> None:
    desk = giving.desk
    for call in (desk.supervisor, approved(desk, "sofia")):
        with pytest.raises(Forbidden, match="second officer"):
            hand_over.offer_case(giving.here.rt, call, desk.case, desk.version, "belgrade")
    assert desk.file.offered_to is None


def test_what_is_declined_is_destroyed_attested_and_the_case_goes_on_where_it_was(
    giving: Giving, clock: Clock
) -> None:
    giving.offered()
    giving.cross()
    row = giving.waiting().row
    take_over.decline_offer(giving.there.rt, giving.taker, row.id, row.version)
    giving.cross()
    with pytest.raises(NotFound):
        hand_over.read_handover(giving.there.rt, giving.taker, row.id)
    assert giving.owners() == ["skopje"]
    assert giving.desk.file.offered_to is None
    assert recalls_of(giving.here) == [("belgrade", False)]
    giving.offered()
    giving.cross()
    assert giving.waiting().handover.state is HandoverState.OFFERED
    for _day in range(2):
        days_pass(clock, 1, giving.here, giving.there)
    assert recalls_of(giving.here) == [("belgrade", True)]
    assert reasons_of(giving.here) == set()


@pytest.mark.parametrize("way", ["withdrawn", "consent", "erased"])
@pytest.mark.parametrize("accepted", [False, True])
def test_an_offer_is_taken_back_also_while_its_acceptance_is_under_way(
    giving: Giving, clock: Clock, way: str, accepted: bool
) -> None:
    ref = giving.offered()
    giving.cross()
    if accepted:
        giving.accept()
    rt, desk = giving.here.rt, giving.desk
    if way == "withdrawn":
        hand_over.withdraw_offer(rt, desk.officer, ref, 1)
        assert desk.file.offered_to is None
    elif way == "consent":
        contact = frozenset({Use.CONTACT})
        withdraw_consent(rt, desk.officer, desk.case, desk.version, contact)
        assert desk.file.offered_to is None
    else:
        erase_case(rt, SUPERVISOR, desk.case, "data_subject_request")
    giving.cross()
    assert hand_over.list_handovers(giving.there.rt, giving.taker, (0, ""), 9) == []
    for _day in range(2):
        days_pass(clock, 1, giving.here, giving.there)
    assert recalls_of(giving.here) == [("belgrade", True)]
    assert reasons_of(giving.here) == ({Reason.RECALLED} if accepted else set())
    if way != "erased":
        assert giving.owners() == ["skopje"]


def test_offers_count_in_the_days_budget_of_persons_also_those_that_were_taken_back(
    giving: Giving, clock: Clock
) -> None:
    know_peers.limit_peer(giving.there.rt, OFFICE_CALL, "skopje", 1)
    for is_taken in (True, False):
        ref = giving.offered()
        giving.cross()
        came = hand_over.list_handovers(giving.there.rt, giving.taker, (0, ""), 9)
        assert bool(came) is is_taken
        hand_over.withdraw_offer(giving.here.rt, giving.desk.officer, ref, 1)
        giving.cross()
    clock.move(days=2)
    giving.offered()
    giving.cross()
    assert giving.waiting().handover.state is HandoverState.OFFERED


def test_an_offer_that_nobody_accepts_ends_and_is_destroyed(giving: Giving, clock: Clock) -> None:
    giving.offered()
    giving.cross()
    days_pass(clock, 35, giving.here, giving.there)
    assert hand_over.list_handovers(giving.there.rt, giving.taker, (0, ""), 9) == []
    assert giving.owners() == ["skopje"]


@pytest.mark.parametrize(
    "watched", [False, True], ids=["found by the letter", "found by the clock"]
)
def test_an_acceptance_after_the_end_of_the_consent_is_too_late(
    giving: Giving, clock: Clock, watched: bool
) -> None:
    rt, desk = giving.here.rt, giving.desk
    view = review.read_case(rt, desk.officer, desk.case)
    soon = replace(view.request.consents[0], holds_until=desk.today + timedelta(days=2))
    changed = replace(view.request, consents=(soon,))
    review.change_case(rt, desk.officer, desk.case, view.row.version, changed)
    giving.offered()
    giving.cross()
    giving.accept()
    clock.move(days=4)
    if watched:
        assert recall.end_copies(rt) == 1
    giving.cross()
    assert giving.owners() == ["skopje"]
    assert desk.file.offered_to is None
    assert hand_over.list_handovers(giving.there.rt, giving.taker, (0, ""), 9) == []


def test_other_societies_that_search_are_told_that_the_case_is_closed(giving: Giving) -> None:
    asked = Transmission("belgrade", VISITS, giving.desk.today + timedelta(days=30))
    rt, desk = giving.here.rt, giving.desk
    sent = transmit.queue_transmission(rt, desk.officer, desk.case, asked)
    giving.offered()
    giving.cross()
    giving.accept()
    giving.cross()
    state = transmit.read_transmission(rt, desk.officer, sent).transmission.state
    assert state is TransmissionState.RECALLED


def test_two_owners_after_an_exception_on_return(giving: Giving, clock: Clock) -> None:
    giving.offered()
    giving.cross()
    giving.accept()
    _sql(giving.here, _NO_LETTER)
    with suppress(RflError):
        letters_cross(giving.here, giving.there)
    assert giving.owners() == ["skopje"], "what could not be written has not happened"
    _sql(giving.here, "DROP TRIGGER no_letter")
    clock.move(hours=1)
    giving.cross()
    assert giving.owners() == ["belgrade"]


_NO_LETTER = (
    "CREATE TRIGGER no_letter BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'full'); END"
)


def _sql(society: Society, statement: str) -> None:
    with society.rt.begin(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        ledger.append(work)
        work.connection.execute(text(statement))


@pytest.mark.parametrize(
    "steps",
    [
        ("lost", "accept", "lost", "days"),
        ("accept", "down", "accept", "repeat"),
        ("accept", "repeat", "withdraw", "days"),
        ("accept", "withdraw", "lost", "accept"),
        ("withdraw", "accept", "repeat"),
    ],
    ids=" ".join,
)
def test_there_is_one_owner_whatever_is_lost_repeated_or_late(
    giving: Giving, clock: Clock, steps: tuple[str, ...]
) -> None:
    moving = _Moving(giving.here, giving.there, clock)
    ref = giving.offered()
    if "lost" not in steps[:1]:
        giving.cross()
    for step in steps:
        with suppress(RflError, IndexError):
            if step == "accept":
                giving.accept()
            elif step == "withdraw":
                hand_over.withdraw_offer(giving.here.rt, giving.desk.officer, ref, 1)
            else:
                moving.go(step)
        assert len(giving.owners()) <= 1
    for _day in range(2):
        moving.go("days")
    assert len(giving.owners()) == 1


@dataclass
class _Moving:
    """Letters between two societies, with one thing that goes wrong."""

    here: Society
    there: Society
    clock: Clock

    def go(self, fault: str) -> None:
        lines = [one.line for one in (self.here, self.there) if one.line is not None]
        for line in lines:
            line.down, line.repeat = fault == "down", fault == "repeat"
            line.lose_answers = 1 if fault == "lost" else 0
        if fault == "days":
            self.clock.move(days=1)
        letters_cross(self.here, self.there)
        for line in lines:
            line.down, line.repeat, line.lose_answers = False, False, 0


@pytest.mark.parametrize("turn", [Turn.ACCEPT, Turn.DECLINE, Turn.GIVEN])
def test_a_step_of_a_handover_that_is_not_a_peers_is_refused(giving: Giving, turn: Turn) -> None:
    ref = giving.offered()
    giving.cross()
    body = bodies.written(CaseHandover(turn))
    said = Letter(type=LetterType.CASE_HANDOVER, purpose=Purpose.TRACING, case_ref=ref, data=body)
    sides = (giving.here, giving.there)
    assert told(*sides, said) == (ReceiptStatus.REJECTED, Reason.NOT_YOURS)
    assert giving.owners() == ["skopje"]


def test_a_found_persons_word_about_an_offer_is_nobodys_to_say(giving: Giving) -> None:
    ref = giving.offered()
    giving.cross()
    strange = (ReceiptStatus.REJECTED, Reason.NOT_YOURS)
    assert told(giving.here, giving.there, taken_back(ref)) == strange
    assert told(giving.there, giving.here, taken_back(ref)) == strange


def test_an_erasure_touches_nothing_that_was_given(giving: Giving) -> None:
    ref = giving.offered()
    giving.cross()
    giving.accept()
    giving.cross()
    body = bodies.written(bodies.ErasureRequest())
    said = Letter(type=LetterType.ERASURE_REQUEST, purpose=Purpose.TRACING, case_ref=ref, data=body)
    assert told(giving.here, giving.there, said) == (ReceiptStatus.REJECTED, Reason.NOT_YOURS)
    erase_case(giving.here.rt, SUPERVISOR, giving.desk.case, "retention_ended")
    giving.cross()
    recall.send_recalls(giving.here.rt)
    assert giving.taken().file.state is CaseState.OPEN


def test_a_closed_case_is_not_handed_over(giving: Giving) -> None:
    desk, from_here = giving.desk, giving.here.rt
    close_case(from_here, desk.officer, desk.case, desk.version, Ending.ANSWERED)
    with pytest.raises(Conflict, match="closed"):
        hand_over.offer_case(from_here, desk.supervisor, desk.case, desk.version, "belgrade")
