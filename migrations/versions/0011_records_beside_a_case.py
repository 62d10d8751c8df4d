"""records beside a case: approvals, messages, calls, tasks, transmissions

Revision: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("approvals", "messages", "calls", "tasks", "transmissions")
BY_BRANCH = ("approvals", "messages")
BY_DAY = ("messages",)


def upgrade() -> None:
    """Expand."""
    for name in TABLES:
        op.create_table(name, *_columns(), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")))
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.create_index(f"ix_{name}_case_id", ["case_id"], unique=False)
    for name in BY_BRANCH:
        columns = ["branch", "open", "created_at", "id"]
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.create_index(f"ix_{name}_{'_'.join(columns)}", columns, unique=False)
    for name in BY_DAY:
        with op.batch_alter_table(name, schema=None) as batch_op:
            batch_op.create_index(f"ix_{name}_due_at_id", ["due_at", "id"], unique=False)
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        urgent = ["branch", "open", "due_at", "id"]
        batch_op.create_index("ix_tasks_branch_open_due_at_id", urgent, unique=False)
    with op.batch_alter_table("transmissions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("peer", sa.String(length=40), nullable=False))
        batch_op.create_index("ix_transmissions_peer", ["peer"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.add_column(sa.Column("case_id", sa.String(length=30), nullable=True))
        batch_op.create_index("ix_enquiries_case_id", ["case_id"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.drop_index("ix_enquiries_case_id")
        batch_op.drop_column("case_id")
    op.drop_table("deliveries")
    for name in TABLES:
        op.drop_table(name)


def _columns() -> list[sa.Column[object]]:
    return [
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("case_id", sa.String(length=30), nullable=True),
        sa.Column("branch", sa.String(length=40), nullable=False),
        sa.Column("officer", sa.String(length=30), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tie", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    ]
