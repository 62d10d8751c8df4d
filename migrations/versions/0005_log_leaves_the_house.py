"""log leaves the house

Revision: 0005
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0002"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand. Nothing was given to anybody and nothing has expired before."""
    op.create_table(
        "log_expiries",
        sa.Column("end", SERIAL, autoincrement=False, nullable=False),
        sa.Column("done", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("end", name=op.f("pk_log_expiries")),
    )
    op.create_table(
        "log_shares",
        sa.Column("number", SERIAL, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("form", sa.String(length=40), nullable=False),
        sa.Column("begin", sa.BigInteger(), nullable=False),
        sa.Column("end", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=30), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_log_shares")),
    )
    op.create_table(
        "log_streams",
        sa.Column("recipient", sa.String(length=40), nullable=False),
        sa.Column("next", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("recipient", name=op.f("pk_log_streams")),
    )
    op.create_table(
        "log_stamps",
        sa.Column("size", SERIAL, autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"], name=op.f("fk_log_stamps_size")),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_log_stamps")),
    )


def downgrade() -> None:
    """Take it back. Which bodies may be absent still stands in the log itself."""
    op.drop_table("log_stamps")
    op.drop_table("log_streams")
    op.drop_table("log_shares")
    op.drop_table("log_expiries")
