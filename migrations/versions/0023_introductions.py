"""introductions

Revision: 0023
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0015"
branch_labels = None
depends_on = None

CODE = sa.String(length=40)


def upgrade() -> None:
    """Expand: who may introduce whom until when, and the mode that a node's keys are of."""
    op.add_column("peers", sa.Column("introduces", CODE))
    op.add_column("peers", sa.Column("introduced_at", sa.BigInteger()))
    op.add_column("peers", sa.Column("introduced_until", sa.BigInteger()))
    op.add_column("own_keys", sa.Column("mode", CODE))


def downgrade() -> None:
    """Take it back. Peers that are trusted by introduction alone are then trusted for good."""
    op.drop_column("own_keys", "mode")
    op.drop_column("peers", "introduced_until")
    op.drop_column("peers", "introduced_at")
    op.drop_column("peers", "introduces")
