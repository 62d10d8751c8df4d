"""PostgreSQL keeps envelopes as they are: what is sealed cannot be made smaller

Revision: 0050
Revises: 0049
"""

from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

_TABLES = ("outbox", "inbox")


def upgrade() -> None:
    """Expand. What is kept already stays as it is."""
    _store("EXTERNAL")


def downgrade() -> None:
    """Take it back."""
    _store("EXTENDED")


def _store(how: str) -> None:
    if op.get_context().dialect.name == "postgresql":
        for table in _TABLES:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN body SET STORAGE {how}")
