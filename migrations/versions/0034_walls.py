"""honey cases, break-glass, tries to sign in

Revision: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "honey",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_honey")),
    )
    op.create_table(
        "break_glass",
        sa.Column("id", sa.String(30), nullable=False),
        sa.Column("case_id", sa.String(30), nullable=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("officer", sa.String(30), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tie", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_break_glass")),
    )
    op.create_index(op.f("ix_break_glass_case_id"), "break_glass", ["case_id"])
    op.create_index("ix_break_glass_open_due_at_id", "break_glass", ["open", "due_at", "id"])
    op.create_table(
        "tries",
        sa.Column("slot", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("slot", name=op.f("pk_tries")),
    )
    op.add_column("accounts", sa.Column("glass_until", sa.BigInteger(), nullable=True))
    op.add_column("accounts", sa.Column("review_by", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    op.drop_column("accounts", "review_by")
    op.drop_column("accounts", "glass_until")
    op.drop_table("tries")
    op.drop_table("break_glass")
    op.drop_table("honey")
