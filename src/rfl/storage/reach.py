"""Which records a transaction reaches on PostgreSQL: the second wall, behind `domain.access`.

A policy on each table of `guarded.py` asks a setting that the transaction's BEGIN makes, from who
acts and for what (decision 0026). Without it no row is there. It is `*` for every record, or a sign
and a branch: `=` its own records; `~` these, and of every branch what is a case, belongs to one, or
is a registration; `-` no case at all, and the branch's approvals.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection

from rfl.domain.access import Actor, Object, Role, Verb, is_wider
from rfl.errors import Forbidden, NotFound
from rfl.storage import direct, vault
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

EVERYTHING = "*"
OWN, ACROSS, OFFICE = "=", "~", "-"

_EVERYWHERE = frozenset({Role.DATA_PROTECTION_OFFICER, Role.SERVICE, Role.PEER})
_OFFICES = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})
# A search shows persons of every branch, a proposal has two sides, and a team may have officers of
# any branch: for these the domain decides by another rule than the branch. A review of the log
# looks for whose record a log id is.
_ACROSS = frozenset(
    {
        *(Verb.SEARCH, Verb.MATCH_READ, Verb.MATCH_DECIDE),
        *(Verb.FINDING_READ, Verb.FINDING_WORK, Verb.LOG_REVIEW),
        *(Verb.DISCLOSURE_ASK, Verb.DISCLOSURE_READ, Verb.DISCLOSURE_DECIDE),
    }
)


def reach_of(actor: Actor, verb: Verb) -> str:
    """Return what a work of this actor reaches at most; the domain decides within it."""
    if actor.role in _EVERYWHERE or is_wider(actor, verb):
        return EVERYTHING
    if verb in _ACROSS:
        return ACROSS + actor.branch
    return (OFFICE if actor.role in _OFFICES else OWN) + actor.branch


def found(
    work: Work, table: str, ask: Callable[[], Any], refuse: Callable[[Any], object] | None = None
) -> Any:
    """Return the row that `ask` finds, or raise NotFound.

    One that is there but out of reach is refused as it is on SQLite, by the domain and with its log
    id in the refusal's entry; it is never returned. `refuse` comes first, if it is given.
    """
    row = ask()
    if row is None and work.connection.dialect.name == "postgresql":
        with _beyond(work.connection, work.reach):
            row = ask()
        if row is not None:
            if refuse is not None:
                refuse(row)
            if row.tie is not None:
                vault.log_ids(work, SealedRow(table, row.id, row.id, {vault.TIE: row.tie}))
            work.require(Object(branch=row.branch))
            raise Forbidden
    if row is None:
        raise NotFound
    return row


@contextmanager
def _beyond(connection: Connection, reach: str) -> Iterator[None]:
    direct.execute(connection, f"SET LOCAL {direct.REACH} = '*'", ())
    yield
    direct.execute(connection, direct.reaching(reach), ())
