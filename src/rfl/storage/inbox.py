"""Tables `inbox`, `hop_nonces`, `witness_mail`: what came from other societies.

Id and digest of an envelope are kept until its end and both sides' backup horizon have passed;
after that the stream's head refuses a repeat. Neither names a case.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)

from rfl.storage import direct
from rfl.storage.arrays import longs, texts
from rfl.storage.columns import Code, Digest, Id, Micros, insert_many, metadata
from rfl.storage.work import Work

PARKED = "parked"
_STAYS = "status = 'parked'"

inbox = Table(
    "inbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("peer", Code, nullable=False),
    Column("stream", SmallInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("digest", Digest, nullable=False),
    Column("status", Code, nullable=False),
    Column("reason", Code),
    Column("receipt", LargeBinary, nullable=False),
    Column("body", LargeBinary),
    Column("at", Micros, nullable=False),
    Column("expires_at", Micros, nullable=False),
    Index("uq_inbox_peer_stream_epoch_seq", "peer", "stream", "epoch", "seq", unique=True),
    Index(
        "ix_inbox_parked",
        *("peer", "stream", "epoch", "seq"),
        postgresql_where=text(_STAYS),
        sqlite_where=text(_STAYS),
    ),
    # Few are refused, so that this costs the others nothing.
    Index(
        "ix_inbox_refused",
        *("peer", "reason"),
        postgresql_where=text("reason IS NOT NULL"),
        sqlite_where=text("reason IS NOT NULL"),
    ),
    Index("ix_inbox_ends", "peer", "expires_at"),
)

witness_mail = Table(
    "witness_mail",
    metadata,
    Column("id", Id, primary_key=True),
    Column("peer", Code, nullable=False),
    Column("type", Code, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("at", Micros, nullable=False),
)

hop_nonces = Table(
    "hop_nonces",
    metadata,
    Column("kid", String(64), primary_key=True),
    Column("nonce", String(64), primary_key=True),
    Column("at", Micros, nullable=False, index=True),
)


@dataclass(frozen=True, slots=True)
class Taken:
    """An envelope that was taken before: its digest and the receipt that was given for it."""

    id: str
    peer: str
    digest: bytes
    status: str
    receipt: bytes
    body: bytes | None


# Said in the statement's own words: else no database sees that an index holds just these rows.
_PARKED = inbox.c.status == literal_column("'parked'")
_BY_ID = select(inbox).where(inbox.c.id == bindparam("id"))
_AMONG = "SELECT id, peer, digest, status, receipt, body FROM inbox WHERE id = ANY(%s)"
_FORGET_NONCES = delete(hop_nonces).where(hop_nonces.c.at < bindparam("before"))
_KEEP_NONCE = "INSERT INTO hop_nonces (kid, nonce, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
_KEEP_NONCES = """
INSERT INTO hop_nonces (kid, nonce, at)
SELECT kid, nonce, %s FROM unnest(%s, %s) AS given (kid, nonce) ON CONFLICT DO NOTHING
"""
_COUNT_PARKED = select(func.count().label("count")).where(
    _PARKED, inbox.c.peer == bindparam("of"), inbox.c.stream == bindparam("at")
)
_COUNT_EACH = """
SELECT stream, count(*) FROM inbox
WHERE status = 'parked' AND peer = %s AND stream = ANY(%s) GROUP BY stream
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """An envelope to keep. `body` stays only while it is parked."""

    id: str
    peer: str
    stream: int
    epoch: int
    seq: int
    digest: bytes
    status: str
    reason: str | None
    receipt: bytes
    body: bytes | None
    expires_at: int


@dataclass(frozen=True, slots=True)
class Mail:
    """A message about a log, of its type of letter, from a peer."""

    id: str
    peer: str
    type: str
    message: bytes


def taken(work: Work, envelope_id: str) -> Taken | None:
    """Return what is kept of an envelope of this id, or None."""
    found = direct.first(work.connection, _BY_ID, {"id": envelope_id})
    return None if found is None else _taken(found)


def taken_among(work: Work, envelope_ids: Sequence[str]) -> list[Taken]:
    """Return what is kept of envelopes of these ids."""
    if not _is_sqlite(work):
        rows = direct.rows(work.connection, *asks_taken(envelope_ids))
        return [Taken(*row) for row in rows]
    return [found for found in (taken(work, one) for one in envelope_ids) if found is not None]


def asks_taken(envelope_ids: Sequence[str]) -> direct.Words:
    """Return PostgreSQL's question of `taken_among`, to be asked ahead."""
    return _AMONG, (texts(envelope_ids),)


def at_place(work: Work, peer: str, stream: int, epoch: int, seq: int) -> Taken | None:
    """Return what stands at a place of a stream, parked or done, or None."""
    mine = (inbox.c.peer == peer) & (inbox.c.stream == stream)
    mine &= (inbox.c.epoch == epoch) & (inbox.c.seq == seq)
    found = work.connection.execute(select(inbox).where(mine)).first()
    return None if found is None else _taken(found)


def keep_all(work: Work, arrived: Sequence[Arrived]) -> None:
    """Keep ids, places, digests and receipts of envelopes."""
    rows = [{name: getattr(one, name) for name in Arrived.__slots__} for one in arrived]
    # The drivers are given plain text: psycopg would write an enum's name.
    plain = [row | {"status": str(row["status"]), "at": work.micros} for row in rows]
    insert_many(work.connection, inbox, plain)


def unpark(work: Work, envelope_id: str, status: str, reason: str | None, receipt: bytes) -> None:
    """Put the receipt of an envelope that has taken effect in place of that of a parked one."""
    values = {"status": status, "reason": reason, "receipt": receipt, "body": None}
    work.connection.execute(update(inbox).where(inbox.c.id == envelope_id).values(**values))


def passed(work: Work, peer: str) -> list[tuple[str, bytes, str, int]]:
    """Return id, digest, what the receipt says, and when it came, of each that a peer has sent."""
    said = (inbox.c.id, inbox.c.digest, inbox.c.status, inbox.c.at)
    rows = select(*said).where(inbox.c.peer == peer).order_by(inbox.c.at, inbox.c.id)
    return [tuple(row) for row in work.connection.execute(rows)]


def parked(work: Work, peer: str, stream: int) -> int:
    """Return how many envelopes of a stream wait for what is before them."""
    found = direct.first(work.connection, _COUNT_PARKED, {"of": peer, "at": stream})
    return int(found.count)


def parked_in(work: Work, peer: str, streams: Collection[int]) -> dict[int, int]:
    """Return how many envelopes of each of these streams wait for what is before them."""
    if not _is_sqlite(work):
        rows = direct.rows(work.connection, *asks_parked(peer, streams))
        return dict.fromkeys(streams, 0) | dict(rows)
    return {one: parked(work, peer, one) for one in streams}


def asks_parked(peer: str, streams: Collection[int]) -> direct.Words:
    """Return PostgreSQL's question of `parked_in`, to be asked ahead."""
    return _COUNT_EACH, (peer, longs(sorted(streams)))


def left_behind(work: Work, peer: str, stream: int, epoch: int) -> list[Taken]:
    """Return what is parked in epochs that a stream has left; what it waits for never comes."""
    mine = (inbox.c.peer == peer) & (inbox.c.stream == stream) & _PARKED
    rows = select(inbox).where(mine, inbox.c.epoch < epoch).order_by(inbox.c.epoch, inbox.c.seq)
    return [_taken(row) for row in work.connection.execute(rows)]


def refused(work: Work, peer: str, reason: str) -> int:
    """Return how many kept envelopes of a peer were refused for this reason."""
    mine = (inbox.c.peer == peer) & (inbox.c.reason == reason)
    return work.connection.scalar(select(func.count()).select_from(inbox).where(mine)) or 0


def forget(work: Work, peer: str, ended_before: int) -> int:
    """Forget envelopes that nobody can send again; the stream's head refuses a repeat for ever."""
    over = (inbox.c.peer == peer) & (inbox.c.expires_at < ended_before)
    return work.connection.execute(delete(inbox).where(over)).rowcount


def keep_mail(work: Work, mail: Mail) -> None:
    """Keep a message about a log until it is answered outside this transaction.

    It comes after all that wait, whatever the clock says: an earlier checkpoint that is answered
    after a later one looks like a log that has shrunk.
    """
    values = {name: getattr(mail, name) for name in Mail.__slots__}
    last = work.connection.scalar(select(func.max(witness_mail.c.at))) or 0
    at = max(work.micros, last + 1)
    work.connection.execute(insert(witness_mail), values | {"at": at})


def mail(work: Work) -> list[Mail]:
    """Return the messages about logs that wait, the oldest first."""
    rows = select(*(witness_mail.c[name] for name in Mail.__slots__))
    rows = rows.order_by(witness_mail.c.at, witness_mail.c.id)
    return [Mail(*row) for row in work.connection.execute(rows)]


def drop_mail(work: Work, mail_id: str) -> bool:
    """Say that a message about a log was dealt with; False if another has done it."""
    mine = witness_mail.c.id == mail_id
    return work.connection.execute(delete(witness_mail).where(mine)).rowcount == 1


def forget_nonces(work: Work, before: int) -> None:
    """Forget the nonces of hops that are too old to be believed anyway."""
    direct.changed(work.connection, _FORGET_NONCES, {"before": before})


def are_new_nonces(work: Work, nonces: Sequence[tuple[str, str]]) -> bool:
    """Keep nonces of hops, each with the id of its key, and tell whether all of them are new."""
    if _is_sqlite(work):
        return all(
            direct.executed(work.connection, _KEEP_NONCE, (*one, work.micros)) for one in nonces
        )
    return direct.executed(work.connection, *keeps_nonces(work, nonces)) == len(nonces)


def keeps_nonces(work: Work, nonces: Sequence[tuple[str, str]]) -> direct.Words:
    """Return what `are_new_nonces` tells PostgreSQL, to be told ahead."""
    kids, words = (texts(list(some)) for some in zip(*nonces, strict=True))
    return _KEEP_NONCES, (work.micros, kids, words)


def _is_sqlite(work: Work) -> bool:
    return work.connection.dialect.name == "sqlite"


def _taken(found: object) -> Taken:
    return Taken(**{name: getattr(found, name) for name in Taken.__slots__})
