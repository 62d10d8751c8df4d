"""What is to be done towards an enquirer by a day: plan it, see what is due, say it is done."""

from dataclasses import dataclass
from datetime import date

from rfl.domain.access import Verb
from rfl.domain.casefile import CaseFile
from rfl.domain.ids import check_id
from rfl.domain.states import CaseState
from rfl.domain.task import Task, standing
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import casefiles, ledger, tasks
from rfl.storage.cases import CaseRow
from rfl.storage.shelf import Filed
from rfl.storage.tasks import TaskRow as TaskRow
from rfl.storage.tasks import Wanted
from rfl.storage.work import Work


@dataclass(frozen=True, slots=True, repr=False)
class TaskView:
    """A task and what stands in clear of it."""

    row: Filed
    task: Task


@dataclass(frozen=True, slots=True)
class Due:
    """Which tasks: to look at up to a day; the caller's own alone; those whose day is over."""

    until: date
    mine: bool = False
    overdue: bool = False


def add_task(rt: Runtime, call: Call, case_id: str, task: Task) -> str:
    """Plan a task for the officer of a case; return its id."""
    with rt.begin(call, Verb.TASK_WORK) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        row, _log_id = casefiles.reached(work, check_id(case_id, "cas", field="case_id"))
        task_id = tasks.plan(work, row, task, rt.moment)
        remember_result(work, call, 201, task_id)
    return task_id


def read_task(rt: Runtime, call: Call, task_id: str) -> TaskView:
    """Open a task, or raise NotFound or Forbidden."""
    with rt.begin(call, Verb.TASK_READ) as work:
        return TaskView(*tasks.SHELF.opened(work, check_id(task_id, "tsk")))


def due_tasks(
    rt: Runtime, call: Call, due: Due, page: tuple[tuple[int, str], int]
) -> list[TaskRow]:
    """Return a page of what stands in clear of the branch's open tasks, by the day to look at them.

    A task is there from its first reminder on, until it is done.
    """
    wanted = Wanted(
        until=rt.moment(due.until),
        officer=call.actor.id if due.mine else None,
        overdue_at=rt.moment(rt.today()) if due.overdue else None,
    )
    with rt.begin(call, Verb.TASK_READ) as work:
        work.require()
        rows = tasks.most_urgent(work, call.actor.branch, wanted, page)
        ledger.append(work, count=len(rows))
    return rows


def do_task(rt: Runtime, call: Call, task_id: str, version: int, came: str | None) -> int:
    """Say that a task is done and what came of it; return its next version.

    What the policy wants again after some days is planned again, while the case goes on.
    """
    with rt.begin(call, Verb.TASK_WORK) as work:
        row, task = tasks.SHELF.opened(work, check_id(task_id, "tsk"), version)
        if row.case_id is not None:
            case, _log_id = casefiles.reached(work, row.case_id)
            _plan_again(rt, work, case, casefiles.load(work, case.id), task)
        return tasks.done(work, row, task.done(call.actor.id, work.now, came))


def _plan_again(rt: Runtime, work: Work, case: CaseRow, file: CaseFile, task: Task) -> None:
    answering = rt.rules.policy.on(work.today).rules(file.country).answering
    again = standing(task.kind, answering, work.actor.id, work.today)
    if again is not None and file.state is not CaseState.CLOSED:
        tasks.plan(work, case, again, rt.moment)
