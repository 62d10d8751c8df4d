"""Calls about what is to be done towards an enquirer by a day."""

from collections.abc import Iterator

from rfl.client.group import Group, safe
from rfl.client.shapes import Answer, Made


class Tasks(Group):
    """Tasks of one account's branch."""

    def add(self, case_id: str, task: Answer) -> Made:
        """Plan a task: `kind`, `what`, `due_on`, and days of reminder."""
        return self._create(f"/v1/cases/{safe(case_id)}/tasks", task)

    def due(
        self, until: str | None = None, *, mine: bool = False, overdue: bool = False
    ) -> Iterator[Answer]:
        """Yield what stands in clear of tasks to look at up to a day, YYYY-MM-DD; today if None."""
        return self._pages("/v1/tasks", {"until": until, "mine": mine, "overdue": overdue})

    def read(self, task_id: str) -> Answer:
        """Open a task."""
        return self._read(f"/v1/tasks/{safe(task_id)}")

    def done(self, task_id: str, version: int, came: str | None = None) -> Made:
        """Say that a task is done, and what came of it."""
        body = {} if came is None else {"came": came}
        return self._step("POST", f"/v1/tasks/{safe(task_id)}/done", version, body)
