"""Four eyes: what a second officer is asked to agree to."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Choice, Line, Story, Strict
from rfl.domain import approval


class Exact(Strict):
    """One exact request: what is done, to which record, with which words."""

    approves: Annotated[approval.Approves, Choice]
    subject: Line
    details: Annotated[tuple[Line, ...], Field(max_length=5, strict=False)] = ()


class ApprovalRequest(Exact):
    """A request for a second officer.

    `erasure`: the id of the record, then the reason. `role_grant`: the role, then branch and
    name of the account.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "approves": "erasure",
                    "subject": "cas_kt8jh4dkxhb8arr1rjzj9gtmkr",
                    "details": ["data_subject_request"],
                    "reason": "She asked in writing; her identity was checked.",
                },
                {
                    "approves": "role_grant",
                    "subject": "tracing_officer",
                    "details": ["gevgelija", "Elena Petrova"],
                    "reason": "She begins on Monday.",
                },
            ]
        }
    )

    reason: Annotated[Story, Field(max_length=4_000)]

    def to_domain(self) -> approval.Exact:
        """Return the exact request."""
        return approval.Exact(self.approves, self.subject, self.details)


class ApprovalRow(Strict):
    """What stands in clear of a request that waits to be given or used."""

    id: str
    branch: str
    officer: str
    created_at: datetime
    due_at: datetime
    open: bool
    version: int


class Approvals(Strict):
    """Requests of the branch, oldest first. `next` is the cursor of the next page."""

    items: list[ApprovalRow]
    next: str | None


class ApprovalAnswer(ApprovalRow):
    """A request with what exactly is asked for, and who agreed. It ends at `due_at`."""

    exact: Exact
    reason: str
    approver: str | None
    approved_at: datetime | None
    used_at: datetime | None
