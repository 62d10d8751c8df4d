"""a stream is a turn, not a claim: it ends with the worker that has it

Revision: 0021
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Contract: nobody looks at the time of a claim any more."""
    op.drop_column("out_streams", "claimed_at")


def downgrade() -> None:
    """Expand again; every stream is free."""
    op.add_column("out_streams", sa.Column("claimed_at", sa.BigInteger()))
