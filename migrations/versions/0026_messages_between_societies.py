"""messages between societies

Revision: 0026
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(sa.Column("owes", sa.String(length=40), nullable=True))
    with op.batch_alter_table("peers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("untold_at", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("peers", schema=None) as batch_op:
        batch_op.drop_column("untold_at")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("owes")
