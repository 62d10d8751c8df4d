"""Which tables a policy guards by branch on PostgreSQL, and no question without a reach to them.

Such a question finds none of their rows on PostgreSQL, and says nothing of it; on SQLite it finds
them all. So it fails on both, by the words of the statement.
"""

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

GUARDED = frozenset(
    {
        *("cases", "casefiles", "journals", "registrations", "intakes", "lists", "enquiries"),
        *("messages", "deliveries", "calls", "tasks", "attachments", "transmissions"),
        *("handovers", "received", "approvals", "break_glass", "disclosures"),
    }
)
"""The tables with a policy. What is sealed under a record's keys elsewhere (proposals, searches,
the keys themselves) says of itself no branch, and is asked for by the ids of these."""

WITHOUT_REACH = "rfl_without_reach"
"""The option of a connection that reaches no table of these (`Database.ask`)."""

_NAMES = "|".join(sorted(GUARDED))
_NAMED = re.compile(
    rf'\b(?:FROM|JOIN|INTO|UPDATE)\s+"?({_NAMES})\b|\b({_NAMES})"?\.', re.IGNORECASE
)


BEGINS_AHEAD = "rfl_begins_ahead"
"""The option of a connection whose transaction has not begun yet: what `direct.ahead` begins it
with."""


def refuse(connection: Connection, statement: str) -> None:
    """Raise AssertionError if the statement names a guarded table and the connection has no reach.

    Also if its transaction has not begun: the statement would be one of its own. Both are faults of
    the program, not of the call.
    """
    options = connection.get_execution_options()
    if options.get(WITHOUT_REACH) and (table := _named(statement)):
        raise AssertionError(f"{table} is asked without a reach")
    if options.get(BEGINS_AHEAD):
        raise AssertionError("something is said before the transaction has begun")


def watch(connection: Connection, _cursor: Any, statement: str, *_others: object) -> None:
    """Look at what SQLAlchemy is about to say; an engine calls it before each statement."""
    refuse(connection, statement)


@lru_cache(maxsize=1_024)
def _named(statement: str) -> str | None:
    found = _NAMED.search(statement)
    return None if found is None else found[1] or found[2]
