"""Records of their own beside a case, as answers: approvals, messages, tasks, transmissions."""

from rfl.api.views import clear
from rfl.flows.approve import ApprovalView, Filed

_WITHOUT_CASE = ("id", "branch", "officer", "created_at", "due_at", "open", "version")
_APPROVAL = ("exact", "reason", "approver", "approved_at", "used_at")


def without_case(row: Filed) -> dict[str, object]:
    """Return the clear part of a record that belongs to no case."""
    content = clear(row)
    return {name: content[name] for name in _WITHOUT_CASE}


def approval(view: ApprovalView) -> dict[str, object]:
    """Return a request for a second officer, and who agreed."""
    return without_case(view.row) | {name: getattr(view.approval, name) for name in _APPROVAL}
