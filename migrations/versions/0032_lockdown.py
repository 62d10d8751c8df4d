"""lockdown

Revision: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "lockdown",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.String(30), nullable=False),
        sa.Column("lift_asked_by", sa.String(30), nullable=True),
        sa.Column("lift_asked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_lockdown")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("lockdown")
