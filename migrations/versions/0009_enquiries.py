"""enquiries

Revision: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "enquiries",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("branch", sa.String(length=40), nullable=False),
        sa.Column("officer", sa.String(length=30), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tie", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enquiries")),
    )
    with op.batch_alter_table("enquiries", schema=None) as batch_op:
        batch_op.create_index(
            "ix_enquiries_branch_open_created_at_id",
            ["branch", "open", "created_at", "id"],
            unique=False,
        )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("enquiries")
