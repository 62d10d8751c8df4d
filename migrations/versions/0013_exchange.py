"""exchange

Revision: 0013
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

CODE = sa.String(length=40)
ID = sa.String(length=30)
DIGEST = sa.LargeBinary(length=32)
WAITS = sa.text("state = 'waiting'")


def upgrade() -> None:
    """Expand: the outbox, the inbox, peers and the node's own keys for them."""
    op.create_table(
        "peers",
        sa.Column("code", CODE, nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("descriptor", sa.LargeBinary(), nullable=False),
        sa.Column("introduced_by", CODE),
        sa.Column("trusted_by", ID),
        sa.Column("trusted_at", sa.BigInteger()),
        sa.Column("assessed_until", sa.BigInteger()),
        sa.Column("at_risk", sa.Boolean(), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=False),
        sa.Column("heard_at", sa.BigInteger()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_peers")),
    )
    op.create_table(
        "own_keys",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("name", CODE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("not_after", sa.BigInteger(), nullable=False),
        sa.Column("destroyed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_own_keys")),
    )
    _outbox()
    _inbox()


def _outbox() -> None:
    op.create_table(
        "out_streams",
        sa.Column("peer", CODE, nullable=False),
        sa.Column("stream", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("prev", DIGEST, nullable=False),
        sa.Column("claimed_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("peer", "stream", name=op.f("pk_out_streams")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("peer", CODE, nullable=False),
        sa.Column("stream", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("state", CODE, nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("receipt", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    place = ["peer", "stream", "epoch", "seq"]
    op.create_index("uq_outbox_peer_stream_epoch_seq", "outbox", place, unique=True)
    op.create_index(
        "ix_outbox_waiting", "outbox", place, postgresql_where=WAITS, sqlite_where=WAITS
    )


def _inbox() -> None:
    op.create_table(
        "in_streams",
        sa.Column("peer", CODE, nullable=False),
        sa.Column("stream", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.PrimaryKeyConstraint("peer", "stream", name=op.f("pk_in_streams")),
    )
    op.create_table(
        "inbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("peer", CODE, nullable=False),
        sa.Column("stream", sa.SmallInteger(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("status", CODE, nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
    )
    place = ["peer", "stream", "epoch", "seq"]
    op.create_index("uq_inbox_peer_stream_epoch_seq", "inbox", place, unique=True)
    op.create_table(
        "hop_nonces",
        sa.Column("kid", sa.String(length=64), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kid", "nonce", name=op.f("pk_hop_nonces")),
    )
    op.create_index("ix_hop_nonces_at", "hop_nonces", ["at"])


def downgrade() -> None:
    """Take it back. What waits in the outbox is lost."""
    op.drop_index("ix_hop_nonces_at", table_name="hop_nonces")
    op.drop_table("hop_nonces")
    op.drop_index("uq_inbox_peer_stream_epoch_seq", table_name="inbox")
    op.drop_table("inbox")
    op.drop_table("in_streams")
    op.drop_index("ix_outbox_waiting", table_name="outbox")
    op.drop_index("uq_outbox_peer_stream_epoch_seq", table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("out_streams")
    op.drop_table("own_keys")
    op.drop_table("peers")
