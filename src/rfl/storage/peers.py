"""Tables `peers` and `own_keys`: societies that this one writes to, and its own keys for it.

A descriptor is public. What people decided about a peer stands beside it: whether its fingerprint
was compared, until when its data protection is assessed (P-16), whether it is at risk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import (
    Boolean,
    Column,
    Integer,
    LargeBinary,
    String,
    Table,
    bindparam,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.sql import ColumnElement

from rfl.errors import Conflict, NotFound
from rfl.storage import direct
from rfl.storage.columns import Code, Id, Micros, metadata
from rfl.storage.work import Work

REST = 600 * 1_000_000
"""How long what a peer is owed rests after a trial that failed."""

HEARD_AGAIN = 1_000_000


class PeerState(StrEnum):
    """A peer is added, then trusted; only a trusted one is written to or read."""

    ADDED = "added"
    TRUSTED = "trusted"
    SUSPENDED = "suspended"
    REMOVED = "removed"


peers = Table(
    "peers",
    metadata,
    Column("code", Code, primary_key=True),
    Column("state", Code, nullable=False),
    Column("descriptor", LargeBinary, nullable=False),
    Column("introduced_by", Code),
    Column("trusted_by", Id),
    Column("trusted_at", Micros),
    Column("assessed_until", Micros),
    Column("at_risk", Boolean, nullable=False),
    Column("daily_limit", Integer, nullable=False),
    Column("heard_at", Micros),
    Column("untold_at", Micros),
    Column("version", Integer, nullable=False),
    Column("introduces", Code),
    Column("introduced_at", Micros),
    Column("introduced_until", Micros),
)

own_keys = Table(
    "own_keys",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("name", Code, nullable=False),
    Column("number", Integer, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("not_after", Micros, nullable=False),
    Column("destroyed_at", Micros),
    Column("mode", Code),
)


@dataclass(frozen=True, slots=True)
class PeerRow:
    """A peer as it is kept; times in microseconds since 1970."""

    code: str
    state: PeerState
    descriptor: bytes
    introduced_by: str | None
    trusted_by: str | None
    trusted_at: int | None
    assessed_until: int | None
    at_risk: bool
    daily_limit: int
    heard_at: int | None
    version: int
    introduces: str | None = None
    introduced_at: int | None = None
    introduced_until: int | None = None

    def is_trusted(self, now: int) -> bool:
        """True if people trust it, or an introduction that holds now does."""
        if self.state is not PeerState.TRUSTED:
            return False
        return self.trusted_by is not None or (self.introduced_until or 0) > now


@dataclass(frozen=True, slots=True)
class OwnKey:
    """A key of this node: its id, the name and number it has in the keyring, and its end."""

    kid: str
    name: str
    number: int
    not_after: int
    destroyed_at: int | None = None
    mode: str | None = None


# Made once: each letter and each call asks for them.
_PEER = select(peers).where(peers.c.code == bindparam("of"))
_EVERY = select(peers).order_by(peers.c.code)
# Calls that a peer makes at once would wait here for one another's commit: so it is noted once a
# second, and again after the clock was set back.
_HEARD = (
    update(peers)
    .where(peers.c.code == bindparam("of"))
    .where(
        peers.c.heard_at.is_(None)
        | (peers.c.heard_at < bindparam("lately"))
        | (peers.c.heard_at > bindparam("now"))
    )
    .values(heard_at=bindparam("now"))
)
_OWN = select(*(own_keys.c[name] for name in OwnKey.__slots__)).order_by(
    own_keys.c.created_at, own_keys.c.kid
)
ASKS_OWN: direct.Asked = (_OWN, {})
"""The question of `own`, to be asked ahead."""


def add(work: Work, row: PeerRow) -> None:
    """Keep a new peer, also in place of one that was removed or not trusted yet, or Conflict."""
    before = find(work, row.code)
    if before is not None and before.state not in (PeerState.ADDED, PeerState.REMOVED):
        raise Conflict("A peer of this code is known already: remove it first.")
    work.connection.execute(delete(peers).where(peers.c.code == row.code))
    values = {name: getattr(row, name) for name in PeerRow.__slots__}
    work.connection.execute(insert(peers), values)


def asks(code: str) -> direct.Asked:
    """Return the question of `find`, to be asked ahead."""
    return _PEER, {"of": code}


def find(work: Work, code: str) -> PeerRow | None:
    """Return a peer, or None."""
    found = direct.first(work.connection, *asks(code))
    return None if found is None else _peer(found)


def load(work: Work, code: str) -> PeerRow:
    """Return a peer, or raise NotFound."""
    found = find(work, code)
    if found is None:
        raise NotFound
    return found


def every(work: Work) -> list[PeerRow]:
    """Return all peers by code."""
    return [_peer(row) for row in direct.every(work.connection, _EVERY, {})]


def change(work: Work, row: PeerRow, **values: object) -> None:
    """Change a peer that still has this version, or raise Conflict."""
    mine = (peers.c.code == row.code) & (peers.c.version == row.version)
    done = work.connection.execute(
        update(peers).where(mine).values(version=row.version + 1, **values)
    )
    if done.rowcount != 1:
        raise Conflict("The peer was changed meanwhile: look again.")


def end_introductions(work: Work, by: str | None = None) -> list[str]:
    """Let those go that are trusted by introduction alone: by one peer, or where it has ended.

    Return their codes. They stay known, for people to compare their digits.
    """
    mine = (peers.c.state == PeerState.TRUSTED) & peers.c.trusted_by.is_(None)
    mine &= peers.c.introduced_by == by if by else peers.c.introduced_until <= work.micros
    codes = list(work.connection.scalars(select(peers.c.code).where(mine).order_by(peers.c.code)))
    values = {"state": PeerState.ADDED, "version": peers.c.version + 1, "introduced_until": None}
    work.connection.execute(update(peers).where(peers.c.code.in_(codes)).values(**values))
    return codes


def hears(work: Work, code: str) -> direct.Change:
    """Return what notes when a peer was last heard with a true signature, to the second."""
    return _HEARD, {"of": code, "now": work.micros, "lately": work.micros - HEARD_AGAIN}


def rest(work: Work, code: str) -> None:
    """Note that a peer cannot be written to now: what it is owed rests for a while."""
    mine = peers.c.code == code
    work.connection.execute(update(peers).where(mine).values(untold_at=work.micros))


def not_resting(work: Work, peer: ColumnElement[str]) -> ColumnElement[bool]:
    """Return the condition that a peer in this column may be tried now."""
    resting = select(peers.c.code).where(peers.c.untold_at > work.micros - REST)
    return peer.not_in(resting)


def keep_own(work: Work, key: OwnKey) -> None:
    """Keep a key of this node."""
    values = {name: getattr(key, name) for name in OwnKey.__slots__}
    work.connection.execute(insert(own_keys), values | {"created_at": work.micros})


def own(work: Work) -> Sequence[OwnKey]:
    """Return the node's keys, the oldest first, destroyed ones too."""
    return [OwnKey(*row) for row in direct.every(work.connection, *ASKS_OWN)]


def end_own(work: Work, kid: str) -> None:
    """Let a key end now, before its time."""
    mine = own_keys.c.kid == kid
    work.connection.execute(update(own_keys).where(mine).values(not_after=work.micros))


def bind_own(work: Work, mode: str) -> None:
    """Say that the node's keys are of this mode; those that are bound stay of theirs."""
    free = update(own_keys).where(own_keys.c.mode.is_(None))
    work.connection.execute(free.values(mode=mode))


def own_destroyed(work: Work, kid: str) -> None:
    """Note that the private half of a key is gone."""
    gone = update(own_keys).where(own_keys.c.kid == kid)
    work.connection.execute(gone.values(destroyed_at=work.micros))


def _peer(found: object) -> PeerRow:
    values = {name: getattr(found, name) for name in PeerRow.__slots__}
    told = {"state": PeerState(values["state"]), "at_risk": bool(values["at_risk"])}
    return PeerRow(**values | told)
