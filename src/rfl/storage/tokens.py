"""Table `tokens`: API tokens and short sign-ins. 256 random bits; only their SHA-256 is kept.

A token may be narrower than its account: for some purposes, or only for reading. One that was made
with another token ends with it.
"""

import hashlib
import secrets
from dataclasses import dataclass, field

from sqlalchemy import Boolean, Column, ForeignKey, String, Table, bindparam, insert, select, update

from rfl.domain.access import WHOLE, Role, Scope
from rfl.domain.ids import TokenId, new_id
from rfl.domain.purpose import Purpose
from rfl.storage import direct
from rfl.storage.accounts import accounts, is_trusted
from rfl.storage.columns import Digest, Id, Micros, metadata
from rfl.storage.work import Work

MARK = "rflt_"

tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True),
    Column("account_id", Id, ForeignKey("accounts.id"), nullable=False, index=True),
    Column("hash", Digest, nullable=False, unique=True),
    Column("expires_at", Micros, nullable=False),
    Column("revoked_at", Micros),
    Column("purposes", String(200)),
    Column("reads_only", Boolean, nullable=False),
    Column("made_with", Id, index=True),
    Column("made_at", Micros),
)

# Asked on every call, so it is built once.
_BEARER = (
    select(
        tokens.c.id,
        accounts.c.id,
        accounts.c.role,
        accounts.c.branch,
        accounts.c.vetted_until,
        accounts.c.glass_until,
        tokens.c.purposes,
        tokens.c.reads_only,
    )
    .join(accounts, accounts.c.id == tokens.c.account_id)
    .where(tokens.c.hash == bindparam("hash"))
    .where(tokens.c.expires_at > bindparam("now"))
    .where(tokens.c.revoked_at.is_(None))
    .where(accounts.c.active, is_trusted(bindparam("now")))
)


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whom a live token speaks for, and for how much."""

    token: str
    account: str
    role: Role
    branch: str
    vetted_until: int | None
    glass_until: int | None
    scope: Scope


@dataclass(frozen=True, slots=True)
class Live:
    """A token that still works, as its holder is shown it; `made_at` is None for the oldest."""

    id: str
    made_at: int | None
    ends_at: int
    scope: Scope


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, which is shown once, and the moment at which it ends."""

    id: str
    ends_at: int
    token: str = field(repr=False)


def issue(
    work: Work, account: str, ends_at: int, scope: Scope = WHOLE, made_with: str | None = None
) -> Issued:
    """Make a token for an account; `made_with`: the token with which it ends, at the latest."""
    root = None
    if made_with is not None:
        wanted = select(tokens.c.id, tokens.c.made_with, tokens.c.expires_at)
        found = work.connection.execute(wanted.where(tokens.c.id == made_with)).first()
        if found is not None:
            root, ends_at = found.made_with or found.id, min(ends_at, found.expires_at)
    token, token_id = MARK + secrets.token_urlsafe(32), TokenId(new_id("tok"))
    purposes = None if scope.purposes is None else ",".join(sorted(scope.purposes))
    values: dict[str, object] = {
        "id": token_id,
        "account_id": account,
        "hash": _hash(token),
        "expires_at": ends_at,
        "revoked_at": None,
        "purposes": purposes,
        "reads_only": scope.reads_only,
        "made_with": root,
        "made_at": work.micros,
    }
    work.connection.execute(insert(tokens), values)
    return Issued(token_id, ends_at, token)


def bearer(work: Work, token: str) -> Bearer | None:
    """Return whom the token speaks for, or None if it is unknown, expired or revoked."""
    found = direct.first(work.connection, _BEARER, {"hash": _hash(token), "now": work.micros})
    if found is None:
        return None
    scope = _scope(found[6], bool(found[7]))
    return Bearer(found[0], found[1], Role(found[2]), found[3], found[4], found[5], scope)


def revoke(work: Work, token_id: str) -> bool:
    """Revoke a token at once, and what was made with it; False if there is no such live token."""
    mine = (tokens.c.id == token_id) & tokens.c.revoked_at.is_(None)
    done = work.connection.execute(update(tokens).where(mine).values(revoked_at=work.micros))
    made = (tokens.c.made_with == token_id) & tokens.c.revoked_at.is_(None)
    work.connection.execute(update(tokens).where(made).values(revoked_at=work.micros))
    return done.rowcount == 1


def is_of(work: Work, token_id: str, account: str) -> bool:
    """True if a token is, or was, this account's."""
    mine = select(tokens.c.id).where(tokens.c.id == token_id, tokens.c.account_id == account)
    return work.connection.scalar(mine) is not None


def live(work: Work, account: str, most: int) -> list[Live]:
    """Return the tokens of an account that still work, the newest first, at most so many."""
    rows = select(
        *(tokens.c[name] for name in ("id", "made_at", "expires_at", "purposes", "reads_only"))
    )
    mine = (tokens.c.account_id == account) & tokens.c.revoked_at.is_(None)
    rows = rows.where(mine, tokens.c.expires_at > work.micros)
    rows = rows.order_by(tokens.c.made_at.desc().nulls_last(), tokens.c.id).limit(most)
    return [
        Live(row.id, row.made_at, row.expires_at, _scope(row.purposes, row.reads_only))
        for row in work.connection.execute(rows)
    ]


def revoke_all(work: Work, account: str, *, but: str | None = None) -> int:
    """Revoke every live token of an account, but for one if it is named; return how many."""
    mine = (tokens.c.account_id == account) & tokens.c.revoked_at.is_(None)
    if but is not None:
        mine &= tokens.c.id != but
    done = work.connection.execute(update(tokens).where(mine).values(revoked_at=work.micros))
    return int(done.rowcount)


def _scope(purposes: str | None, reads_only: bool) -> Scope:
    if purposes is None and not reads_only:
        return WHOLE
    given = None if purposes is None else frozenset(map(Purpose, filter(None, purposes.split(","))))
    return Scope(given, reads_only)


def _hash(token: str) -> bytes:
    """Return what is kept of a token. It has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(token.encode("utf-8")).digest()
