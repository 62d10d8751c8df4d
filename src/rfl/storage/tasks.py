"""Table `tasks`: what officers have to do towards enquirers, under the keys of the case.

Clear: ids, branch, officer, the day on which somebody is to look next, whether it is open, version.
Tasks of the searching side are no rows: they stand in the journal (P-03).
"""

from sqlalchemy import Index, Table, select

from rfl.domain.task import Task
from rfl.storage.cases import CaseRow
from rfl.storage.columns import metadata
from rfl.storage.shelf import Filed, Shelf, clear_part, columns
from rfl.storage.work import Work

tasks = Table(
    "tasks",
    metadata,
    *columns(),
    Index("ix_tasks_branch_open_due_at_id", "branch", "open", "due_at", "id"),
)
SHELF = Shelf(tasks, Task, under_case=True)


def add(work: Work, task_id: str, case: CaseRow, task: Task, due_at: int) -> None:
    """Insert a task for the officer of a case that was reached before."""
    row = Filed(
        id=task_id,
        case_id=case.id,
        branch=case.branch,
        officer=case.officer,
        created_at=work.micros,
        due_at=due_at,
        open=True,
        version=1,
    )
    SHELF.add(work, row, task)


def most_urgent(work: Work, branch: str, until: int, limit: int) -> list[Filed]:
    """Return the clear parts of a branch's open tasks up to a moment, the most urgent first."""
    mine = select(tasks).where(tasks.c.branch == branch, tasks.c.open, tasks.c.due_at <= until)
    rows = mine.order_by(tasks.c.due_at, tasks.c.id).limit(limit)
    return [clear_part(found) for found in work.connection.execute(rows)]
