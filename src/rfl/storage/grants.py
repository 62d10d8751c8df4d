"""Which role of PostgreSQL may do what to which table; whatever is not listed is nobody's.

The owner of the tables alone changes them, and grants by this list (`roles.py`). Entries of the
access log are only ever added, except by who ends those whose retention is over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a role of the database is for; its name follows a prefix (`rfl_node`)."""

    NODE = "node"
    EXPIRY = "expiry"
    MATCHER = "matcher"
    AUDITOR = "auditor"


class Right(StrEnum):
    """A privilege on a table. MAINTAIN vacuums one, and takes nothing out of it."""

    READ = "SELECT"
    ADD = "INSERT"
    CHANGE = "UPDATE"
    REMOVE = "DELETE"
    REWRITE = "MAINTAIN"


@dataclass(frozen=True, slots=True)
class Grant:
    """Rights on a whole table, or on these columns of it alone."""

    rights: tuple[Right, ...]
    columns: tuple[str, ...] = ()


WORK_OF = {Part.EXPIRY: Part.NODE}
"""Roles that have what another has as well, and more."""

_R, _A, _C, _D, _M = Right.READ, Right.ADD, Right.CHANGE, Right.REMOVE, Right.REWRITE
_READ = Grant((_R,))
_Table = Mapping[Part, tuple[Grant, ...]]


def _kept(*rights: Right, **others: tuple[Grant, ...]) -> _Table:
    """A table that the node reads and does this to, with what other roles may."""
    return {Part.NODE: (Grant((_R, *rights)),)} | {
        Part(part): grants for part, grants in others.items()
    }


def _changing(*columns: str) -> tuple[Grant, ...]:
    """Reading and adding, and changing these columns alone."""
    return (Grant((_R, _A)), Grant((_C,), columns))


_ENTRIES = _kept(_A, expiry=(Grant((_D, _M)),), matcher=(Grant((_R, _A)),), auditor=(_READ,))
_OF_LOG = _kept(_A, auditor=(_READ,))
# What the matcher knows of a record: names, birth, kin, terms; neither contact nor whereabouts.
_MATCHED = (Grant((_R,), ("id", "branch", "identity", "terms")),)
# Which cases other societies asked for, and when: not what they asked.
_ASKED = (Grant((_R,), ("case_id", "peer", "created_at")),)

GRANTS: Mapping[str, _Table] = {
    "accounts": _kept(_A, _C),
    "alarms": _kept(_A, _C, matcher=(Grant((_R, _A, _C)),), auditor=(_READ,)),
    "approvals": _kept(_A, _C, _D),
    "attachments": _kept(_A, _C, _D, _M),
    "attestations": _kept(_A, _C, _D),
    "blob_holds": _kept(_A, _D),
    "blob_parts": _kept(_A, _D),
    "blob_sends": _kept(_A, _C, _D),
    "blobs": _kept(_A, _C, _D),
    "break_glass": _kept(_A, _C),
    "budget_marks": _kept(_A, _D),
    "budgets": _kept(_A, _C, _D),
    "calls": _kept(_A, _C, _D),
    "casefiles": _kept(_A, _C, _D),
    # An erased case stays as a row without content, so nobody removes one.
    "cases": _kept(_A, _C, matcher=_MATCHED),
    # Those that no peer was given make room for the newest.
    "checkpoints": _kept(_A, _C, _D, auditor=(_READ,)),
    "cosignatures": _kept(_A, _D, auditor=(_READ,)),
    "correspondents": _kept(_A, _D),
    "deliveries": _kept(_A, _C, _D),
    "desks": _kept(_A, _C),
    "disclosures": _kept(_A, _C, _D),
    "enquiries": _kept(_A, _C, _D),
    "feed": _kept(_A, _C, _D, matcher=(Grant((_R, _C)),)),
    "findings": _kept(_A, _C, _D),
    "handovers": _kept(_A, _C, _D),
    "honey": _kept(_A, _C, matcher=(_READ,)),
    "hop_nonces": _kept(_A, _D),
    "idempotency": _kept(_A, _D),
    "identifiers": _kept(_A, _D, matcher=(_READ,)),
    "in_streams": _kept(_A, _C),
    "inbox": _kept(_A, _C, _D),
    "intakes": _kept(_A),
    "journals": _kept(_A, _C, _D),
    "key_uses": _kept(_A, _C, _D, matcher=(Grant((_R, _A, _C)),)),
    "ledger": _ENTRIES,
    "ledger_objects": _ENTRIES,
    # Whoever gives an entry its place in the tree takes it out of what waits for one.
    "ledger_waiting": _kept(_A, _D, matcher=(Grant((_A,)),), auditor=(_READ,)),
    "lists": _kept(_A, _C),
    "lockdown": _kept(_A, _C, _D, matcher=(_READ,)),
    "log_evidence": _OF_LOG,
    "log_expiries": _kept(expiry=_changing("done"), auditor=(_READ,)),
    "log_keys": _OF_LOG,
    "log_shares": _kept(_A, _C, auditor=(_READ,)),
    "log_stamps": _OF_LOG,
    "log_streams": _kept(_A, _C),
    "log_witnesses": _kept(_A, _C, _D, auditor=(_READ,)),
    "logins": _kept(_A, _C),
    "matches": _kept(_A, _C, _D, matcher=(Grant((_R, _A, _C, _D)),)),
    "messages": _kept(_A, _C, _D),
    "notices": _kept(_A, _D, matcher=(Grant((_R, _A, _D)),)),
    "out_streams": _kept(_A, _C),
    "outbox": _kept(_A, _C),
    "owed_receipts": _kept(_A, _D),
    "own_keys": _kept(_A, _C),
    "peers": _kept(_A, _C, _D),
    "recalls": _kept(_A, _C),
    "received": _kept(_A, _C, _D, matcher=_ASKED),
    # Keys of erased records are vacuumed away at once, which is no right to take a living one.
    "record_keys": _kept(_A, _C, _D, _M, matcher=(_READ,)),
    "registrations": _kept(_A, _C, _D, matcher=_MATCHED),
    "rematch": _kept(_A, _C, _D, matcher=(Grant((_R, _A, _C, _D)),)),
    "searches": _kept(_A, _D),
    "sources": _kept(_A, _C, _D),
    "tasks": _kept(_A, _C, _D),
    "tokens": _kept(_A, _C),
    "transmissions": _kept(_A, _C, _D),
    # A tile and a part of the order grow; their places stay.
    "tree_order": {
        Part.NODE: _changing("seqs", "low", "high"),
        Part.AUDITOR: (_READ,),
    },
    "tree_tiles": {Part.NODE: _changing("hashes"), Part.AUDITOR: (_READ,)},
    "tries": _kept(_A, _C, _D),
    "watched_logs": _kept(_A, _C, _D, auditor=(_READ,)),
    "witness_mail": _kept(_A, _D),
    # Every role is told whether the tables are of its version.
    "alembic_version": _kept(matcher=(_READ,), auditor=(_READ,)),
}
