"""until when a case is kept, and by which rules

Revision: 0049
Revises: 0048
"""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. The node reckons it for the cases that there are."""
    lives = sa.text("state <> 'erased'")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kept_until", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("kept_by", sa.String(40), nullable=True))
        batch_op.create_index("ix_cases_kept_until_id", ["kept_until", "id"])
        batch_op.create_index(
            "ix_cases_kept_by_id", ["kept_by", "id"], postgresql_where=lives, sqlite_where=lives
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index("ix_cases_kept_by_id")
        batch_op.drop_index("ix_cases_kept_until_id")
        batch_op.drop_column("kept_by")
        batch_op.drop_column("kept_until")
