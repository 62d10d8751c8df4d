"""which society has a Red Cross Message, and until when one of another society is kept

Revision: 0048
Revises: 0047
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. Letters from before have neither: which society has them is sealed."""
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("peer", sa.String(40), nullable=True))
        batch_op.add_column(sa.Column("retain_at", sa.BigInteger(), nullable=True))
        batch_op.create_index("ix_messages_peer", ["peer"], unique=False)
        batch_op.create_index("ix_messages_retain_at", ["retain_at"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_retain_at")
        batch_op.drop_index("ix_messages_peer")
        batch_op.drop_column("retain_at")
        batch_op.drop_column("peer")
