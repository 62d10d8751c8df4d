"""blobs

Revision: 0022
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0019"
branch_labels = None
depends_on = None

CODE = sa.String(length=40)
ID = sa.String(length=30)
DIGEST = sa.LargeBinary(length=32)


def upgrade() -> None:
    """Expand: sealed attachments in parts, and their ways to peers."""
    op.create_table(
        "blobs",
        sa.Column("id", ID, nullable=False),
        sa.Column("peer", CODE),
        sa.Column("outgoing", sa.Boolean(), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("have", sa.BigInteger(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blobs")),
    )
    place = ["peer", "outgoing", "digest"]
    op.create_index("uq_blobs_peer_outgoing_digest", "blobs", place, unique=True)
    op.create_table(
        "blob_parts",
        sa.Column("blob_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("blob_id", "number", name=op.f("pk_blob_parts")),
    )
    op.create_table(
        "blob_holds",
        sa.Column("blob_id", ID, nullable=False),
        sa.Column("holder", ID, nullable=False),
        sa.PrimaryKeyConstraint("blob_id", "holder", name=op.f("pk_blob_holds")),
    )
    op.create_index("ix_blob_holds_holder", "blob_holds", ["holder"])
    _sends()


def _sends() -> None:
    op.create_table(
        "blob_sends",
        sa.Column("blob_id", ID, nullable=False),
        sa.Column("peer", CODE, nullable=False),
        sa.Column("envelope", ID, nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.BigInteger()),
        sa.Column("taken_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("blob_id", name=op.f("pk_blob_sends")),
    )
    op.create_index("ix_blob_sends_peer", "blob_sends", ["peer"])
    op.create_index("ix_blob_sends_envelope", "blob_sends", ["envelope"])
    op.create_table(
        "attachments",
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
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_case_id", "attachments", ["case_id"])
    op.create_table(
        "owed_receipts",
        sa.Column("envelope", ID, nullable=False),
        sa.Column("peer", CODE, nullable=False),
        sa.PrimaryKeyConstraint("envelope", name=op.f("pk_owed_receipts")),
    )


def downgrade() -> None:
    """Take it back. Attachments are lost."""
    op.drop_table("owed_receipts")
    op.drop_index("ix_attachments_case_id", table_name="attachments")
    op.drop_table("attachments")
    op.drop_index("ix_blob_sends_envelope", table_name="blob_sends")
    op.drop_index("ix_blob_sends_peer", table_name="blob_sends")
    op.drop_table("blob_sends")
    op.drop_index("ix_blob_holds_holder", table_name="blob_holds")
    op.drop_table("blob_holds")
    op.drop_table("blob_parts")
    op.drop_index("uq_blobs_peer_outgoing_digest", table_name="blobs")
    op.drop_table("blobs")
