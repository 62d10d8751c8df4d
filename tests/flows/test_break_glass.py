"""Break-glass: an officer reads further for a few hours, and somebody else reviews it."""

import pytest
import sqlalchemy as sa

from rfl.domain.access import Role, Verb, require
from rfl.domain.entry import from_bytes
from rfl.domain.purpose import Purpose
from rfl.domain.request import Level
from rfl.errors import Conflict, Forbidden, InvalidInput, NotFound, NotSignedIn
from rfl.flows import enrol, review
from rfl.flows.admit import add_account, sign_in
from rfl.flows.alert import list_alarms
from rfl.flows.break_glass import break_the_glass, end_glass, list_glass, read_glass, review_glass
from rfl.flows.read_file import read_file
from rfl.flows.read_search import read_search
from rfl.flows.register import open_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.tidy import tidy
from rfl.storage.break_glass import BROKEN, UNREVIEWED
from rfl.storage.ledger import BROKEN_GLASS, ledger
from tests.office import make_account
from tests.support import Clock, make_call, make_registration, make_request

START = (-1, "")
WHY = "A child is alone at the border, and the branch of its case is away."


class Officer:
    """Somebody with a token, who signs in anew for each call."""

    def __init__(self, rt: Runtime, role: Role = Role.TRACING_OFFICER) -> None:
        self.rt = rt
        self.token = add_account(rt, OFFICE_CALL, role, "ohrid", "An officer").token

    @property
    def call(self) -> Call:
        return Call(sign_in(self.rt, self.token), Purpose.TRACING)


def make_dpo(rt: Runtime) -> Call:
    made = make_account(rt, Role.DATA_PROTECTION_OFFICER)
    return Call(made.actor, Purpose.SUPERVISION)


def sounded(rt: Runtime) -> set[tuple[str, str]]:
    return {(one.code, one.subject) for one in list_alarms(rt, OFFICE_CALL)}


def test_for_a_few_hours_an_officer_reads_other_branches_and_levels_and_the_log_says_so(
    rt: Runtime, clock: Clock
) -> None:
    officer, owner = Officer(rt), make_call()
    named = make_request(level=Level.NAMED_PERSONS_ONLY)
    other, closed = (open_case(rt, owner, one, None).id for one in (make_request(), named))
    registered = enrol.add_registration(rt, owner, make_registration())
    with pytest.raises(Forbidden):
        review.read_case(rt, officer.call, other)
    glass = break_the_glass(rt, officer.call, WHY, 2)
    assert (BROKEN, officer.call.actor.id) in sounded(rt)
    for case in (other, closed):
        review.read_case(rt, officer.call, case)
        read_file(rt, officer.call, case)
    enrol.read_registration(rt, officer.call, registered)
    own = open_case(rt, officer.call, make_request(), None).id
    review.read_case(rt, officer.call, own)
    with rt.database.read() as connection:
        said = [from_bytes(body) for body in connection.scalars(sa.select(ledger.c.body))]
    mine = [one for one in said if one.actor == officer.call.actor.id and one.decision == "allowed"]
    marked = [one.action for one in mine if one.reason == BROKEN_GLASS]
    assert (len(marked), set(marked)) == (5, {"case.read", "case.file", "registration.read"})

    clock.move(hours=2)
    for read, record in ((review.read_case, other), (enrol.read_registration, registered)):
        with pytest.raises(Forbidden):
            read(rt, officer.call, record)
    row = list_glass(rt, make_dpo(rt), START, 9)[0]
    assert (row.id, row.officer, row.open) == (glass, officer.call.actor.id, True)


def test_it_changes_nothing_finds_nothing_and_opens_no_childs_case(sqlite_rt: Runtime) -> None:
    rt, owner = sqlite_rt, make_account(sqlite_rt, vetted=True)
    other = open_case(rt, owner, make_request(), None).id
    child = open_case(rt, owner, make_request(child_enquirer=True), None).id
    officer = Officer(rt)
    break_the_glass(rt, officer.call, WHY)
    view = review.read_case(rt, officer.call, other)
    for refused in (
        lambda: review.change_case(rt, officer.call, other, 1, view.request),
        lambda: read_search(rt, officer.call, other),
        lambda: review.read_case(rt, officer.call, child),
    ):
        with pytest.raises(Forbidden):
            refused()


@pytest.mark.parametrize("role", list(Role))
def test_nobody_but_officers_and_supervisors_can(sqlite_rt: Runtime, role: Role) -> None:
    call = make_call(role)
    if role in (Role.TRACING_OFFICER, Role.SUPERVISOR):
        assert break_the_glass(sqlite_rt, call, WHY)
        return
    for purpose in Purpose:
        with pytest.raises(Forbidden):
            require(call.actor, Verb.GLASS_BREAK, purpose)


def test_it_has_a_reason_an_end_and_is_one_at_a_time(sqlite_rt: Runtime, clock: Clock) -> None:
    officer = Officer(sqlite_rt)
    for reason, hours in ((" ", 1), (WHY, 0), (WHY, 5)):
        with pytest.raises(InvalidInput):
            break_the_glass(sqlite_rt, officer.call, reason, hours)
    glass = break_the_glass(sqlite_rt, officer.call, WHY)
    with pytest.raises(Conflict):
        break_the_glass(sqlite_rt, officer.call, WHY)
    with pytest.raises((Forbidden, NotFound)):
        end_glass(sqlite_rt, make_call(branch="ohrid"), glass, 1)
    assert officer.call.actor.broken_glass
    end_glass(sqlite_rt, officer.call, glass, 1)
    assert not officer.call.actor.broken_glass
    clock.move(hours=-1)  # a clock that jumps back gives nothing back
    clock.move(hours=1)
    with pytest.raises(Conflict):
        end_glass(sqlite_rt, officer.call, glass, 2)


def test_without_a_review_in_time_the_account_is_suspended_until_there_is_one(
    rt: Runtime, clock: Clock
) -> None:
    officer, dpo = Officer(rt), make_dpo(rt)
    glass = break_the_glass(rt, officer.call, WHY, 4)
    account = officer.call.actor.id
    with pytest.raises(Conflict):  # it goes on
        review_glass(rt, dpo, (glass, 1), "She rang Ohrid first.", justified=True)
    clock.move(hours=4 + rt.rules.glass_review_hours - 1)
    tidy(rt)
    assert (UNREVIEWED, account) not in sounded(rt)
    assert officer.call.actor.id == account
    clock.move(hours=1)
    with pytest.raises(NotSignedIn):
        _ = officer.call
    tidy(rt)
    assert (UNREVIEWED, account) in sounded(rt)
    view = read_glass(rt, dpo, glass)
    assert view.glass.reason == WHY
    review_glass(rt, dpo, (glass, view.row.version), "She rang Ohrid first.", justified=True)
    assert officer.call.actor.id == account
    assert list_glass(rt, dpo, START, 9) == []
    kept = read_glass(rt, dpo, glass).glass
    assert (kept.justified, kept.reviewed_by) == (True, dpo.actor.id)
    with pytest.raises(Conflict):
        review_glass(rt, dpo, (glass, 2), "Again.", justified=False)


def test_nobody_reviews_their_own(sqlite_rt: Runtime) -> None:
    officer = Officer(sqlite_rt)
    glass = break_the_glass(sqlite_rt, officer.call, WHY)
    end_glass(sqlite_rt, officer.call, glass, 1)
    own = Call(make_call(Role.DATA_PROTECTION_OFFICER).actor, Purpose.SUPERVISION)
    made = read_glass(sqlite_rt, own, glass).glass
    with pytest.raises(Forbidden):
        made.reviewed(made.account, sqlite_rt.clock(), "All was well.", justified=True)
    for call in (officer.call, make_call(Role.SUPERVISOR), make_call(Role.ADMINISTRATOR)):
        with pytest.raises(Forbidden):
            review_glass(sqlite_rt, call, (glass, 2), "All was well.", justified=True)
