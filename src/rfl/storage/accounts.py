"""Tables `accounts` and `idempotency`: who may call, and which calls came before.

Of a subject of the identity provider a keyed hash is kept. An idempotency key keeps the id, the
status and a keyed hash of the body for 24 hours, never the answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    Table,
    Update,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.engine import Row
from sqlalchemy.sql import ColumnElement

from rfl.crypto.agent import KeyAgent
from rfl.crypto.framing import joined
from rfl.crypto.sealing import Spot
from rfl.domain.access import Role
from rfl.domain.decoding import decoded
from rfl.domain.groups import Half
from rfl.errors import Conflict, InvalidInput, NotFound
from rfl.storage import direct, vault
from rfl.storage.columns import Code, Digest, Id, Micros, Sealed, metadata
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

_HANDLES = frozenset({Role.TRACING_OFFICER, Role.SUPERVISOR})
KEEP_MICROS = 24 * 3600 * 1_000_000

accounts = Table(
    "accounts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("role", Code, nullable=False),
    Column("branch", Code, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("details", Sealed),
    Column("family_names", Sealed),
    Column("vetted_until", Micros),
    Column("subject", Digest, unique=True),
    Column("glass_until", Micros),
    Column("review_by", Micros),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account_id", Id, primary_key=True),
    Column("key", Digest, primary_key=True),
    Column("body", Digest, nullable=False),
    Column("status", Integer, nullable=False),
    Column("result_id", Id, nullable=False),
    Column("at", Micros, nullable=False),
)


def is_trusted(now: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that no review of broken glass is overdue: else the account rests."""
    return accounts.c.review_by.is_(None) | (accounts.c.review_by > now)


# Asked on every call with an access token, so it is built once.
_SUBJECT = (
    select(
        accounts.c.id,
        accounts.c.role,
        accounts.c.branch,
        accounts.c.vetted_until,
        accounts.c.glass_until,
    )
    .where(accounts.c.subject == bindparam("subject"))
    .where(accounts.c.active, is_trusted(bindparam("now")))
)


@dataclass(frozen=True, slots=True)
class Holder:
    """A live account, as a subject of the identity provider has it."""

    account: str
    role: Role
    branch: str
    vetted_until: int | None
    glass_until: int | None


@dataclass(frozen=True, slots=True)
class Remembered:
    """What an idempotency key was used for."""

    body: bytes
    status: int
    result_id: str


def add(work: Work, values: dict[str, object]) -> None:
    """Insert an account."""
    work.connection.execute(insert(accounts), values)


def subject_hash(agent: KeyAgent, issuer: str, subject: str) -> bytes:
    """Return what is kept of a subject, which may be somebody's address."""
    return agent.keyed_hash("subject", joined(issuer, subject))


def holder(work: Work, subject: bytes) -> Holder | None:
    """Return the live account of a subject, or None if there is none."""
    found = direct.first(work.connection, _SUBJECT, {"subject": subject, "now": work.micros})
    if found is None:
        return None
    return Holder(found[0], Role(found[1]), found[2], found[3], found[4])


def link(work: Work, account: str, subject: bytes) -> None:
    """Let a subject of the identity provider sign in as this account, or raise.

    NotFound if there is no such live account; Conflict if the subject is another's.
    """
    taken = select(accounts.c.id).where(accounts.c.subject == subject, accounts.c.id != account)
    if work.connection.scalar(taken) is not None:
        raise Conflict("This subject signs in as another account.")
    mine = (accounts.c.id == account) & accounts.c.active
    if not _changed(work, update(accounts).where(mine).values(subject=subject)):
        raise NotFound


def remove(work: Work, account: str) -> None:
    """End an account at once, or raise NotFound; its rows stay, for what it has done."""
    mine = (accounts.c.id == account) & accounts.c.active
    if not _changed(work, update(accounts).where(mine).values(active=False, subject=None)):
        raise NotFound


def is_live(work: Work, account: str) -> bool:
    """True if there is such an account, and it was not removed."""
    mine = select(accounts.c.id).where(accounts.c.id == account, accounts.c.active)
    return work.connection.scalar(mine) is not None


def require_officer(work: Work, account: str, branch: str | None) -> None:
    """Return if this is a live account that handles cases there, or raise InvalidInput."""
    if not is_officer(work, account, branch):
        raise InvalidInput("officer", "must be a live account of an officer of this branch")


def is_officer(work: Work, account: str, branch: str | None) -> bool:
    """True if this is a live account that handles cases there."""
    rows = select(accounts.c.role, accounts.c.branch).where(accounts.c.id == account)
    found = work.connection.execute(rows.where(accounts.c.active)).first()
    return found is not None and found.role in _HANDLES and branch in (None, found.branch)


def count_administrators(work: Work) -> int:
    """Return how many live accounts administer the node."""
    mine = (accounts.c.role == Role.ADMINISTRATOR) & accounts.c.active
    return work.connection.scalar(select(func.count()).where(mine)) or 0


def role_of(work: Work, account: str) -> Role | None:
    """Return the role of a live account, or None."""
    mine = (accounts.c.id == account) & accounts.c.active
    found = work.connection.scalar(select(accounts.c.role).where(mine))
    return None if found is None else Role(found)


def is_vetted(work: Work, account: str) -> bool:
    """True if an account may work with children now (P-20)."""
    until = work.connection.scalar(select(accounts.c.vetted_until).where(accounts.c.id == account))
    return until is not None and until > work.micros


def vet(work: Work, account: str, until: int) -> bool:
    """Set until when an account may work with children; False if there is no such account."""
    mine = accounts.c.id == account
    return _changed(work, update(accounts).where(mine).values(vetted_until=until))


def widen(work: Work, account: str, until: int | None, review_by: int | None) -> None:
    """Let an account read further until a moment, and be suspended from another on."""
    values = {"glass_until": until, "review_by": review_by}
    work.connection.execute(update(accounts).where(accounts.c.id == account).values(**values))


def branches_of(work: Work, ids: Sequence[str]) -> dict[str, str]:
    """Return the branch of each of these accounts; the node itself has none."""
    return {row.id: row.branch for row in _some(work, ids)}


def count_of(work: Work, ids: Sequence[str]) -> int:
    """Return how many of these are accounts whose name can be opened."""
    return sum(row.details is not None for row in _some(work, ids))


def names_of(work: Work, ids: Sequence[str]) -> dict[str, str]:
    """Open the names of these accounts' holders; an entry must stand before."""
    rows = [row for row in _some(work, ids) if row.details is not None]
    vault.load_keys(work, [row.id for row in rows], Half.REST)
    return {row.id: str(msgspec.json.decode(_opened(work, row, "details"))["name"]) for row in rows}


def put_family_names(work: Work, account: str, names: Sequence[str]) -> None:
    """Keep the family names that an account's holder gives, sealed; none take them back."""
    spot = Spot("accounts", "family_names", account, account)
    content = msgspec.json.encode(list(names))
    sealed = vault.sealed_value(work, spot, Half.REST, content) if names else None
    work.connection.execute(
        update(accounts).where(accounts.c.id == account).values(family_names=sealed)
    )


def with_family_names(work: Work, ids: Sequence[str]) -> list[str]:
    """Return which of these accounts have given family names."""
    return [row.id for row in _some(work, ids) if row.family_names is not None]


def family_names_of(work: Work, ids: Sequence[str]) -> dict[str, list[str]]:
    """Open the family names of these accounts' holders; an entry must stand before."""
    rows = [row for row in _some(work, ids) if row.family_names is not None]
    vault.load_keys(work, [row.id for row in rows], Half.REST)
    opened = {row.id: _opened(work, row, "family_names") for row in rows}
    return {account: decoded(names, list[str]) for account, names in opened.items()}


def remembered(work: Work, key: bytes) -> Remembered | None:
    """Return what this actor's idempotency key was used for within the last 24 hours."""
    rows = select(idempotency.c.body, idempotency.c.status, idempotency.c.result_id)
    rows = rows.where(idempotency.c.account_id == work.actor.id, idempotency.c.key == key)
    rows = rows.where(idempotency.c.at > work.micros - KEEP_MICROS)
    found = work.connection.execute(rows).first()
    return None if found is None else Remembered(found[0], found[1], found[2])


def remember(work: Work, key: bytes, kept: Remembered) -> None:
    """Keep what an idempotency key was used for, in place of one that has run out.

    A call at the same moment with the same key meets this one at the unique key, and fails whole.
    """
    mine = (idempotency.c.account_id == work.actor.id) & (idempotency.c.key == key)
    has_run_out = idempotency.c.at <= work.micros - KEEP_MICROS
    work.connection.execute(delete(idempotency).where(mine & has_run_out))
    values = {"account_id": work.actor.id, "key": key, "at": work.micros}
    kept_values = {"body": kept.body, "status": kept.status, "result_id": kept.result_id}
    work.connection.execute(insert(idempotency), values | kept_values)


def forget_keys(work: Work) -> None:
    """Delete idempotency keys that have run out."""
    old = idempotency.c.at <= work.micros - KEEP_MICROS
    work.connection.execute(delete(idempotency).where(old))


def _changed(work: Work, change: Update) -> bool:
    return work.connection.execute(change).rowcount == 1


def _some(work: Work, ids: Sequence[str]) -> list[Any]:
    wanted = select(accounts.c.id, accounts.c.branch, accounts.c.details, accounts.c.family_names)
    found: list[Any] = []
    for start in range(0, len(ids), 500):
        part = accounts.c.id.in_(ids[start : start + 500])
        found += work.connection.execute(wanted.where(part)).all()
    return found


def _opened(work: Work, row: Row[Any], column: str) -> bytes:
    sealed = SealedRow("accounts", row.id, row.id, {column: getattr(row, column)})
    return vault.open_logged(work, sealed, column, Half.REST)
