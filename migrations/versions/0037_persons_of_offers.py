"""persons of offers

Revision: 0037
Revises: 0038
"""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand: offers that came before this count for nobody's day."""
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("persons", sa.SmallInteger(), nullable=False, server_default="0")
        )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.alter_column("persons", server_default=None)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.drop_column("persons")
