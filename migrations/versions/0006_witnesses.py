"""witnesses, alarms and the use of keys

Revision: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "alarms",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("seen_by", sa.String(length=30)),
        sa.Column("told_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alarms")),
    )
    op.create_index("ix_alarms_state", "alarms", ["state"])
    op.create_table(
        "watched_logs",
        sa.Column("peer", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary()),
        sa.Column("claim", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("peer", name=op.f("pk_watched_logs")),
    )
    op.create_table(
        "log_witnesses",
        sa.Column("peer", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("size", SERIAL, autoincrement=False, nullable=False),
        sa.Column("claim", sa.LargeBinary()),
        sa.Column("held", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("peer", name=op.f("pk_log_witnesses")),
    )
    op.create_table(
        "log_evidence",
        sa.Column("id", sa.String(length=30), nullable=False),
        sa.Column("peer", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.LargeBinary(), nullable=False),
        sa.Column("offered", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_log_evidence")),
    )
    op.create_index("ix_log_evidence_peer", "log_evidence", ["peer"])
    op.create_table(
        "key_uses",
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("process", sa.String(length=30), nullable=False),
        sa.Column("unwrapped", sa.BigInteger(), nullable=False),
        sa.Column("unaccounted", sa.BigInteger(), nullable=False),
        sa.Column("reconciled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("day", "process", name=op.f("pk_key_uses")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("key_uses")
    op.drop_index("ix_log_evidence_peer", table_name="log_evidence")
    op.drop_table("log_evidence")
    op.drop_table("log_witnesses")
    op.drop_table("watched_logs")
    op.drop_index("ix_alarms_state", table_name="alarms")
    op.drop_table("alarms")
