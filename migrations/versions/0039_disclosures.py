"""disclosures to authorities

Revision: 0039
Revises: 0045
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0045"
branch_labels = None
depends_on = None

_REACH = "current_setting('rfl.reach', true)"
_REACHED = (
    f"{_REACH} = '*' OR {_REACH} = '=' || branch OR {_REACH} = '~' || branch"
    f" OR (case_id <> '' AND left({_REACH}, 1) = '~')"
)


def upgrade() -> None:
    """Expand."""
    op.create_table(
        "disclosures",
        sa.Column("id", sa.String(30), nullable=False),
        sa.Column("case_id", sa.String(30), nullable=True),
        sa.Column("branch", sa.String(40), nullable=False),
        sa.Column("officer", sa.String(30), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("tie", sa.LargeBinary(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
    )
    with op.batch_alter_table("disclosures", schema=None) as batch_op:
        batch_op.create_index(op.f("ix_disclosures_case_id"), ["case_id"], unique=False)
        batch_op.create_index(
            "ix_disclosures_branch_open_created_at_id",
            ["branch", "open", "created_at", "id"],
            unique=False,
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE disclosures ENABLE ROW LEVEL SECURITY")
        op.execute("ALTER TABLE disclosures FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY reach ON disclosures USING ({_REACHED}) WITH CHECK ({_REACHED})")


def downgrade() -> None:
    """Take it back."""
    op.drop_table("disclosures")
