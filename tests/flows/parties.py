"""What each party sees of a case, and its end towards the family, for the stories."""

import pytest

from rfl.domain.access import Role
from rfl.domain.answer import Item
from rfl.domain.casefile import CaseFile, Ending
from rfl.domain.death import Talk, TalkWay
from rfl.domain.desk import Waits
from rfl.domain.purpose import Purpose
from rfl.domain.states import CaseState, Inside, Outside
from rfl.errors import Forbidden
from rfl.flows.close import close_case
from rfl.flows.plan_task import Due, due_tasks
from rfl.flows.queue import Queue, list_queue, list_searches
from rfl.flows.read_file import read_file
from rfl.flows.read_search import read_search
from rfl.flows.runtime import Call, Runtime
from rfl.flows.tell import record_talk
from tests.office import Desk, make_account
from tests.support import make_call

START = ((-1, ""), 50)


def cases_in(rt: Runtime, call: Call, name: Queue) -> list[str]:
    """The ids of a queue's first page."""
    return [row.id for row in list_queue(rt, call, name, START).rows]


def sees(desk: Desk, inside: Inside, outside: Outside, *items: Item) -> None:
    """The team sees how the search stands; everybody else what was told, or nothing at all."""
    rt, vetted = desk.rt, desk.officer.actor.vetted
    colleague = make_account(rt, vetted=vetted)
    for reader in (desk.officer, colleague, desk.supervisor):
        file: CaseFile = read_file(rt, reader, desk.case).file
        told = file.outcomes[0].told
        assert (told.outcome, told.items) == (outside, frozenset(items))
        with pytest.raises(Forbidden):
            read_search(rt, reader, desk.case)
    for member in (desk.searcher, desk.second):
        assert read_search(rt, member, desk.case).journal.searches[0].state is inside
    for outsider in (make_account(rt, branch="elsewhere"), make_call(Role.AUDITOR, Purpose.AUDIT)):
        for read in (read_file, read_search):
            with pytest.raises(Forbidden):
                read(rt, outsider, desk.case)


def told_and_closed(desk: Desk, ending: Ending = Ending.ANSWERED) -> None:
    """The family is told in a talk, and the case is closed; nobody is asked to do anything more."""
    rt, officer = desk.rt, desk.officer
    assert desk.case in cases_in(rt, officer, Queue.TO_TELL)
    talk = Talk(rt.today(), officer.actor.id, TalkWay.IN_PERSON, trained=True)
    for outcome in desk.file.outcomes:
        if outcome.told.outcome is not Outside.SEARCHING:
            record_talk(rt, officer, desk.case, desk.version, outcome.person, talk)
    assert all(one.may_print for one in desk.file.outcomes)
    close_case(rt, officer, desk.case, desk.version, ending)
    assert (desk.file.state, desk.file.ending) == (CaseState.CLOSED, ending)
    for name in Queue:
        assert desk.case not in cases_in(rt, officer, name)
    far = Due(rt.today().replace(year=rt.today().year + 50))
    assert [row for row in due_tasks(rt, officer, far, START) if row.case_id == desk.case] == []


def waits_for(desk: Desk, waits: Waits) -> None:
    """The desks of both who search show what the case waits for."""
    for member in (desk.searcher, desk.second):
        rows = {row.id: row.waits for row in list_searches(desk.rt, member, None, START)}
        assert rows[desk.case] == (waits,)
