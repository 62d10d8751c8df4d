"""requests of other societies, recalls and attestations

Revision: 0024
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None

CODE = sa.String(length=40)
ID = sa.String(length=30)


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "received",
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
        sa.Column("persons", sa.SmallInteger(), nullable=False),
        sa.Column("retain_at", sa.BigInteger(), nullable=False),
        sa.Column("owes", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_received")),
    )
    with op.batch_alter_table("received", schema=None) as batch_op:
        batch_op.create_index("ix_received_case_id", ["case_id"], unique=False)
        batch_op.create_index("ix_received_retain_at", ["retain_at"], unique=False)
        batch_op.create_index("uq_received_peer_ref", ["peer", "ref"], unique=True)
        batch_op.create_index("ix_received_peer_created_at", ["peer", "created_at"], unique=False)
        batch_op.create_index(
            "ix_received_branch_open_created_at_id",
            ["branch", "open", "created_at", "id"],
            unique=False,
        )
    op.create_table(
        "recalls",
        sa.Column("id", ID, nullable=False),
        sa.Column("peer", CODE, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("why", CODE, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.BigInteger()),
        sa.Column("attested_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
    )
    op.create_index("uq_recalls_peer_ref", "recalls", ["peer", "ref"], unique=True)
    op.create_table(
        "attestations",
        sa.Column("id", ID, nullable=False),
        sa.Column("peer", CODE, nullable=False),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestations")),
    )
    op.create_index("ix_attestations_due_at", "attestations", ["due_at"], unique=False)
    op.create_index("uq_attestations_peer_ref", "attestations", ["peer", "ref"], unique=True)
    with op.batch_alter_table("transmissions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("renew_at", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_transmissions_renew_at", ["renew_at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("transmissions", schema=None) as batch_op:
        batch_op.drop_index("ix_transmissions_renew_at")
        batch_op.drop_column("renew_at")
    for name in ("attestations", "recalls", "received"):
        op.drop_table(name)
