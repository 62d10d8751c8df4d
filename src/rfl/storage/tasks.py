"""Table `tasks`: what officers have to do towards enquirers, under the keys of the case.

Clear: ids, branch, officer, the day by which it is to be done, the day from which somebody is to
look (the first reminder), whether it is open, version. Tasks of the searching side are no rows:
they stand in the journal (P-03).
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Column, Index, Table, select, tuple_

from rfl.domain.ids import new_id
from rfl.domain.task import Task, TaskKind
from rfl.storage import honey
from rfl.storage.cases import CaseRow
from rfl.storage.columns import Micros, metadata
from rfl.storage.shelf import Filed, Shelf, clear_part, columns
from rfl.storage.work import Work

tasks = Table(
    "tasks",
    metadata,
    *columns(),
    Column("remind_at", Micros),
    Index("ix_tasks_branch_open_remind_at_id", "branch", "open", "remind_at", "id"),
    Index(
        "ix_tasks_branch_officer_open_remind_at_id",
        *("branch", "officer", "open", "remind_at", "id"),
    ),
)
SHELF = Shelf(tasks, Task, under_case=True)


_Page = tuple[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class TaskRow:
    """The clear part of a task in a list. `due_at` is its day, `remind_at` when to look first."""

    id: str
    case_id: str
    branch: str
    officer: str | None
    created_at: int
    due_at: int
    remind_at: int
    open: bool
    version: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which open tasks: of one officer alone, to look at until a moment, overdue at a moment."""

    until: int
    officer: str | None = None
    overdue_at: int | None = None


def plan(work: Work, case: CaseRow, task: Task, moment: Callable[[date], int]) -> str:
    """Insert a task for the officer of a case that was reached before; return its id."""
    row = Filed(
        id=new_id("tsk"),
        case_id=case.id,
        branch=case.branch,
        officer=case.officer,
        created_at=work.micros,
        due_at=moment(task.due_on),
        open=True,
        version=1,
    )
    SHELF.add(work, row, task, remind_at=moment(min((*task.remind_on, task.due_on))))
    return row.id


def done(work: Work, row: Filed, task: Task) -> int:
    """Keep a task that is done; return its next version."""
    return SHELF.keep(work, row, task, open=False, due_at=None, remind_at=None)


def end(work: Work, case_id: str, kinds: Collection[TaskKind]) -> None:
    """End the open tasks of these kinds: a case that was reached before asks for them no more."""
    mine = select(tasks).where(tasks.c.case_id == case_id, tasks.c.open)
    for found in work.connection.execute(mine).all():
        row = clear_part(found)
        task = SHELF.document(work, row, found.content)
        if task.kind in kinds:
            done(work, row, task.done(work.actor.id, work.now, None))


def most_urgent(work: Work, branch: str, wanted: Wanted, page: _Page) -> list[TaskRow]:
    """Return a page of a branch's open tasks in the order in which somebody is to look at them."""
    after, limit = page
    columns = [tasks.c[name] for name in TaskRow.__slots__]
    moment = tuple_(tasks.c.remind_at, tasks.c.id)
    rows = select(*columns).where(tasks.c.branch == branch, tasks.c.open, moment > after)
    rows = rows.where(tasks.c.remind_at <= wanted.until, honey.outside(work, tasks.c.case_id))
    if wanted.officer is not None:
        rows = rows.where(tasks.c.officer == wanted.officer)
    if wanted.overdue_at is not None:
        rows = rows.where(tasks.c.due_at < wanted.overdue_at)
    found = rows.order_by(tasks.c.remind_at, tasks.c.id).limit(limit)
    return [TaskRow(*row) for row in work.connection.execute(found)]
