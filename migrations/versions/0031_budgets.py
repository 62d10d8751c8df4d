"""budgets

Revision: 0031
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "budgets",
        sa.Column("principal", sa.String(30), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("until", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("principal", "what", "until", name=op.f("pk_budgets")),
    )
    op.create_table(
        "budget_marks",
        sa.Column("mark", sa.LargeBinary(16), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_budget_marks")),
    )
    op.create_index(op.f("ix_budget_marks_until"), "budget_marks", ["until"])


def downgrade() -> None:
    """Take it back."""
    op.drop_table("budget_marks")
    op.drop_table("budgets")
