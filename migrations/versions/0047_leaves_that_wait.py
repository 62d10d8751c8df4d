"""an entry that waits has its leaf

Revision: 0047
Revises: 0039
"""

import sqlalchemy as sa
from alembic import op

revision = "0047"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand. What waits by now has no leaf, and gets it from its body."""
    with op.batch_alter_table("ledger_waiting", schema=None) as batch_op:
        batch_op.add_column(sa.Column("leaf", sa.LargeBinary(32), nullable=True))
        batch_op.drop_constraint(op.f("fk_ledger_waiting_seq"), type_="foreignkey")


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("ledger_waiting", schema=None) as batch_op:
        batch_op.create_foreign_key(op.f("fk_ledger_waiting_seq"), "ledger", ["seq"], ["seq"])
        batch_op.drop_column("leaf")
