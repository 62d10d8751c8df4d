"""Lockdown: nothing is opened by anybody, letters still come in, and two people lift it."""

import pytest

from rfl.domain.access import Role
from rfl.domain.purpose import Purpose
from rfl.errors import Conflict, Forbidden, LockedDown
from rfl.flows.enrol import add_registration
from rfl.flows.follow import load_pools
from rfl.flows.lock_down import Lift, begin_lockdown, lift_lockdown, read_lockdown
from rfl.flows.register import open_case
from rfl.flows.review import read_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.search import search
from tests.office import make_account
from tests.support import OFFICER, Clock, make_person, make_registration, make_request


def office_of(call: Call) -> Call:
    return Call(call.actor, Purpose.ADMINISTRATION)


def make_office(rt: Runtime, role: Role) -> Call:
    return office_of(make_account(rt, role))


def test_nothing_is_opened_by_anybody_and_new_records_are_still_sealed(rt: Runtime) -> None:
    case = open_case(rt, OFFICER, make_request(), None).id
    load_pools(rt)
    begin_lockdown(rt, OFFICE_CALL)
    before = rt.agent.unwraps()
    for opening in (
        lambda: read_case(rt, OFFICER, case),
        lambda: search(rt, OFFICER, case, make_person("Ali Hosseini")),
        lambda: load_pools(rt),
    ):
        with pytest.raises(LockedDown):
            opening()
    assert rt.agent.unwraps() == before
    assert read_lockdown(rt).in_force
    add_registration(rt, OFFICER, make_registration())
    later = open_case(rt, OFFICER, make_request(), None).id
    assert rt.agent.unwraps() == before

    lift_lockdown(rt, make_office(rt, Role.ADMINISTRATOR))
    lift_lockdown(rt, make_office(rt, Role.DATA_PROTECTION_OFFICER))
    assert not read_lockdown(rt).in_force
    assert read_case(rt, OFFICER, later).request.enquirer.names


def test_one_person_does_not_lift_it_and_two_administrators_neither(sqlite_rt: Runtime) -> None:
    rt = sqlite_rt
    first, second = (make_office(rt, Role.ADMINISTRATOR) for _number in range(2))
    begin_lockdown(rt, OFFICE_CALL)
    assert lift_lockdown(rt, first) is Lift.WAITS
    for call in (first, second):
        with pytest.raises(Forbidden):
            lift_lockdown(rt, call)
    assert read_lockdown(rt).in_force
    assert lift_lockdown(rt, make_office(rt, Role.DATA_PROTECTION_OFFICER)) is Lift.LIFTED


@pytest.mark.parametrize(
    "role", [Role.TRACING_OFFICER, Role.SUPERVISOR, Role.AUDITOR, Role.INTAKE_VOLUNTEER]
)
def test_no_other_role_lifts_it(sqlite_rt: Runtime, role: Role) -> None:
    begin_lockdown(sqlite_rt, OFFICE_CALL)
    with pytest.raises(Forbidden):
        lift_lockdown(sqlite_rt, make_office(sqlite_rt, role))
    with pytest.raises(Forbidden):
        lift_lockdown(sqlite_rt, OFFICE_CALL)
    assert not read_lockdown(sqlite_rt).lift_asked


def test_a_first_word_ends_with_the_hour_and_when_it_begins_anew(
    sqlite_rt: Runtime, clock: Clock
) -> None:
    rt = sqlite_rt
    officer = make_office(rt, Role.DATA_PROTECTION_OFFICER)
    other = make_office(rt, Role.ADMINISTRATOR)
    begin_lockdown(rt, OFFICE_CALL)
    lift_lockdown(rt, officer)
    begin_lockdown(rt, other)
    assert lift_lockdown(rt, other) is Lift.WAITS
    clock.move(hours=2)
    assert lift_lockdown(rt, officer) is Lift.WAITS
    assert lift_lockdown(rt, other) is Lift.LIFTED
    with pytest.raises(Conflict):
        lift_lockdown(rt, other)
