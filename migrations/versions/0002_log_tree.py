"""log tree

Revision: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Expand. Entries that are there already wait for their places in the tree."""
    op.create_table(
        "ledger_waiting",
        sa.Column("seq", SERIAL, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["ledger.seq"], name=op.f("fk_ledger_waiting_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_waiting")),
    )
    op.execute("INSERT INTO ledger_waiting (seq) SELECT seq FROM ledger")
    op.create_table(
        "tree_tiles",
        sa.Column("place", SERIAL, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_tree_tiles")),
    )
    op.create_table(
        "tree_order",
        sa.Column("number", SERIAL, autoincrement=False, nullable=False),
        sa.Column("seqs", sa.LargeBinary(), nullable=False),
        sa.Column("low", sa.BigInteger(), nullable=False),
        sa.Column("high", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_tree_order")),
    )
    op.create_index("ix_tree_order_high_low", "tree_order", ["high", "low"])
    op.create_table(
        "checkpoints",
        sa.Column("size", SERIAL, autoincrement=False, nullable=False),
        sa.Column("padded", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_checkpoints")),
    )
    op.create_table(
        "cosignatures",
        sa.Column("size", SERIAL, nullable=False),
        sa.Column("witness", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["size"], ["checkpoints.size"], name=op.f("fk_cosignatures_size")),
        sa.PrimaryKeyConstraint("size", "witness", name=op.f("pk_cosignatures")),
    )


def downgrade() -> None:
    """Take it back. The entries stay; their order in the tree is lost."""
    op.drop_table("cosignatures")
    op.drop_table("checkpoints")
    op.drop_index("ix_tree_order_high_low", table_name="tree_order")
    op.drop_table("tree_order")
    op.drop_table("tree_tiles")
    op.drop_table("ledger_waiting")
