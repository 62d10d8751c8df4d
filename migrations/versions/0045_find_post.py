"""post is found by its indexes alone, however much of it there is

Revision: 0045
Revises: 0043
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0043"
branch_labels = None
depends_on = None

_WAITS = "state = 'waiting'"
_PLACE = ["peer", "stream", "epoch", "seq"]
_NEW = (
    ("ix_outbox_put_off", "outbox", ["peer", "due_at"], f"{_WAITS} AND attempts > 0"),
    (
        "ix_outbox_parked",
        "outbox",
        ["peer", "settled_at", "seq", "expires_at", "state"],
        "state = 'parked'",
    ),
    (
        "ix_outbox_kept",
        "outbox",
        ["peer", "settled_at"],
        "settled_at IS NOT NULL AND body IS NOT NULL",
    ),
    ("ix_inbox_parked", "inbox", _PLACE, "status = 'parked'"),
    ("ix_inbox_refused", "inbox", ["peer", "reason"], "reason IS NOT NULL"),
    ("ix_inbox_ends", "inbox", ["peer", "expires_at"], None),
)


def _create(name: str, table: str, columns: list[str], where: str | None) -> None:
    condition = None if where is None else sa.text(where)
    op.create_index(
        name, table, columns, postgresql_where=condition, sqlite_where=condition, unique=False
    )


def upgrade() -> None:
    """Expand."""
    op.drop_index("ix_outbox_waiting", "outbox")
    _create(
        "ix_outbox_waiting",
        "outbox",
        [*_PLACE, "due_at", "created_at", "expires_at", "state"],
        _WAITS,
    )
    for index in _NEW:
        _create(*index)


def downgrade() -> None:
    """Take it back."""
    for name, table, _columns, _where in reversed(_NEW):
        op.drop_index(name, table)
    op.drop_index("ix_outbox_waiting", "outbox")
    _create("ix_outbox_waiting", "outbox", _PLACE, _WAITS)
