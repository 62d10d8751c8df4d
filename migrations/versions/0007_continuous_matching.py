"""continuous matching

Revision: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. Proposals that are there already stay; the first start compares everybody anew."""
    op.create_table(
        "notices",
        sa.Column("match_id", sa.String(length=30), nullable=False),
        sa.Column("branch", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["match_id"], ["matches.id"], name=op.f("fk_notices_match_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("match_id", "branch", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_branch_at", "notices", ["branch", "at"])
    op.create_table(
        "rematch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.String(length=40), nullable=False),
        sa.Column("cursor", sa.String(length=30), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("leased_by", sa.String(length=30), nullable=True),
        sa.Column("leased_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_rematch")),
    )


def downgrade() -> None:
    op.drop_table("rematch")
    op.drop_index("ix_notices_branch_at", table_name="notices")
    op.drop_table("notices")
