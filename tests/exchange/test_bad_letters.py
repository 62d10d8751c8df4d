"""Letters in the wrong state, twice, late and after the end; and the bugs of others, by name."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from rfl.background import settle
from rfl.domain.access import Verb
from rfl.domain.answer import Item
from rfl.domain.casefile import Ending
from rfl.domain.consent import Use
from rfl.domain.dossier import Dossier, Reach
from rfl.domain.ids import new_id
from rfl.domain.person import Name, Person
from rfl.domain.purpose import Purpose
from rfl.domain.request import NO_CONTACT
from rfl.domain.states import CaseState, Outside, TransmissionState
from rfl.domain.transmission import Transmission, WhyReturned
from rfl.exchange import bodies
from rfl.exchange.asked_often import ONE_FAMILY
from rfl.exchange.bodies import Decision, PersonResult, Reminder
from rfl.exchange.letter import ConsentNamed, Handling, Letter, LetterType
from rfl.exchange.reasons import Reason
from rfl.exchange.receipt import ReceiptStatus
from rfl.flows import answer_request, keep_post, know_peers, review, transmit
from rfl.flows.decide import list_matches
from rfl.flows.enrol import add_registration
from rfl.flows.erase import erase_case
from rfl.flows.list_post import list_post
from rfl.flows.runtime import OFFICE_CALL
from rfl.flows.withdraw import withdraw_consent
from rfl.storage import alarms, matches
from tests.exchange.across import (
    VISITS,
    Answering,
    Asking,
    answering,
    ask_across,
    days_pass,
    letters_cross,
    make_pair,
)
from tests.exchange.network import Society
from tests.exchange.test_authority import told
from tests.exchange.test_messages_across import sent_by
from tests.exchange.test_reliability import sounding
from tests.office import make_account
from tests.support import SUPERVISOR, Clock, make_person, make_registration

Pair = tuple[Society, Society]
YEARS = 400 * 86_400


@pytest.fixture
def pair(sqlite_template: Path, tmp_path: Path, clock: Clock) -> Iterator[Pair]:
    yield from make_pair(sqlite_template, tmp_path, clock)


class Case:
    """One request between the two, and what either may say of it."""

    def __init__(self, pair: Pair) -> None:
        self.here, self.there = pair
        self.asking: Asking = ask_across(*pair)
        letters_cross(*pair)
        self.office: Answering = answering(self.there)
        self.row = self.office.waiting()[0]
        view = answer_request.read_received(self.there.rt, self.office.officer, self.row.id)
        assert view.request.dossier is not None
        self.dossier: Dossier = view.request.dossier

    def refuse(self, state: TransmissionState) -> None:
        refused = (state, WhyReturned.MORE_ON_PERSON)
        rt, officer = self.there.rt, self.office.officer
        answer_request.refuse_received(rt, officer, self.row.id, self.row.version, refused)

    def withdraw(self) -> None:
        desk = self.asking.desk
        share = frozenset({Use.SHARE})
        withdraw_consent(self.here.rt, desk.officer, desk.case, desk.version, share)

    def erase(self) -> None:
        erase_case(self.here.rt, SUPERVISOR, self.asking.desk.case, "data_subject_request")

    def erase_there(self) -> None:
        desk = self.office.accept()
        letters_cross(self.here, self.there)
        actor = replace(SUPERVISOR.actor, branch=self.there.network.branch)
        erase_case(
            self.there.rt, replace(SUPERVISOR, actor=actor), desk.case, "data_subject_request"
        )

    def said(self, kind: LetterType) -> Letter:
        """A letter of this type as it would be if it were in its place."""
        now = int(self.here.rt.clock().timestamp())
        person = self.dossier.persons[0]
        body: dict[LetterType, msgspec.Struct] = {
            LetterType.CASE_REQUEST: bodies.CaseRequest(self.dossier),
            LetterType.CASE_UPDATE: bodies.CaseUpdate(self.dossier),
            LetterType.CASE_REMINDER: bodies.CaseReminder(Reminder.ANSWER_DUE),
            LetterType.CASE_CLOSE: bodies.CaseClose(Ending.WITHDRAWN),
            LetterType.CASE_REOPEN: bodies.CaseReopen(),
            LetterType.CASE_ANSWER: bodies.CaseAnswer(
                Decision.ACCEPTED, answer_on=self.here.rt.today() + timedelta(days=100)
            ),
            LetterType.CASE_RESULT: bodies.CaseResult(
                (PersonResult(person, Outside.ENDED_WITHOUT_INFORMATION),)
            ),
        }
        return Letter(
            type=kind,
            purpose=Purpose.TRACING,
            case_ref=self.asking.ref,
            consent=ConsentNamed(scope="share", ref="2026-03-01", expires=now + YEARS),
            handling=Handling(retain_until=now + YEARS),
            data=bodies.written(body[kind]),
        )


ASKER = (
    LetterType.CASE_REQUEST,
    LetterType.CASE_UPDATE,
    LetterType.CASE_REMINDER,
    LetterType.CASE_CLOSE,
    LetterType.CASE_REOPEN,
)
SEARCHER = (LetterType.CASE_ANSWER, LetterType.CASE_RESULT)
STATES: dict[str, Callable[[Case], object]] = {
    "waiting": lambda case: None,
    "returned": lambda case: case.refuse(TransmissionState.RETURNED_FOR_INFORMATION),
    "accepted": lambda case: case.office.accept(),
    "declined": lambda case: case.refuse(TransmissionState.DECLINED),
    "recalled": lambda case: case.withdraw(),
    "erased": lambda case: case.erase(),
    "erased where it is searched": lambda case: case.erase_there(),
}
Said = tuple[str | None, str | None]
TWICE_OK, CONFLICT = (None, None), ("conflict", "conflict")
KNOWN = (Reason.ALREADY_RECEIVED, Reason.ALREADY_RECEIVED)
GONE = (Reason.RECALLED, Reason.RECALLED)
ANEW = (None, "conflict")
ORDER = (*ASKER, *SEARCHER)
EXPECTED: dict[str, tuple[Said, ...]] = {
    "waiting": (KNOWN, TWICE_OK, TWICE_OK, TWICE_OK, ANEW, TWICE_OK, TWICE_OK),
    "returned": (
        (None, Reason.ALREADY_RECEIVED),
        TWICE_OK,
        TWICE_OK,
        TWICE_OK,
        ANEW,
        TWICE_OK,
        TWICE_OK,
    ),
    "accepted": (KNOWN, TWICE_OK, TWICE_OK, TWICE_OK, ANEW, TWICE_OK, TWICE_OK),
    # It may say so after all: it was restored to before it had declined.
    "declined": (GONE, GONE, GONE, GONE, GONE, TWICE_OK, TWICE_OK),
    "recalled": (GONE, GONE, GONE, GONE, GONE, CONFLICT, CONFLICT),
    "erased": (GONE, GONE, GONE, GONE, GONE, GONE, GONE),
    "erased where it is searched": (KNOWN, TWICE_OK, TWICE_OK, TWICE_OK, GONE, TWICE_OK, TWICE_OK),
}
"""Why each letter is refused the first and the second time; None where it is obeyed."""


@pytest.mark.parametrize("state", STATES)
def test_every_letter_in_every_state_and_twice(pair: Pair, state: str) -> None:
    case = Case(pair)
    STATES[state](case)
    letters_cross(*pair)
    found = []
    for kind in ORDER:
        ways = pair if kind in ASKER else pair[::-1]
        said = [told(*ways, case.said(kind)) for _twice in range(2)]
        assert {status is ReceiptStatus.REJECTED for status, why in said if why} <= {True}
        found.append(tuple(why for _status, why in said))
    assert dict(zip(ORDER, found, strict=True)) == dict(zip(ORDER, EXPECTED[state], strict=True))
    if state.startswith("erased"):
        assert case.office.waiting() == []
    if state in ("declined", "recalled"):
        assert case.office.waiting() == []
        after = {"declined": TransmissionState.ENDED, "recalled": TransmissionState.RECALLED}
        assert case.asking.sent.state is after[state]


def test_a_letter_that_comes_after_the_end_changes_nothing(pair: Pair, clock: Clock) -> None:
    case = Case(pair)
    case.withdraw()
    days_pass(clock, 3, *pair)
    before = case.asking.sent
    for kind in SEARCHER:
        assert told(*pair[::-1], case.said(kind))[0] is ReceiptStatus.REJECTED
    assert case.asking.sent == before
    assert told(*pair, case.said(LetterType.CASE_REQUEST))[1] == Reason.RECALLED


def test_a_result_for_a_person_never_asked_for_is_refused(pair: Pair) -> None:
    case = Case(pair)
    case.office.accept()
    letters_cross(*pair)
    stranger = (PersonResult(new_id("per"), Outside.ENDED_WITHOUT_INFORMATION),)
    letter = replace(
        case.said(LetterType.CASE_RESULT), data=bodies.written(bodies.CaseResult(stranger))
    )
    assert told(*pair[::-1], letter)[0] is ReceiptStatus.REJECTED
    assert case.asking.sent.results == ()


def test_a_second_request_for_a_person_whose_first_was_declined_is_decided_anew(
    pair: Pair,
) -> None:
    case = Case(pair)
    case.refuse(TransmissionState.DECLINED)
    letters_cross(*pair)
    desk = case.asking.desk
    again = Transmission("belgrade", VISITS, desk.today + timedelta(days=90))
    second = transmit.queue_transmission(desk.rt, desk.officer, desk.case, again)
    letters_cross(*pair)
    case.office.accept()
    letters_cross(*pair)
    states = [
        transmit.read_transmission(desk.rt, desk.officer, ref).transmission.state
        for ref in (case.asking.ref, second)
    ]
    assert states == [TransmissionState.DECLINED, TransmissionState.ACCEPTED]


def test_who_was_brought_back_to_an_earlier_day_is_told_again_what_it_has_forgotten(
    pair: Pair,
) -> None:
    """Of a request that it reopens though it was accepted; and one is accepted after all."""
    case = Case(pair)
    told_items = (Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL)
    desk = case.office.accept().located().answered(*told_items)
    letters_cross(*pair)
    before = sent_by(pair[1])
    assert told(*pair, case.said(LetterType.CASE_REOPEN))[1] is None
    letters_cross(*pair)
    assert desk.file.state is not CaseState.CLOSED
    assert sent_by(pair[1]) == before + 2, "its answer, and what was told"
    other = Case(pair)
    other.row = next(one for one in other.office.waiting() if one.case_id is None)
    other.refuse(TransmissionState.RETURNED_FOR_INFORMATION)
    letters_cross(*pair)
    assert told(*pair[::-1], other.said(LetterType.CASE_ANSWER))[1] is None
    assert other.asking.sent.state is TransmissionState.ACCEPTED


def test_a_schema_of_tomorrow_is_refused_and_the_stream_goes_on(pair: Pair) -> None:
    case = Case(pair)
    tomorrow = replace(case.said(LetterType.CASE_REMINDER), schema_version=2)
    assert told(*pair, tomorrow) == (ReceiptStatus.REJECTED, Reason.NOT_UNDERSTOOD)
    assert told(*pair, case.said(LetterType.CASE_REMINDER))[0] is ReceiptStatus.PROCESSED


def test_who_was_erased_is_not_created_again_by_the_next_feed(pair: Pair) -> None:
    case = Case(pair)
    case.erase()
    letters_cross(*pair)
    for kind in (LetterType.CASE_REQUEST, LetterType.CASE_UPDATE, LetterType.CASE_REOPEN):
        assert told(*pair, case.said(kind))[0] is ReceiptStatus.REJECTED
    assert case.office.waiting() == []


def test_a_refusal_reaches_the_sender_though_answers_are_lost(pair: Pair, clock: Clock) -> None:
    case = Case(pair)
    line = pair[1].line
    assert line is not None
    line.lose_answers, line.down = 1, True
    case.refuse(TransmissionState.DECLINED)
    letters_cross(*pair)
    assert case.asking.sent.state is TransmissionState.QUEUED
    line.down = False
    for _hour in range(3):
        clock.move(hours=1)
        letters_cross(*pair)
    assert case.asking.sent.state is TransmissionState.DECLINED


def test_what_was_declined_is_attested_unasked_and_that_is_no_alarm(
    pair: Pair, clock: Clock
) -> None:
    for _each in range(3):
        Case(pair).refuse(TransmissionState.DECLINED)
    letters_cross(*pair)
    days_pass(clock, 2, *pair)
    with pair[0].rt.ask(OFFICE_CALL, Verb.ALARM_READ) as work:
        assert Reason.NOT_YOURS not in {one.code for one in alarms.newest(work, 9)}
    post = list_post(pair[1].rt, "skopje")
    assert {one.receipt for one in post if one.direction == "sent"} == {"processed"}


def test_consent_narrower_than_the_data_is_refused_here_too(pair: Pair) -> None:
    """A sender that tells more than it may, or on another agreement, is not a way around it."""
    case = Case(pair)
    letter = replace(case.said(LetterType.CASE_REQUEST), case_ref="another")
    assert letter.consent is not None
    search = ConsentNamed("search", letter.consent.ref, letter.consent.expires)
    refused = told(*pair, replace(letter, consent=search))
    assert refused == (ReceiptStatus.REJECTED, Reason.CONSENT_MISSING)
    reach = replace(case.dossier, reach=Reach(phones=("+38970123456",)))
    more = letter.data | {"dossier": bodies.written(bodies.CaseUpdate(reach))["dossier"]}
    refused = told(*pair, replace(letter, data=more))
    assert refused == (ReceiptStatus.REJECTED, Reason.NOT_UNDERSTOOD)
    assert len(case.office.waiting()) == 1


def test_no_free_text_is_read_before_information_was_given(pair: Pair) -> None:
    case = Case(pair)
    desk = case.office.accept()
    letters_cross(*pair)
    story = Reach(phones=("+38970123456",), story="Ask the neighbours about him.")
    update = bodies.CaseUpdate(replace(case.dossier, reach=story))
    early = replace(case.said(LetterType.CASE_UPDATE), data=bodies.written(update))
    assert told(*pair, early) == (ReceiptStatus.PROCESSED, None)
    assert (desk.request.contact, desk.request.separation.narrative) == (NO_CONTACT, None)
    desk.located().answered(Item.ASKING_SOCIETY_MAY_KNOW, Item.ALIVE_AND_WELL)
    letters_cross(*pair)
    assert told(*pair, early) == (ReceiptStatus.PROCESSED, None)
    assert desk.request.contact.phones == story.phones


def test_no_name_leaks_in_a_preview(pair: Pair) -> None:
    """Before it is accepted a request meets nobody; its list and its answer say no name."""
    case, belgrade = Case(pair), pair[1]
    sought = case.dossier.sought[0].person
    local = make_account(belgrade.rt, branch=belgrade.network.branch)
    add_registration(belgrade.rt, local, make_registration(sought))
    settle(belgrade.rt)
    with belgrade.rt.look(OFFICE_CALL, Verb.EXCHANGE_SEND) as work:
        assert work.connection.execute(sa.select(matches.matches)).all() == []
    assert sought.names[0].text not in repr(case.office.waiting())
    desk = case.office.accept()
    letters_cross(*pair)
    settle(belgrade.rt)
    assert len(list_matches(belgrade.rt, desk.searcher, desk.case)) == 1
    assert case.asking.sent.results == (), "what was found there is not told here"


def test_many_requests_for_one_person_or_family_are_an_alarm(pair: Pair) -> None:
    office = answering(pair[1])
    for number in range(3):
        assert sounding(pair[1]) == set(), number
        ask_across(*pair)
        letters_cross(*pair)
        office.accept()
        settle(pair[1].rt)
    assert sounding(pair[1]) == {ONE_FAMILY}


def test_who_is_new_in_a_change_counts_in_the_days_budget_of_persons(
    pair: Pair, clock: Clock
) -> None:
    """One request that goes on naming others would be a way to all."""
    case = Case(pair)
    know_peers.limit_peer(pair[1].rt, OFFICE_CALL, "skopje", 2)
    [first] = case.dossier.sought
    same = replace(first.person, names=(*first.person.names, Name("Meryem Hoseini")))
    two, three, other = (make_person(name) for name in ("Zahra", "Leyla", "Nour"))

    def said(*people: Person) -> str | None:
        dossier = replace(case.dossier, sought=tuple(replace(first, person=one) for one in people))
        changed = case.said(LetterType.CASE_UPDATE)
        return told(*pair, replace(changed, data=bodies.written(bodies.CaseUpdate(dossier))))[1]

    assert said(same) is None, "another spelling is nobody else"
    assert said(same, two) is None
    assert said(same, two, three) == Reason.BUDGET_SPENT
    assert said(replace(other, id=first.person.id), two) == Reason.BUDGET_SPENT
    request = replace(case.said(LetterType.CASE_REQUEST), case_ref="another")
    assert told(*pair, request)[1] == Reason.BUDGET_SPENT
    clock.move(days=1, hours=1)
    assert said(same, two, three) is None


def test_an_update_that_never_reaches_the_peer_is_seen_and_arrives_later(
    pair: Pair, clock: Clock
) -> None:
    case = Case(pair)
    there = case.office.accept()
    letters_cross(*pair)
    line, desk = pair[0].line, case.asking.desk
    assert line is not None
    line.down = True
    [sought] = desk.request.sought
    person = replace(sought.person, names=(*sought.person.names, Name("Meryem Hoseini")))
    changed = replace(desk.request, sought=(replace(sought, person=person),))
    view = review.read_case(desk.rt, desk.officer, desk.case)
    review.change_case(desk.rt, desk.officer, desk.case, view.row.version, changed)
    for _hour in range(30):
        clock.move(hours=1)
        pair[0].deliver()
    keep_post.keep_post(pair[0].rt)
    with pair[0].rt.ask(OFFICE_CALL, Verb.ALARM_READ) as work:
        assert "peer-overdue" in {one.code for one in alarms.newest(work, 9)}
    line.down = False
    clock.move(hours=9)  # the longest wait is 8.4
    letters_cross(*pair)
    names = {one.text for one in there.request.sought[0].person.names}
    assert "Meryem Hoseini" in names
