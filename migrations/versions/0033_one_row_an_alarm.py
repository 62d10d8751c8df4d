"""one row an alarm

Revision: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

# Works at the same moment could each insert the same alarm. The oldest of them stays.
_DOUBLES = """
UPDATE alarms SET state = 'over' WHERE state <> 'over' AND EXISTS (
    SELECT 1 FROM alarms AS older WHERE older.code = alarms.code
    AND older.subject = alarms.subject AND older.state <> 'over'
    AND (older.first_at, older.id) < (alarms.first_at, alarms.id)
)
"""


def upgrade() -> None:
    """Expand."""
    op.execute(_DOUBLES)
    op.create_index(
        "uq_alarms_code_subject_lasting",
        "alarms",
        ["code", "subject"],
        unique=True,
        postgresql_where=sa.text("state <> 'over'"),
        sqlite_where=sa.text("state <> 'over'"),
    )


def downgrade() -> None:
    """Take it back."""
    op.drop_index("uq_alarms_code_subject_lasting", "alarms")
