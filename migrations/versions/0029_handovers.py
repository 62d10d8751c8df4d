"""cases offered to, and by, other societies

Revision: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

CODE = sa.String(length=40)
ID = sa.String(length=30)


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "handovers",
        sa.Column("id", ID, nullable=False),
        sa.Column("case_id", ID),
        sa.Column("branch", CODE, nullable=False),
        sa.Column("officer", ID),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger()),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tie", sa.LargeBinary()),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("peer", CODE, nullable=False),
        sa.Column("ref", sa.LargeBinary(length=32), nullable=False),
        sa.Column("coming", sa.Boolean(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("retain_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index("ix_handovers_case_id", ["case_id"], unique=False)
        batch_op.create_index("ix_handovers_given", ["given"], unique=False)
        batch_op.create_index("ix_handovers_retain_at", ["retain_at"], unique=False)
        batch_op.create_index("uq_handovers_peer_ref", ["peer", "coming", "ref"], unique=True)
        batch_op.create_index(
            "ix_handovers_branch_open_created_at_id",
            ["branch", "open", "created_at", "id"],
            unique=False,
        )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("handovers")
