"""Table `logins`: names, passwords and codes of built-in accounts, and invitations to have them.

A name is kept as a keyed hash, a password as argon2id of one. The secret of the one-time codes is
not kept: it is derived from `code_salt` by the key that never lies with the database.
"""

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass, field

from sqlalchemy import BigInteger, Column, ForeignKey, String, Table, insert, select, update

from rfl.crypto.agent import KeyAgent
from rfl.crypto.framing import joined
from rfl.domain.access import Role
from rfl.errors import Conflict
from rfl.storage.accounts import accounts
from rfl.storage.columns import Digest, Id, Micros, metadata
from rfl.storage.work import Work

MARK = "rfli_"
DEVICE_MARK = "rfld_"
DEVICE_DAYS = 180

logins = Table(
    "logins",
    metadata,
    Column("account_id", Id, ForeignKey("accounts.id"), primary_key=True),
    Column("name", Digest, unique=True),
    Column("password", String(200)),
    Column("code_salt", Digest),
    Column("last_step", BigInteger),
    Column("invitation", Digest, unique=True),
    Column("invited_until", Micros),
)


@dataclass(frozen=True, slots=True)
class Login:
    """The login of a live account."""

    account: str
    role: Role
    branch: str
    password: str = field(repr=False)
    code_salt: bytes = field(repr=False)


def name_hash(agent: KeyAgent, name: str) -> bytes:
    """Return what is kept of a name, in whatever case and form it is written."""
    plain = unicodedata.normalize("NFKC", name).casefold().strip()
    return agent.keyed_hash("login-name", plain.encode("utf-8", "replace"))


def password_hash(agent: KeyAgent, account: str, password: str) -> bytes:
    """Return what of a password is hashed further: bound to the account and the node's keys."""
    framed = account.encode("ascii") + b"\0" + password.encode("utf-8", "replace")
    return agent.keyed_hash("password", framed)


def code_secret(agent: KeyAgent, login: Login) -> bytes:
    """Return what the secret of the one-time codes is made of."""
    return agent.keyed_hash("one-time-code", login.account.encode("ascii") + login.code_salt)


def device_mark(agent: KeyAgent, login: Login, until: int) -> str:
    """Return the mark of a device on which this login was used; a new salt ends it."""
    framed = joined(login.account, login.code_salt.hex(), str(until))
    return f"{DEVICE_MARK}{until}_{agent.keyed_hash('device', framed).hex()}"


def device_hash(agent: KeyAgent, device: str) -> bytes:
    """Return what stands for a device where tries are counted."""
    return agent.keyed_hash("device-tries", device.encode("utf-8", "replace"))


def find(work: Work, name: bytes) -> Login | None:
    """Return the login of a live account by its name's keyed hash."""
    rows = (
        select(accounts.c.role, accounts.c.branch, logins)
        .join(accounts, accounts.c.id == logins.c.account_id)
        .where(logins.c.name == name, accounts.c.active)
    )
    row = work.connection.execute(rows).first()
    if row is None:
        return None
    return Login(row.account_id, Role(row.role), row.branch, row.password, bytes(row.code_salt))


def invite(work: Work, account: str, until: int) -> str:
    """Keep an invitation in the place of an earlier one; return it, to be shown once."""
    invitation = MARK + secrets.token_urlsafe(32)
    values = {"invitation": _hash(invitation), "invited_until": until}
    mine = update(logins).where(logins.c.account_id == account)
    if not work.connection.execute(mine.values(values)).rowcount:
        work.connection.execute(insert(logins), {"account_id": account, **values})
    return invitation


def invited(work: Work, invitation: str) -> str | None:
    """Return the live account that an invitation is for, or None if it is none or too late."""
    rows = (
        select(logins.c.account_id)
        .join(accounts, accounts.c.id == logins.c.account_id)
        .where(logins.c.invitation == _hash(invitation), accounts.c.active)
        .where(logins.c.invited_until > work.micros)
    )
    return work.connection.scalar(rows)


def put(work: Work, account: str, name: bytes, password: str) -> Login:
    """Keep name and password, use the invitation up, and return the login with a new salt."""
    taken = select(logins.c.account_id).where(logins.c.name == name)
    if work.connection.scalar(taken.where(logins.c.account_id != account)) is not None:
        raise Conflict("Choose another name.", field="name")
    salt = secrets.token_bytes(32)
    values = {"name": name, "password": password, "code_salt": salt, "last_step": 0}
    used = {"invitation": None, "invited_until": None}
    mine = update(logins).where(logins.c.account_id == account)
    work.connection.execute(mine.values(values | used))
    who = select(accounts.c.role, accounts.c.branch).where(accounts.c.id == account)
    row = work.connection.execute(who).one()
    return Login(account, Role(row.role), row.branch, password, salt)


def renew(work: Work, login: Login, password: str) -> bool:
    """Keep another hash in the place of the one that was read; False if that was changed since."""
    mine = (logins.c.account_id == login.account) & (logins.c.password == login.password)
    kept = work.connection.execute(update(logins).where(mine).values(password=password))
    return kept.rowcount == 1


def use_step(work: Work, account: str, step: int) -> bool:
    """Keep the step of a one-time code; False if it, or a later one, was used before."""
    mine = (logins.c.account_id == account) & (logins.c.last_step < step)
    return work.connection.execute(update(logins).where(mine).values(last_step=step)).rowcount == 1


def _hash(invitation: str) -> bytes:
    return hashlib.sha256(invitation.encode("utf-8")).digest()
