"""queues and tasks

Revision: 0019
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0013"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_cases_branch_due_at_id": ("cases", ["branch", "due_at", "id"]),
    "ix_cases_branch_policy_created_at_id": ("cases", ["branch", "policy", "created_at", "id"]),
    "ix_tasks_branch_open_remind_at_id": ("tasks", ["branch", "open", "remind_at", "id"]),
    "ix_tasks_branch_officer_open_remind_at_id": (
        "tasks",
        ["branch", "officer", "open", "remind_at", "id"],
    ),
    "ix_transmissions_branch_open_due_at_id": (
        "transmissions",
        ["branch", "open", "due_at", "id"],
    ),
}
_BEFORE = "ix_tasks_branch_open_due_at_id"


def upgrade() -> None:
    """Expand. What a task's `due_at` was until now is when to look first."""
    op.add_column("cases", sa.Column("policy", sa.String(length=40)))
    op.add_column("tasks", sa.Column("remind_at", sa.BigInteger()))
    op.execute("UPDATE tasks SET remind_at = due_at")
    op.drop_index(_BEFORE, table_name="tasks")
    for name, (table, columns) in _INDEXES.items():
        op.create_index(name, table, columns, unique=False)


def downgrade() -> None:
    """Take it back."""
    for name, (table, _columns) in _INDEXES.items():
        op.drop_index(name, table_name=table)
    op.create_index(_BEFORE, "tasks", ["branch", "open", "due_at", "id"], unique=False)
    op.drop_column("tasks", "remind_at")
    op.drop_column("cases", "policy")
