"""subjects of an identity provider, narrower tokens

Revision: 0027
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Expand."""
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("subject", sa.LargeBinary(length=32)))
        batch_op.create_unique_constraint("uq_accounts_subject", ["subject"])
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.add_column(sa.Column("purposes", sa.String(length=200)))
        reads_only = sa.Column(
            "reads_only", sa.Boolean(), nullable=False, server_default=sa.false()
        )
        batch_op.add_column(reads_only)
        batch_op.add_column(sa.Column("made_with", sa.String(length=30)))
        batch_op.create_index("ix_tokens_made_with", ["made_with"], unique=False)


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index("ix_tokens_made_with")
        batch_op.drop_column("made_with")
        batch_op.drop_column("reads_only")
        batch_op.drop_column("purposes")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_constraint("uq_accounts_subject", type_="unique")
        batch_op.drop_column("subject")
