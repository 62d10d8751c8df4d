"""The keys of logs and of their witnesses.

Revision: 0015
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: which key of a log followed which. Without a row a log has had one key."""
    op.create_table(
        "log_keys",
        sa.Column("origin", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("since", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("origin", "kind", "number", name=op.f("pk_log_keys")),
    )


def downgrade() -> None:
    """Take it back. A log that has changed its key can then not be signed on."""
    op.drop_table("log_keys")
