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
        owes = sa.Column("owes", sa.Boolean(), nullable=False, server_default=sa.false())
        batch_op.add_column(owes)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_column("owes")
