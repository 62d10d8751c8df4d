"""when a token was made

Revision: 0043
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.add_column(sa.Column("made_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_column("made_at")
