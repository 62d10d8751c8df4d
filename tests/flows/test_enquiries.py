"""Before the case: received, looked at, interviewed, judged, and opened once."""

from dataclasses import replace
from datetime import date

import pytest

from rfl.domain.access import Role
from rfl.domain.enquiry import Channel, Enquiry, Reason
from rfl.domain.states import PreCase
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from rfl.flows.look import look_for_family
from rfl.flows.receive_enquiry import receive_enquiry
from rfl.flows.register import open_case
from rfl.flows.runtime import Runtime
from rfl.flows.work_enquiry import Move, list_enquiries, move_enquiry, read_enquiry
from tests.support import OFFICER, Clock, make_call, make_request

CAME = Enquiry(Channel.PHONE, "Ali Hosseini", "Looks for his mother since Idomeni", True)
WAY = [PreCase.TRIAGE, PreCase.INTERVIEWED, PreCase.ELIGIBLE]


def moved(rt: Runtime, enquiry: str, *states: PreCase) -> int:
    version = read_enquiry(rt, OFFICER, enquiry).row.version
    for state in states:
        version = move_enquiry(rt, OFFICER, enquiry, version, Move(state))
    return version


@pytest.mark.parametrize("channel", Channel)
def test_an_enquiry_of_every_channel_is_received_and_becomes_a_case_once(
    rt: Runtime, channel: Channel
) -> None:
    enquiry = receive_enquiry(rt, OFFICER, replace(CAME, channel=channel))
    with pytest.raises(Conflict):
        open_case(rt, OFFICER, make_request(), enquiry)
    moved(rt, enquiry, *WAY)
    look_for_family(rt, OFFICER, enquiry, make_request())
    case = open_case(rt, OFFICER, make_request(), enquiry)
    view = read_enquiry(rt, OFFICER, enquiry)
    assert (view.enquiry.case, view.row.open) == (case.id, False)
    with pytest.raises(Conflict):
        open_case(rt, OFFICER, make_request(), enquiry)
    with pytest.raises(Conflict):
        move_enquiry(rt, OFFICER, enquiry, view.row.version, Move(PreCase.WITHDRAWN))


def test_the_day_of_the_interview_is_the_due_date_and_goes_with_the_next_step(
    sqlite_rt: Runtime,
) -> None:
    enquiry = receive_enquiry(sqlite_rt, OFFICER, CAME)
    version = moved(sqlite_rt, enquiry, PreCase.TRIAGE)
    at = Move(PreCase.INTERVIEW_SCHEDULED, interview_on=date(2026, 3, 9))
    version = move_enquiry(sqlite_rt, OFFICER, enquiry, version, at)
    assert read_enquiry(sqlite_rt, OFFICER, enquiry).row.due_at == 1_773_010_800_000_000
    move_enquiry(sqlite_rt, OFFICER, enquiry, version, Move(PreCase.INTERVIEWED))
    assert read_enquiry(sqlite_rt, OFFICER, enquiry).row.due_at is None


def test_the_queue_of_a_branch_holds_what_is_open_oldest_first(rt: Runtime, clock: Clock) -> None:
    made = []
    for _ in range(4):
        made.append(receive_enquiry(rt, OFFICER, CAME))
        clock.move(seconds=1)
    version = moved(rt, made[1], PreCase.TRIAGE)
    end = Move(PreCase.DECLINED, reason=Reason.THIRD_PARTY)
    move_enquiry(rt, OFFICER, made[1], version, end)
    first = list_enquiries(rt, OFFICER, (-1, ""), 2)
    after = (first[-1].created_at, first[-1].id)
    both = [*first, *list_enquiries(rt, OFFICER, after, 2)]
    assert [row.id for row in both] == [made[0], made[2], made[3]]
    assert list_enquiries(rt, make_call(branch="elsewhere"), (-1, ""), 9) == []


def test_p07_an_enquiry_for_somebody_elses_relative_never_becomes_a_case(
    sqlite_rt: Runtime,
) -> None:
    enquiry = receive_enquiry(sqlite_rt, OFFICER, replace(CAME, is_relative=False))
    version = moved(sqlite_rt, enquiry, *WAY[:2])
    with pytest.raises(InvalidInput, match="third party"):
        move_enquiry(sqlite_rt, OFFICER, enquiry, version, Move(PreCase.ELIGIBLE))
    with pytest.raises(Conflict):
        open_case(sqlite_rt, OFFICER, make_request(), enquiry)


def test_a_volunteer_receives_and_does_not_read(sqlite_rt: Runtime) -> None:
    volunteer = make_call(Role.INTAKE_VOLUNTEER)
    enquiry = receive_enquiry(sqlite_rt, volunteer, CAME)
    with pytest.raises(Forbidden):
        read_enquiry(sqlite_rt, volunteer, enquiry)
    with pytest.raises(Forbidden):
        read_enquiry(sqlite_rt, make_call(branch="elsewhere"), enquiry)
    with pytest.raises(NotFound):
        read_enquiry(sqlite_rt, OFFICER, "enq_" + "0" * 26)


def test_of_two_officers_at_once_the_second_reads_again(rt: Runtime) -> None:
    enquiry = receive_enquiry(rt, OFFICER, CAME)
    move_enquiry(rt, OFFICER, enquiry, 1, Move(PreCase.TRIAGE))
    with pytest.raises(StaleVersion):
        move_enquiry(rt, OFFICER, enquiry, 1, Move(PreCase.TRIAGE))


def test_the_same_idempotency_key_gives_the_same_enquiry(sqlite_rt: Runtime) -> None:
    call = replace(OFFICER, repeat=("enquiry-1", b"{}"))
    assert receive_enquiry(sqlite_rt, call, CAME) == receive_enquiry(sqlite_rt, call, CAME)
