"""Honey cases: whoever opens one sets off an alarm, and no family is ever offered one."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa

from rfl.background import settle
from rfl.domain.access import Role, Verb
from rfl.domain.entry import from_bytes
from rfl.domain.person import Identifier, IdentifierKind
from rfl.domain.request import Level, TracingRequest
from rfl.domain.task import Task, TaskKind
from rfl.errors import Conflict, Forbidden, LockedDown, NotFound
from rfl.flows.alert import list_alarms
from rfl.flows.decide import list_matches
from rfl.flows.enrol import add_registration
from rfl.flows.erase import erase_case
from rfl.flows.follow import load_pools
from rfl.flows.lock_down import begin_lockdown
from rfl.flows.look import look_for_family
from rfl.flows.merge import merge_cases
from rfl.flows.plan_task import Due, add_task, due_tasks
from rfl.flows.plant import list_honey, plant_honey, remove_honey
from rfl.flows.queue import Narrow, Queue, list_queue, list_searches
from rfl.flows.read_file import read_file
from rfl.flows.register import open_case, open_intake
from rfl.flows.review import change_case, list_cases, read_case
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.flows.search import search
from rfl.flows.transmit import Waits, queue_transmission, waiting_transmissions
from rfl.matching.pools import Pools
from rfl.storage import honey, ledger
from rfl.storage.ledger import ledger as entries
from rfl.storage.queries import count_terms
from tests.exchange.by_hand import know
from tests.flows.test_beside import TO_SOUTH, make_shared
from tests.office import Desk, open_desk
from tests.support import OFFICER, SUPERVISOR, make_call, make_registration, make_request

START = ((-1, ""), 50)
PHONE = (Identifier(IdentifierKind.PHONE, "+38970123456"),)


def planted(rt: Runtime) -> str:
    """A case of invented people, planted, and made normal by its officer."""
    request = make_request(level=Level.NAMED_PERSONS_ONLY)
    case = open_case(rt, OFFICER, request, None).id
    plant_honey(rt, OFFICE_CALL, case)
    change_case(rt, OFFICER, case, 1, replace(request, level=Level.NORMAL))
    return case


def mark(rt: Runtime, *cases: str) -> None:
    """Make cases honey that were lived in before, as `plant_honey` never would."""
    with rt.begin(OFFICE_CALL, Verb.HONEY_CHANGE) as work:
        honey.keep(work, cases)
        ledger.append(work)


def alarmed(rt: Runtime) -> dict[str, int]:
    """How often each account has set off the alarm."""
    alarms = list_alarms(rt, OFFICE_CALL)
    return {one.subject: one.count for one in alarms if one.code == honey.OPENED}


def test_p28_whoever_opens_a_honey_case_sets_off_an_alarm(rt: Runtime) -> None:
    case = planted(rt)
    thief, colleague = make_call(), make_call()
    assert read_case(rt, thief, case).request.enquirer.names
    read_case(rt, thief, case)
    read_file(rt, colleague, case)
    stranger = make_call(branch="elsewhere")
    with pytest.raises(Forbidden):
        read_case(rt, stranger, case)
    read_case(rt, stranger, open_case(rt, stranger, make_request(), None).id)
    counts = {call.actor.id: count for call, count in ((thief, 2), (colleague, 1), (stranger, 1))}
    assert alarmed(rt) == counts | {OFFICER.actor.id: 1}  # its officer's is the proof that it works
    with rt.database.read() as connection:
        said = [from_bytes(body) for body in connection.scalars(sa.select(entries.c.body))]
    raised = [one for one in said if one.action == "alarm.raise" and one.actor == thief.actor.id]
    opened = next(one for one in said if one.actor == thief.actor.id and one.action == "case.read")
    assert [(one.reason, one.at) for one in raised] == [(honey.OPENED, opened.at)]


def test_neither_database_nor_log_says_which_cases_they_are_or_how_many(rt: Runtime) -> None:
    sizes = set()
    for _round in range(2):
        case = planted(rt)
        with rt.database.read() as connection:
            [content] = connection.scalars(sa.select(honey.honey.c.content)).all()
            bodies = list(connection.scalars(sa.select(entries.c.body)))
        assert case.encode() not in content
        sizes.add(len(content))
        said = [from_bytes(body) for body in bodies]
        assert {one.objects for one in said if one.action == "honey.change"} == {()}
    assert len(sizes) == 1
    assert len(list_honey(rt, OFFICE_CALL)) == 2


def test_one_is_a_case_that_was_never_compared_with_anybody(sqlite_rt: Runtime) -> None:
    rt = sqlite_rt
    normal = open_case(rt, OFFICER, make_request(), None).id
    used = open_case(rt, OFFICER, make_request(level=Level.NAMED_PERSONS_ONLY), None).id
    request = read_case(rt, OFFICER, used).request
    change_case(rt, OFFICER, used, 1, request)
    for case in (normal, used):
        with pytest.raises(Conflict):
            plant_honey(rt, OFFICE_CALL, case)
    with pytest.raises(NotFound):
        plant_honey(rt, OFFICE_CALL, "cas_" + "0" * 26)
    for role in Role:
        if role is not Role.SERVICE:
            with pytest.raises(Forbidden):
                list_honey(rt, make_call(role))
            with pytest.raises(Forbidden):
                plant_honey(rt, make_call(role), used)
    assert list_honey(rt, OFFICE_CALL) == []


def test_one_leaves_the_list_once_it_is_erased(sqlite_rt: Runtime) -> None:
    case = planted(sqlite_rt)
    with pytest.raises(Conflict):
        remove_honey(sqlite_rt, OFFICE_CALL, case)
    erase_case(sqlite_rt, SUPERVISOR, case, "entered_in_error")
    remove_honey(sqlite_rt, OFFICE_CALL, case)
    assert list_honey(sqlite_rt, OFFICE_CALL) == []
    with pytest.raises(NotFound):
        remove_honey(sqlite_rt, OFFICE_CALL, case)


def test_a_planted_case_meets_nobody_however_often_it_is_changed(rt: Runtime) -> None:
    case = planted(rt)
    twin = open_case(rt, OFFICER, make_request(), None).id
    add_registration(rt, OFFICER, make_registration())
    settle(rt)
    assert len(list_matches(rt, OFFICER, twin)) == 1
    before = read_case(rt, OFFICER, case)
    change_case(rt, OFFICER, case, before.row.version, before.request)
    settle(rt)
    assert list_matches(rt, OFFICER, case) == []
    pairs = tuple((one.person.id, one.person.id) for one in before.request.sought)
    with pytest.raises(Conflict):
        merge_cases(rt, OFFICER, (twin, 1), case, pairs, same_enquirer=False)


def _with_phone(request: TracingRequest) -> TracingRequest:
    person = replace(request.sought[0].person, identifiers=PHONE)
    return replace(request, sought=(replace(request.sought[0], person=person),))


SAME = _with_phone(make_shared())


def _searched(desk: Desk, call: Call) -> set[str]:
    found = search(desk.rt, call, open_intake(desk.rt, call).id, SAME.sought[0].person)
    return {hit.record for hit in found}


def _looked(desk: Desk, call: Call, request: TracingRequest) -> set[str]:
    intake = open_intake(desk.rt, call).id
    return {one.record for one in look_for_family(desk.rt, call, intake, request)}


def _same_phone(desk: Desk, call: Call) -> set[str]:
    other = make_request()
    person = replace(other.sought[0].person, names=other.enquirer.names, identifiers=PHONE)
    return _looked(desk, call, replace(other, sought=(replace(other.sought[0], person=person),)))


def _queued(name: Queue) -> Callable[[Desk, Call], set[str]]:
    return lambda desk, call: {row.id for row in list_queue(desk.rt, call, name, START).rows}


def _tasks(desk: Desk, call: Call) -> set[str]:
    return {row.case_id for row in due_tasks(desk.rt, call, Due(date(2027, 1, 1)), START)}


def _asked(desk: Desk, call: Call) -> set[str]:
    return {row.case_id for row in waiting_transmissions(desk.rt, call, Waits(), START)}


def _counted(desk: Desk, _call: Call) -> set[str]:
    with desk.rt.look(OFFICE_CALL, Verb.INDEX_LOAD) as work:
        return {desk.case} if count_terms(work) else set()


def _answers(desk: Desk, call: Call) -> set[str]:
    narrow = Narrow(until=date(2028, 1, 1))
    return {row.id for row in list_queue(desk.rt, call, Queue.ANSWERS, START, narrow).rows}


WAYS: dict[str, Callable[[Desk, Call], set[str]]] = {
    "a search": _searched,
    "the look for the same family": lambda desk, call: _looked(desk, call, SAME),
    "the look by a phone number": _same_phone,
    "my cases": _queued(Queue.MINE),
    "the branch's cases": _queued(Queue.BRANCH),
    "the cases whose answer comes": _answers,
    "what the team searches": lambda desk, _call: {
        row.id for row in list_searches(desk.rt, desk.searcher, None, START)
    },
    "the tasks": _tasks,
    "the requests that wait": _asked,
    "the count of whom the matcher holds": _counted,
}


def test_p28_no_family_is_ever_offered_a_honey_case(rt: Runtime) -> None:
    """Each way shows the case first, so that none of them is empty for another reason."""
    know(rt)
    desk = open_desk(rt, SAME).judged().accepted()
    task = Task(TaskKind.CALL_BACK, "Ring her", desk.officer.actor.id, date(2026, 3, 9))
    add_task(rt, desk.officer, desk.case, task)
    know(rt)
    queue_transmission(rt, desk.officer, desk.case, TO_SOUTH)
    settle(rt)
    shows = {name for name, way in WAYS.items() if desk.case in way(desk, desk.officer)}
    assert shows == set(WAYS)
    mark(rt, desk.case)
    rt.pools = Pools()
    load_pools(rt)
    before = alarmed(rt)
    shows = {name for name, way in WAYS.items() if desk.case in way(desk, desk.officer)}
    assert shows == set()
    assert alarmed(rt) == before == {}  # and honest work sets off nothing
    assert desk.case in {row.id for row in list_cases(rt, desk.officer, *START)}  # it is bait


def test_a_lockdown_holds_for_one_too(sqlite_rt: Runtime) -> None:
    case = planted(sqlite_rt)
    begin_lockdown(sqlite_rt, OFFICE_CALL)
    with pytest.raises(LockedDown):
        read_case(sqlite_rt, make_call(), case)
