"""What is to be done towards an enquirer by a day: plan it, see what is due, say it is done."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from rfl.domain.access import Verb
from rfl.domain.casefile import CaseFile
from rfl.domain.ids import check_id, new_id
from rfl.domain.states import CaseState
from rfl.domain.task import Task, TaskKind
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import casefiles, ledger, tasks
from rfl.storage.cases import CaseRow
from rfl.storage.shelf import Filed
from rfl.storage.work import Work, micros

SHOWN = 200
STILL = "Ask whether the family still searches, and how it is reached now."


@dataclass(frozen=True, slots=True, repr=False)
class TaskView:
    """A task and what stands in clear of it."""

    row: Filed
    task: Task


def add_task(rt: Runtime, call: Call, case_id: str, task: Task) -> str:
    """Plan a task for the officer of a case; return its id."""
    with rt.begin(call, Verb.TASK_WORK) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        row, _log_id = casefiles.reached(work, check_id(case_id, "cas", field="case_id"))
        task_id = _plan(rt, work, row, task)
        remember_result(work, call, 201, task_id)
    return task_id


def read_task(rt: Runtime, call: Call, task_id: str) -> TaskView:
    """Open a task, or raise NotFound or Forbidden."""
    with rt.begin(call, Verb.TASK_READ) as work:
        return TaskView(*tasks.SHELF.opened(work, check_id(task_id, "tsk")))


def due_tasks(rt: Runtime, call: Call, until: date) -> list[Filed]:
    """Return what stands in clear of the branch's tasks to look at up to a day, at most SHOWN."""
    with rt.begin(call, Verb.TASK_READ) as work:
        work.require()
        rows = tasks.most_urgent(work, call.actor.branch, _moment(rt, until), SHOWN)
        ledger.append(work, count=len(rows))
    return rows


def do_task(rt: Runtime, call: Call, task_id: str, version: int, came: str | None) -> int:
    """Say that a task is done and what came of it; return its next version.

    "Still searching?" is asked again after the days of the policy, while the case goes on.
    """
    with rt.begin(call, Verb.TASK_WORK) as work:
        row, task = tasks.SHELF.opened(work, check_id(task_id, "tsk"), version)
        done = task.done(call.actor.id, work.now, came)
        if task.kind is TaskKind.STILL_SEARCHING and row.case_id is not None:
            case, _log_id = casefiles.reached(work, row.case_id)
            _ask_again(rt, work, case, casefiles.load(work, case.id))
        return tasks.SHELF.keep(work, row, done, open=False, due_at=None)


def _ask_again(rt: Runtime, work: Work, case: CaseRow, file: CaseFile) -> None:
    if file.state is CaseState.CLOSED:
        return
    answering = rt.rules.policy.on(work.today).rules(file.country).answering
    due_on = work.today + timedelta(days=answering.still_searching_days)
    _plan(rt, work, case, Task(TaskKind.STILL_SEARCHING, STILL, work.actor.id, due_on))


def _plan(rt: Runtime, work: Work, case: CaseRow, task: Task) -> str:
    task_id = new_id("tsk")
    tasks.add(work, task_id, case, task, _moment(rt, min((*task.remind_on, task.due_on))))
    return task_id


def _moment(rt: Runtime, day: date) -> int:
    return micros(datetime.combine(day, time(), rt.rules.zone))
