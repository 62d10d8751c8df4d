"""The two files of a case, enquiries, transmissions, messages, tasks and approvals."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from rfl.domain.answer import Item
from rfl.domain.approval import Approval, Approves, request_digest
from rfl.domain.casefile import CaseFile, Ending, Event, Kind, Outcome
from rfl.domain.death import Talk, TalkWay
from rfl.domain.enquiry import Channel, Enquiry, Reason, Turn
from rfl.domain.ids import PersonId, new_id
from rfl.domain.journal import Journal, Line, Search
from rfl.domain.message import Check, Message, NotDelivered, Objection, Party
from rfl.domain.person import Name, Relation
from rfl.domain.request import Method
from rfl.domain.states import CaseState, Inside, Outside, PreCase, TransmissionState
from rfl.domain.task import Task, TaskKind
from rfl.domain.told import ENDED, SEARCHING, Told
from rfl.domain.transmission import Transmission, WhyReturned
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.casework import ANSWER_ON, DAY, OFFICER, SECOND

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
HER, HIM = PersonId(new_id("per")), PersonId(new_id("per"))
ALIVE = Told(Outside.INFORMATION_GIVEN, frozenset({Item.ALIVE_AND_WELL}))
PHONE = Told(Outside.INFORMATION_GIVEN, frozenset({Item.PHONE}))
DEAD = Told(Outside.DECEASED_CONFIRMED, burial_place="Row 4")
FILE = CaseFile(outcomes=(Outcome(HER), Outcome(HIM)))
JOURNAL = Journal(searches=(Search(HER), Search(HIM)))


def line(said: str = "Went there") -> Line:
    return Line(at=AT, by=OFFICER, said=said)


# What was told, what is told now, what stands.
TELLINGS = [
    (SEARCHING, SEARCHING, SEARCHING),
    (SEARCHING, ENDED, ENDED),
    (SEARCHING, ALIVE, ALIVE),
    (ENDED, SEARCHING, ENDED),
    (ENDED, ALIVE, ALIVE),
    (ALIVE, SEARCHING, ALIVE),
    (ALIVE, ENDED, ALIVE),
    (ALIVE, PHONE, Told(Outside.INFORMATION_GIVEN, ALIVE.items | PHONE.items)),
    (DEAD, ALIVE, DEAD),
    (DEAD, ENDED, DEAD),
    (Told(Outside.DECLINED), ENDED, Told(Outside.DECLINED)),
]


@pytest.mark.parametrize(("before", "now", "stands"), TELLINGS)
def test_what_was_told_stays_told(before: Told, now: Told, stands: Told) -> None:
    assert Outcome(HER, before, DAY).then(now, ANSWER_ON).told == stands


def test_p05_the_letter_of_a_death_prints_after_the_talk() -> None:
    outcome = Outcome(HER).then(DEAD, DAY)
    assert not outcome.may_print
    assert replace(outcome, talk=Talk(DAY, OFFICER, TalkWay.IN_PERSON, trained=True)).may_print
    assert Outcome(HER).then(ALIVE, DAY).may_print


def test_p03_the_answer_date_is_fixed_with_the_acceptance() -> None:
    accepted = FILE.accepted(DAY, ANSWER_ON, "neutral-1", "AF")
    assert (accepted.state, accepted.answer_on) == (CaseState.ACTIVE, ANSWER_ON)
    with pytest.raises(Conflict):
        accepted.accepted(DAY, ANSWER_ON + timedelta(days=9), "neutral-1", "AF")
    with pytest.raises(InvalidInput):
        FILE.accepted(DAY, DAY, "neutral-1", "AF")


def test_a_case_is_suspended_taken_up_closed_and_reopened_with_its_history() -> None:
    told = FILE.with_event(Event(AT, OFFICER, Kind.OPENED)).accepted(DAY, ANSWER_ON, "a", None)
    suspended = told.suspended(DAY + timedelta(days=90), DAY)
    assert suspended.taken_up().state is CaseState.ACTIVE
    with pytest.raises(Conflict):
        told.taken_up()
    closed = suspended.closed(Ending.ENQUIRER_NOT_REACHED)
    again = closed.reopened()
    assert (again.state, again.answer_on, again.events) == (CaseState.REOPENED, None, told.events)
    with pytest.raises(InvalidInput):
        told.suspended(DAY, DAY)


def test_the_accompanying_person_follows_a_lead_of_the_same_case() -> None:
    assert FILE.led_by(HER, HIM).leads == ((HER, HIM),)
    for accompanying, lead in ((HER, HER), (HER, PersonId(new_id("per")))):
        with pytest.raises(InvalidInput):
            FILE.led_by(accompanying, lead)
    with pytest.raises(InvalidInput):
        FILE.led_by(HER, HIM).led_by(HIM, HER)


def test_a_result_for_a_person_of_another_case_is_refused() -> None:
    with pytest.raises(NotFound):
        JOURNAL.changed(new_id("per"), lambda search: search.at(Inside.LEAD), line())


def test_a_search_moves_and_says_why_and_the_others_stay() -> None:
    after = JOURNAL.changed(HER, lambda search: search.at(Inside.LEAD), line())
    assert [search.state for search in after.searches] == [Inside.LEAD, Inside.SEARCHING]
    assert (after.lines[-1].person, after.lines[-1].state) == (HER, Inside.LEAD)


def test_p37_who_handles_the_enquirer_joins_only_if_a_second_officer_adds_them() -> None:
    with pytest.raises(Conflict):
        JOURNAL.joined_by(OFFICER, OFFICER, OFFICER)
    joined = JOURNAL.joined_by(OFFICER, SECOND, OFFICER)
    assert joined.is_open_to(OFFICER, OFFICER)
    assert not JOURNAL.joined_by(OFFICER, OFFICER, None).is_open_to(OFFICER, OFFICER)
    assert not joined.left_by(OFFICER).is_open_to(OFFICER, OFFICER)
    assert not joined.is_open_to(SECOND, OFFICER)


def make_enquiry(**changes: object) -> Enquiry:
    made = Enquiry(Channel.VISIT, "A neighbour", "Looks for her brother", is_relative=True)
    return replace(made, **changes)  # type: ignore[arg-type]


def turn(state: PreCase) -> Turn:
    return Turn(AT, OFFICER, state)


def test_p07_a_third_party_is_never_eligible() -> None:
    enquiry = make_enquiry(state=PreCase.INTERVIEWED)
    assert enquiry.at(turn(PreCase.ELIGIBLE)).state is PreCase.ELIGIBLE
    with pytest.raises(InvalidInput, match="third party"):
        replace(enquiry, is_relative=False).at(turn(PreCase.ELIGIBLE))


def test_an_enquiry_is_declined_with_a_reason_and_for_no_other_step_has_one() -> None:
    enquiry = make_enquiry(state=PreCase.TRIAGE)
    with pytest.raises(InvalidInput):
        enquiry.at(turn(PreCase.DECLINED))
    with pytest.raises(InvalidInput):
        enquiry.at(turn(PreCase.INTERVIEWED), reason=Reason.HARM)
    with pytest.raises(InvalidInput):
        enquiry.at(turn(PreCase.INTERVIEW_SCHEDULED))
    declined = enquiry.at(turn(PreCase.DECLINED), reason=Reason.THIRD_PARTY)
    assert declined.turns[-1].state is PreCase.DECLINED


def make_transmission() -> Transmission:
    return Transmission("south", frozenset({Method.VISIT}), due_on=ANSWER_ON)


def test_a_transmission_is_accepted_with_its_answer_date_and_ends_with_outcomes() -> None:
    delivered = make_transmission().moved(TransmissionState.DELIVERED, AT, "acc_1")
    with pytest.raises(InvalidInput):
        delivered.moved(TransmissionState.ACCEPTED, AT, "acc_1")
    with pytest.raises(InvalidInput):
        delivered.moved(TransmissionState.DECLINED, AT, "acc_1")
    with pytest.raises(InvalidInput):
        make_transmission().moved(
            TransmissionState.DELIVERED, AT, "acc_1", reason=WhyReturned.RULES
        )
    accepted = delivered.moved(TransmissionState.ACCEPTED, AT, "acc_1", answer_on=ANSWER_ON)
    with pytest.raises(InvalidInput):
        accepted.heard(frozenset({HER}), ((HER, Outside.SEARCHING),), AT, "acc_1")
    nothing = ((HER, Outside.ENDED_WITHOUT_INFORMATION),)
    ended = accepted.heard(frozenset({HER}), nothing, AT, "acc_1")
    assert accepted.waits
    assert not ended.waits


def make_message(**changes: object) -> Message:
    party = Party((Name("Ali"), Name("علي")))
    made = Message(party, party, Relation.MOTHER, "We are all well.", "fa")
    return replace(made, **changes)  # type: ignore[arg-type]


GOOD, POLITICS = Check(DAY, SECOND), Check(DAY, SECOND, Objection.POLITICS)


def sent() -> Message:
    return make_message().checked(GOOD, AT).transmitted(ANSWER_ON, AT)


def test_a_letter_with_forbidden_content_goes_back_to_its_writer_with_the_reason() -> None:
    returned = make_message().checked(POLITICS, AT)
    assert returned.state == "collected"
    assert returned.checks[-1].returned is Objection.POLITICS
    assert returned.rewritten("We are well.").checked(GOOD, AT).state == "checked"


NO_STEP: list[Callable[[], object]] = [
    lambda: make_message().transmitted(ANSWER_ON, AT),
    lambda: make_message().replied("Us too.", GOOD, AT),
    lambda: make_message().replied("Us too.", POLITICS, AT),
    lambda: make_message().delivered(DAY, may_tell=False),
    lambda: make_message().reply_delivered(AT),
    lambda: make_message().undeliverable(NotDelivered.MOVED, AT),
    lambda: sent().checked(GOOD, AT),
    lambda: sent().checked(POLITICS, AT),
    lambda: sent().rewritten("More"),
]


@pytest.mark.parametrize("step", NO_STEP)
def test_a_message_takes_no_step_out_of_order(step: Callable[[], object]) -> None:
    with pytest.raises(Conflict):
        step()


def test_a_reply_is_checked_too() -> None:
    returned = sent().replied("Send money.", Check(DAY, SECOND, Objection.MONEY), AT)
    assert (returned.state, returned.reply) == ("transmitted", None)
    replied = returned.replied("We are well too.", GOOD, AT)
    assert replied.reply_delivered(AT).state == "reply_delivered"


def test_a_task_is_done_once_and_reminds_until_then() -> None:
    task = Task(TaskKind.CALL_BACK, "Ring her", OFFICER, ANSWER_ON, (DAY,))
    assert [task.reminds(day) for day in (DAY, DAY + timedelta(days=1), ANSWER_ON)] == [
        True,
        False,
        True,
    ]
    done = task.done(OFFICER, AT, "She moved")
    assert not done.reminds(ANSWER_ON)
    with pytest.raises(Conflict):
        done.done(OFFICER, AT, None)
    with pytest.raises(InvalidInput):
        Task(TaskKind.OTHER, "x", OFFICER, DAY, (ANSWER_ON,))


DIGEST = request_digest(Approves.HANDOVER, "cas_1", "south")


def make_approval() -> Approval:
    return Approval(Approves.HANDOVER, DIGEST, OFFICER, AT, "She moved to the south.")


def test_an_approval_is_never_the_requesters_own_and_ends() -> None:
    with pytest.raises(Forbidden):
        make_approval().approved(OFFICER, AT)
    with pytest.raises(Conflict):
        make_approval().approved(SECOND, AT + timedelta(hours=72))
    with pytest.raises(Conflict):
        make_approval().approved(SECOND, AT).approved(new_id("acc"), AT)


def test_an_approval_is_good_once_for_exactly_the_request() -> None:
    approved = make_approval().approved(SECOND, AT)
    other = request_digest(Approves.HANDOVER, "cas_1", "north")
    for digest, by, at in (
        (other, OFFICER, AT),
        (DIGEST, SECOND, AT),
        (DIGEST, OFFICER, AT + timedelta(hours=72)),
    ):
        with pytest.raises(Forbidden):
            approved.used(digest, by, at)
    used = approved.used(DIGEST, OFFICER, AT)
    with pytest.raises(Forbidden):
        used.used(DIGEST, OFFICER, AT)
    with pytest.raises(Forbidden):
        make_approval().used(DIGEST, OFFICER, AT)


def test_the_parts_of_a_request_do_not_run_into_each_other() -> None:
    one = request_digest(Approves.HANDOVER, "ab", "c")
    assert one != request_digest(Approves.HANDOVER, "a", "bc")
    assert one != request_digest(Approves.ERASURE, "ab", "c")
