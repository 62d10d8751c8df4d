"""Table `approvals`: requests that wait for, or have, a second officer's agreement.

Clear: branch, who asked, dates, whether it still waits to be given or used. What is to be done, to
which record and why is sealed. None of it concerns a finding: those stand in the journal (P-03).
"""

from sqlalchemy import Index, Table

from rfl.domain.access import Role
from rfl.domain.approval import Approval, Exact
from rfl.domain.ids import check_id
from rfl.errors import Forbidden, NotFound
from rfl.storage.columns import metadata
from rfl.storage.shelf import Filed, Shelf, columns
from rfl.storage.work import Work

approvals = Table(
    "approvals",
    metadata,
    *columns(),
    Index("ix_approvals_branch_open_created_at_id", "branch", "open", "created_at", "id"),
)
SHELF = Shelf(approvals, Approval, under_case=False)
_RULE = "This needs a second officer's approval of exactly this request."


def use(work: Work, given: str | None, exact: Exact) -> None:
    """Use an approval of exactly this request, once, or raise Forbidden.

    Whoever asked for it does what was approved; for a command that two administrators agreed to,
    the node does. An unknown one and a wrong one are the same.
    """
    if given is None:
        raise Forbidden(_RULE)
    try:
        row, found = SHELF.reached(work, check_id(given, "apr", field="RFL-Approval"))
    except NotFound as cause:
        raise Forbidden(_RULE) from cause
    approval: Approval = SHELF.document(work, row, found.content)
    by = approval.requester if work.actor.role is Role.SERVICE else work.actor.id
    SHELF.keep(work, row, approval.used(exact.digest, by, work.now), open=False)


def filed(work: Work, approval_id: str, branch: str, ends_at: int) -> Filed:
    """Return the clear part of a new one."""
    return Filed(
        id=approval_id,
        case_id=None,
        branch=branch,
        officer=work.actor.id,
        created_at=work.micros,
        due_at=ends_at,
        open=True,
        version=1,
    )
