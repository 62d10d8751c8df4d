"""Tasks and transmissions: planned, due, done; sent, returned, ended; erased with their case."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from rfl.domain.access import Role
from rfl.domain.consent import Consent, ConsentForm, Use, without
from rfl.domain.ids import new_id
from rfl.domain.request import Method, TracingRequest
from rfl.domain.states import Outside, TransmissionState
from rfl.domain.task import Task, TaskKind
from rfl.domain.transmission import Transmission, WhyReturned
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound, StaleVersion
from rfl.flows.erase import erase_case
from rfl.flows.plan_task import Due, TaskRow, add_task, do_task, due_tasks, read_task
from rfl.flows.register import open_case
from rfl.flows.runtime import Call, Runtime
from rfl.flows.transmit import (
    Move,
    PersonResult,
    move_transmission,
    queue_transmission,
    read_transmission,
    transmissions_of,
)
from rfl.flows.withdraw import withdraw_consent
from rfl.storage.tasks import tasks
from rfl.storage.transmissions import transmissions
from tests.casework import DAY
from tests.exchange.by_hand import know
from tests.office import Desk, open_desk
from tests.support import OFFICER, SUPERVISOR, Clock, make_call, make_request

RING = Task(TaskKind.CALL_BACK, "Ring her on Monday", OFFICER.actor.id, DAY + timedelta(days=9))


def due(rt: Runtime, call: Call, until: date, **which: bool) -> list[TaskRow]:
    return due_tasks(rt, call, Due(until, **which), ((-1, ""), 50))


def opened(rt: Runtime) -> str:
    return open_case(rt, OFFICER, make_request(), None).id


def test_a_task_is_seen_from_its_first_reminder_on_and_done_once(rt: Runtime) -> None:
    case, remind = opened(rt), replace(RING, remind_on=(DAY + timedelta(days=5),))
    task = add_task(rt, OFFICER, case, remind)
    later = add_task(rt, OFFICER, case, RING)
    assert due(rt, OFFICER, DAY + timedelta(days=4)) == []
    assert [row.id for row in due(rt, OFFICER, DAY + timedelta(days=5))] == [task]
    assert [row.id for row in due(rt, OFFICER, RING.due_on)] == [task, later]
    do_task(rt, OFFICER, task, 1, "She has moved.")
    assert read_task(rt, OFFICER, task).task.came == "She has moved."
    assert [row.id for row in due(rt, OFFICER, RING.due_on)] == [later]
    with pytest.raises(StaleVersion):
        do_task(rt, OFFICER, task, 1, None)
    with pytest.raises(Conflict):
        do_task(rt, OFFICER, task, 2, None)


def test_whether_the_family_still_searches_is_asked_again_while_the_case_goes_on(
    rt: Runtime,
) -> None:
    still = replace(RING, kind=TaskKind.STILL_SEARCHING)
    do_task(rt, OFFICER, add_task(rt, OFFICER, opened(rt), still), 1, "Yes, she does.")
    [again] = due(rt, OFFICER, DAY + timedelta(days=180))
    assert read_task(rt, OFFICER, again.id).task.kind is TaskKind.STILL_SEARCHING
    assert due(rt, OFFICER, DAY + timedelta(days=179)) == []


def test_tasks_are_those_of_the_branch(rt: Runtime) -> None:
    case = opened(rt)
    task, stranger = add_task(rt, OFFICER, case, RING), make_call(branch="elsewhere")
    assert due(rt, stranger, RING.due_on) == []
    for call in (stranger, make_call(Role.INTAKE_VOLUNTEER)):
        with pytest.raises(Forbidden):
            read_task(rt, call, task)
        with pytest.raises(Forbidden):
            add_task(rt, call, case, RING)


def make_shared(request: TracingRequest | None = None) -> TracingRequest:
    """A request whose enquirer agreed that one society is told."""
    made = request or make_request(methods=frozenset({Method.VISIT, Method.PHONE}))
    agreed = Consent(
        made.enquirer.id,
        frozenset({Use.SHARE}),
        ConsentForm.SIGNED,
        DAY,
        recipients=("south",),
    )
    return replace(made, consents=(agreed,))


TO_SOUTH = Transmission("south", frozenset({Method.VISIT}), due_on=date(2026, 6, 1))


def accepted(rt: Runtime) -> Desk:
    """A case that a society without a node may be asked about."""
    know(rt)
    return open_desk(rt, make_shared()).judged().accepted()


def replace_person(result: PersonResult) -> PersonResult:
    return PersonResult(new_id("per"), result.outcome)


def test_a_request_goes_to_one_society_and_ends_with_a_result_for_each_person(
    rt: Runtime, clock: Clock
) -> None:
    desk = accepted(rt)
    made = queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)
    answer_on = date(2026, 5, 1)
    steps = [
        Move(TransmissionState.DELIVERED),
        Move(TransmissionState.RETURNED_FOR_INFORMATION, reason=WhyReturned.MORE_ON_PLACE),
        Move(TransmissionState.QUEUED),
        Move(TransmissionState.DELIVERED),
        Move(TransmissionState.ACCEPTED, answer_on=answer_on),
    ]
    for version, step in enumerate(steps, start=1):
        move_transmission(rt, desk.officer, made, version, step)
    view = read_transmission(rt, desk.officer, made)
    assert (view.row.open, view.transmission.answer_on) == (True, answer_on)
    clock.move(days=(answer_on - DAY).days)
    none = PersonResult(desk.person, Outside.ENDED_WITHOUT_INFORMATION)
    for wrong in ((), (replace_person(none),), (none, none)):
        end = Move(TransmissionState.ENDED, results=wrong)
        with pytest.raises(InvalidInput):
            move_transmission(rt, desk.officer, made, 6, end)
    end = Move(TransmissionState.ENDED, results=(none,))
    move_transmission(rt, desk.officer, made, 6, end)
    [row] = transmissions_of(rt, desk.officer, desk.case)
    assert (row.open, row.due_at, row.version) == (False, None, 7)
    with pytest.raises(Conflict):
        move_transmission(rt, desk.officer, made, 7, Move(TransmissionState.RECALLED))


def test_one_request_goes_to_several_societies_at_once_and_each_is_recalled_alone(
    rt: Runtime,
) -> None:
    desk = accepted(rt)
    both = [queue_transmission(rt, desk.officer, desk.case, TO_SOUTH) for _ in range(2)]
    move_transmission(rt, desk.officer, both[0], 1, Move(TransmissionState.RECALLED))
    rows = {row.id: row.open for row in transmissions_of(rt, desk.officer, desk.case)}
    assert rows == {both[0]: False, both[1]: True}


def test_nothing_is_sent_that_enquirer_and_policy_do_not_allow(rt: Runtime) -> None:
    desk = accepted(rt)
    for asked in (
        replace(TO_SOUTH, methods=frozenset({Method.POSTER})),
        replace(TO_SOUTH, due_on=DAY),
    ):
        with pytest.raises(InvalidInput):
            queue_transmission(rt, desk.officer, desk.case, asked)
    with pytest.raises(Conflict, match="not agreed"):
        queue_transmission(rt, desk.officer, desk.case, replace(TO_SOUTH, peer="west"))
    assert transmissions_of(rt, desk.officer, desk.case) == []


def test_p06_nothing_is_sent_before_acceptance_and_screening(rt: Runtime) -> None:
    desk = open_desk(rt, make_shared())
    with pytest.raises(Conflict):
        queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)
    assert transmissions_of(rt, desk.officer, desk.case) == []


def test_tasks_and_transmissions_are_erased_with_their_case(rt: Runtime, clock: Clock) -> None:
    desk = accepted(rt)
    made = queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)
    task = add_task(rt, desk.officer, desk.case, RING)
    erase_case(rt, SUPERVISOR, desk.case, "data_subject_request")
    with rt.database.read() as connection:
        for table in (tasks, transmissions):
            assert connection.scalar(sa.select(sa.func.count()).select_from(table)) == 0
    with pytest.raises(NotFound):
        read_task(rt, desk.officer, task)
    with pytest.raises(NotFound):
        read_transmission(rt, desk.officer, made)


def test_a_withdrawal_has_effect_at_once_and_recalls_what_is_under_way(rt: Runtime) -> None:
    desk = accepted(rt)
    made = queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)
    version, share = desk.version, frozenset({Use.SHARE})
    with pytest.raises(Conflict, match="no consent"):
        withdraw_consent(rt, desk.officer, desk.case, version, frozenset({Use.PUBLISH}))
    withdraw_consent(rt, desk.officer, desk.case, version, share)
    view = read_transmission(rt, desk.officer, made)
    assert (view.transmission.state, view.row.open) == (TransmissionState.RECALLED, False)
    with pytest.raises(Conflict, match="not agreed"):
        queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)
    assert desk.request.consents[0].withdrawn_on == DAY
    assert desk.file.events[-1].said == "Consent withdrawn"
    with pytest.raises(StaleVersion):
        withdraw_consent(rt, desk.officer, desk.case, version, share)
    with pytest.raises(Conflict, match="no consent"):
        withdraw_consent(rt, desk.officer, desk.case, desk.version, share)


def test_a_withdrawal_recalls_what_came_back_for_information_too(rt: Runtime) -> None:
    desk = accepted(rt)
    made = queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)
    back = Move(TransmissionState.RETURNED_FOR_INFORMATION, reason=WhyReturned.MORE_ON_PLACE)
    for version, move in enumerate((Move(TransmissionState.DELIVERED), back), start=1):
        move_transmission(rt, desk.officer, made, version, move)
    withdraw_consent(rt, desk.officer, desk.case, desk.version, frozenset({Use.SHARE}))
    state = read_transmission(rt, desk.officer, made).transmission.state
    assert state is TransmissionState.RECALLED


def test_a_withdrawal_takes_its_uses_alone() -> None:
    both = replace(make_shared().consents[0], uses=frozenset({Use.SHARE, Use.PUBLISH}))
    kept, taken = without((both,), frozenset({Use.PUBLISH}), DAY)
    assert kept.covers(Use.SHARE, DAY, "south")
    assert not kept.covers(Use.PUBLISH, DAY)
    assert not taken.covers(Use.PUBLISH, DAY)
