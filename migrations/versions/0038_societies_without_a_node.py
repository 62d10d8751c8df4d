"""societies without a node, and what they were handed

Revision: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "correspondents",
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("language", sa.String(40), nullable=False),
        sa.Column("assessed_until", sa.BigInteger(), nullable=True),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_correspondents")),
    )
    with op.batch_alter_table("transmissions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("copy_until", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_transmissions_copy_until", ["copy_until"], unique=False)
    with op.batch_alter_table("recalls", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("by_hand", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("branch", sa.String(40), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("recalls", schema=None) as batch_op:
        batch_op.drop_column("branch")
        batch_op.drop_column("by_hand")
    with op.batch_alter_table("transmissions", schema=None) as batch_op:
        batch_op.drop_index("ix_transmissions_copy_until")
        batch_op.drop_column("copy_until")
    op.drop_table("correspondents")
