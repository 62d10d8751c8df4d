"""queues

Revision: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_cases_branch_state_created_at_id": ["branch", "state", "created_at", "id"],
    "ix_cases_branch_officer_state_created_at_id": [
        "branch",
        "officer",
        "state",
        "created_at",
        "id",
    ],
    "ix_cases_branch_review_at_id": ["branch", "review_at", "id"],
}


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "desks",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desks")),
    )
    for name, columns in _INDEXES.items():
        op.create_index(name, "cases", columns, unique=False)


def downgrade() -> None:
    """Take it back."""
    for name in _INDEXES:
        op.drop_index(name, table_name="cases")
    op.drop_table("desks")
