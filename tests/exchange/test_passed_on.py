"""Through the Central Tracing Agency as intermediary: three nodes, two references, one search."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from rfl.domain.answer import Item
from rfl.domain.casefile import Ending
from rfl.domain.consent import Use
from rfl.domain.dossier import Dossier
from rfl.domain.person import Name
from rfl.domain.received import Leave
from rfl.domain.states import CaseState, Outside, TransmissionState
from rfl.domain.transmission import Transmission
from rfl.errors import Conflict, Erased
from rfl.flows import answer_request, ask_who, consult, review, transmit
from rfl.flows.close import close_case, reopen_case
from rfl.flows.erase import erase_case
from rfl.flows.withdraw import withdraw_consent
from tests.exchange.across import (
    VISITS,
    Asking,
    answering,
    assess,
    days_pass,
    letters_cross,
    recalls_of,
    shared_request,
)
from tests.exchange.network import Society
from tests.exchange.triangle import Lines, Three, three_societies
from tests.office import Desk, make_account, open_desk
from tests.support import SUPERVISOR, Clock

EVERYTHING = (Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL, Item.MESSAGE)


@pytest.fixture
def three(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Three]:
    """Skopje, the agency, and Sofia."""
    with three_societies(sqlite_template, tmp_path, clock) as made:
        yield made


def ask_agency(three: Three, **marks: bool) -> Asking:
    """Skopje asks the agency, and lets it pass the request on."""
    skopje, agency, _sofia = three
    day = skopje.rt.today()
    desk = open_desk(skopje.rt, shared_request(day, "cta")).judged().accepted()
    said = {"onward": True} | marks
    asked = Transmission("cta", VISITS, day + timedelta(days=90), **said)
    ref = transmit.queue_transmission(skopje.rt, desk.officer, desk.case, asked)
    letters_cross(*three)
    return Asking(skopje, agency, desk, ref)


def pass_on(three: Three, desk: Desk, **marks: bool) -> Asking:
    """The agency sends its own request, under its own reference, to Sofia."""
    _skopje, agency, sofia = three
    asked = Transmission("sofia", VISITS, agency.rt.today() + timedelta(days=60), **marks)
    ref = transmit.queue_transmission(agency.rt, desk.officer, desk.case, asked)
    letters_cross(*three)
    return Asking(agency, sofia, desk, ref)


@dataclass
class Chain:
    """One search through the agency, accepted at both ends."""

    first: Asking
    middle: Desk
    second: Asking
    last: Desk


@pytest.fixture
def chain(three: Three) -> Chain:
    """A request that was passed on, and is searched in Sofia."""
    first = ask_agency(three)
    middle = answering(three[1]).accept()
    second = pass_on(three, middle)
    last = answering(three[2]).accept()
    letters_cross(*three)
    return Chain(first, middle, second, last)


def dossier_at(society: Society) -> tuple[str, Dossier]:
    """The reference and the dossier of the first open request."""
    there = answering(society)
    view = answer_request.read_received(society.rt, there.officer, there.waiting()[0].id)
    assert view.request.dossier is not None
    return view.request.ref, view.request.dossier


def test_an_answer_passes_back_through_the_pair_of_references(three: Three, chain: Chain) -> None:
    chain.last.located().answered(*EVERYTHING)
    letters_cross(*three)
    assert chain.second.sent.state is TransmissionState.ENDED
    assert chain.first.sent.state is TransmissionState.ENDED
    assert chain.first.desk.outcome.told.items == {Item.ALIVE_AND_WELL, Item.MESSAGE}


def test_no_society_learns_the_others_reference_or_the_others_ids(three: Three) -> None:
    asking = ask_agency(three)
    middle = answering(three[1]).accept()
    passed = pass_on(three, middle)
    ref, dossier = dossier_at(three[2])
    assert ref == passed.ref != asking.ref
    assert set(dossier.persons) == {middle.person}
    assert middle.person != asking.desk.person
    assert dossier.origin == "skopje"
    assert dossier.enquirer is not None


@pytest.mark.parametrize("marked_by", ["skopje", "cta"])
def test_an_origin_that_is_withheld_says_neither_who_asks_nor_which_society(
    three: Three, marked_by: str
) -> None:
    ask_agency(three, withholds_origin=marked_by == "skopje")
    pass_on(three, answering(three[1]).accept(), withholds_origin=marked_by == "cta")
    _ref, dossier = dossier_at(three[2])
    assert dossier.origin is None
    assert dossier.enquirer is None
    assert all(not one.person.kin for one in dossier.sought)


def test_p16_who_is_searching_is_asked_for_through_the_pair_of_references(three: Three) -> None:
    skopje, agency, sofia = three
    assess(skopje, agency, at_risk=True)
    ask_agency(three)
    middle = answering(agency).accept()
    pass_on(three, middle)
    last = answering(sofia).accept().located()
    assert (middle.request.withheld, last.request.withheld) == (True, True)
    ask_who.ask_who(sofia.rt, last.searcher, last.case, last.journal.version, last.person)
    letters_cross(*three)
    assert (middle.request.withheld, last.request.withheld) == (False, False)


@pytest.mark.parametrize(
    "marks",
    [{"onward": False}, {"onward": True}],
    ids=["without leave", "to be passed on once more"],
)
def test_a_request_is_passed_on_only_as_its_society_lets_it(
    three: Three, marks: dict[str, bool]
) -> None:
    ask_agency(three, **marks)
    desk = answering(three[1]).accept()
    with pytest.raises(Conflict, match="passed on"):
        pass_on(three, desk, **marks)


def test_a_request_is_not_passed_back_to_who_sent_it(three: Three) -> None:
    ask_agency(three)
    desk = answering(three[1]).accept()
    asked = Transmission("skopje", VISITS, desk.today + timedelta(days=60))
    with pytest.raises(Conflict, match="passed on"):
        transmit.queue_transmission(three[1].rt, desk.officer, desk.case, asked)


def test_leave_ends_with_the_consent_behind_it(clock: Clock) -> None:
    request = answer_request.Received("skopje", "ref", None, clock().date())
    until = clock() + timedelta(days=1)
    may = replace(request, leave=Leave(onward=True, consent_until=until))
    assert may.onward(clock()) == may.leave
    assert may.onward(until) is None
    assert replace(may, state=TransmissionState.RECALLED).onward(clock()) is None


@pytest.mark.parametrize("way", ["withdrawal", "erasure"])
def test_what_is_taken_back_is_destroyed_at_the_end_of_the_chain_and_attested_from_there(
    three: Three, chain: Chain, clock: Clock, way: str
) -> None:
    lines = three[1].line
    assert isinstance(lines, Lines)
    lines.to(three[2]).down = True
    asking = chain.first.desk
    if way == "withdrawal":
        share = frozenset({Use.SHARE})
        withdraw_consent(three[0].rt, asking.officer, asking.case, asking.version, share)
    else:
        erase_case(three[0].rt, SUPERVISOR, asking.case, "data_subject_request")
    days_pass(clock, 3, *three)
    with pytest.raises(Erased):
        chain.middle.file  # noqa: B018
    assert chain.last.file.state is CaseState.ACTIVE
    assert recalls_of(three[0]) == [("cta", False)]
    lines.to(three[2]).down = False
    for _day in range(3):
        days_pass(clock, 1, *three)
    with pytest.raises(Erased):
        chain.last.file  # noqa: B018
    assert recalls_of(three[1]) == [("sofia", True)]
    assert recalls_of(three[0]) == [("cta", True)]


def test_a_society_that_never_attests_holds_up_the_others_word_for_a_week_alone(
    three: Three, chain: Chain, clock: Clock
) -> None:
    lines = three[1].line
    assert isinstance(lines, Lines)
    lines.to(three[2]).down = True
    erase_case(three[0].rt, SUPERVISOR, chain.first.desk.case, "data_subject_request")
    for _day in range(9):
        days_pass(clock, 1, *three)
    assert recalls_of(three[1]) == [("sofia", False)]
    assert recalls_of(three[0]) == [("cta", True)]


def test_what_a_found_person_takes_back_passes_back_too(three: Three, chain: Chain) -> None:
    desk = chain.last.located().answered(*EVERYTHING)
    letters_cross(*three)
    version = desk.journal.version
    consult.withdraw_answer(three[2].rt, desk.searcher, desk.case, version, desk.person)
    letters_cross(*three)
    assert not chain.first.desk.outcome.told.items
    assert chain.first.desk.outcome.told.outcome is Outside.INFORMATION_GIVEN


def test_what_changes_in_a_request_is_passed_on(three: Three, chain: Chain) -> None:
    asking = chain.first.desk
    view = review.read_case(three[0].rt, asking.officer, asking.case)
    found = replace(view.request.sought[0].person, names=(Name("Maryam Karimi"),))
    changed = replace(view.request, sought=(replace(view.request.sought[0], person=found),))
    review.change_case(three[0].rt, asking.officer, asking.case, view.row.version, changed)
    letters_cross(*three)
    assert chain.last.request.sought[0].person.names == (Name("Maryam Karimi"),)


def test_a_case_that_is_closed_and_reopened_is_so_at_the_end_of_the_chain(
    three: Three, chain: Chain
) -> None:
    desk = chain.first.desk
    ending = Ending.CONTACT_RESTORED_BY_FAMILY
    close_case(three[0].rt, desk.officer, desk.case, desk.version, ending)
    letters_cross(*three)
    assert chain.middle.file.state is CaseState.CLOSED
    assert chain.last.file.state is CaseState.CLOSED
    reopen_case(three[0].rt, desk.officer, desk.case, desk.version, "Lost again")
    for society in three[1:]:
        letters_cross(*three)
        there = make_account(society.rt, branch=society.network.branch)
        row = answer_request.list_received(society.rt, there, (0, ""), 9)[0]
        answer_request.accept_received(society.rt, there, row.id, row.version)
    letters_cross(*three)
    assert chain.last.file.state is CaseState.ACTIVE
    assert chain.second.sent.state is TransmissionState.ACCEPTED
