"""names, passwords and codes of built-in accounts

Revision: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "logins",
        sa.Column("account_id", sa.String(length=30), nullable=False),
        sa.Column("name", sa.LargeBinary(length=32)),
        sa.Column("password", sa.String(length=200)),
        sa.Column("code_salt", sa.LargeBinary(length=32)),
        sa.Column("last_step", sa.BigInteger()),
        sa.Column("invitation", sa.LargeBinary(length=32)),
        sa.Column("invited_until", sa.BigInteger()),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_logins_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_logins")),
        sa.UniqueConstraint("name", name=op.f("uq_logins_name")),
        sa.UniqueConstraint("invitation", name=op.f("uq_logins_invitation")),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_table("logins")
