"""Show an officer what waits: the enquirer's side from clear columns, the team's from its desk."""

from enum import StrEnum

from rfl.domain.access import Verb
from rfl.domain.desk import Waits
from rfl.flows.runtime import Call, Runtime
from rfl.storage import desks, ledger, queues
from rfl.storage.cases import CaseRow as CaseRow
from rfl.storage.cases import OutsideState as OutsideState
from rfl.storage.desks import DeskRow as DeskRow
from rfl.storage.work import Work


class Queue(StrEnum):
    """The queues of the enquirer's side."""

    MINE = "mine"
    BRANCH = "branch"
    UNASSIGNED = "unassigned"
    TO_TELL = "to_tell"
    TO_REVIEW = "to_review"


_Page = tuple[tuple[int, str], int]


def list_queue(
    rt: Runtime, call: Call, name: Queue, state: OutsideState | None, page: _Page
) -> list[CaseRow]:
    """Return a page of a queue: outside states and dates alone, the oldest first.

    `to_tell`: something was told, and somebody has to tell the family. `to_review`: rested until
    today. A `state` narrows the others.
    """
    states = queues.LIVE if state is None else (state,)
    with rt.begin(call, Verb.CASE_LIST) as work:
        work.require()
        rows = _rows(work, name, states, page)
        ledger.append(work, count=len(rows))
    return rows


def list_searches(rt: Runtime, call: Call, waits: Waits | None, page: _Page) -> list[DeskRow]:
    """Return a page of the searches whose team the caller is of, with what each waits for.

    One sealed row is opened, the caller's own desk, and nothing in clear says what it holds.
    """
    with rt.begin(call, Verb.FINDING_READ) as work:
        work.require()
        return desks.on_desk(work, call.actor.id, waits, *page)


def _rows(work: Work, name: Queue, states: tuple[OutsideState, ...], page: _Page) -> list[CaseRow]:
    branch = work.actor.branch
    if name is Queue.MINE:
        return queues.of_officer(work, branch, work.actor.id, states, page)
    if name is Queue.UNASSIGNED:
        return queues.of_officer(work, branch, None, states, page)
    if name is Queue.TO_TELL:
        return queues.of_branch(work, branch, (OutsideState.DUE,), page)
    if name is Queue.TO_REVIEW:
        return queues.to_review(work, branch, page)
    return queues.of_branch(work, branch, states, page)
