"""Row-level security on PostgreSQL: a transaction reaches what its setting says (decision 0026)

Revision: 0035
Revises: 0034
"""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

_REACH = "current_setting('rfl.reach', true)"
_EVERY = f"{_REACH} = '*'"
_ACROSS = f"left({_REACH}, 1) = '~'"
_OWN = f"({_REACH} = '=' || branch OR {_REACH} = '~' || branch)"

_BESIDE_A_CASE = (
    *("enquiries", "messages", "calls", "tasks", "attachments"),
    *("transmissions", "handovers", "received"),
)
# What stands under a case or a letter is reached with it.
_UNDER = {
    "casefiles": "EXISTS (SELECT 1 FROM cases WHERE cases.id = casefiles.id)",
    "journals": "EXISTS (SELECT 1 FROM cases WHERE cases.id = journals.id)",
    "deliveries": "EXISTS (SELECT 1 FROM messages WHERE messages.id = deliveries.id)",
}

POLICIES = {
    "cases": f"{_EVERY} OR {_ACROSS} OR {_OWN}",
    "registrations": f"{_EVERY} OR {_ACROSS} OR {_OWN}",
    "intakes": f"{_EVERY} OR {_OWN}",
    "lists": f"{_EVERY} OR {_OWN}",
    "break_glass": f"{_EVERY} OR {_OWN}",
    "approvals": f"{_EVERY} OR {_OWN} OR {_REACH} = '-' || branch",
}
POLICIES |= {table: f"{_EVERY} OR {reached}" for table, reached in _UNDER.items()}
POLICIES |= dict.fromkeys(_BESIDE_A_CASE, f"{_EVERY} OR {_OWN} OR (case_id <> '' AND {_ACROSS})")

# An officer who refuses a request leaves its reference behind, which is no branch's any more.
_MORE_MAY_BE_WRITTEN = {"received": f" OR (branch = '' AND left({_REACH}, 1) = '=')"}


def upgrade() -> None:
    """Expand."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, reached in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        # The owner is bound too, where a node serves as the owner.
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        written = reached + _MORE_MAY_BE_WRITTEN.get(table, "")
        op.execute(f"CREATE POLICY reach ON {table} USING ({reached}) WITH CHECK ({written})")


def downgrade() -> None:
    """Take it back."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in POLICIES:
        op.execute(f"DROP POLICY reach ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
