"""Tables `in_streams`, `inbox`, `hop_nonces`, `witness_mail`: what came from other societies.

Id and digest of an envelope are kept until its end and both sides' backup horizon have passed;
after that the stream's head refuses a repeat. Neither names a case.
"""

from collections.abc import Sequence
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
from rfl.storage.columns import Code, Digest, Id, Micros, insert_many, metadata
from rfl.storage.locks import held
from rfl.storage.work import Work

PARKED = "parked"
_STAYS = "status = 'parked'"

in_streams = Table(
    "in_streams",
    metadata,
    Column("peer", Code, primary_key=True),
    Column("stream", SmallInteger, primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("digest", Digest, nullable=False),
)

_MINE = (in_streams.c.peer == bindparam("of")) & (in_streams.c.stream == bindparam("at"))
_HEAD = select(in_streams).where(_MINE).with_for_update()
_MOVE = (
    update(in_streams)
    .where(_MINE)
    .values(epoch=bindparam("to_epoch"), seq=bindparam("to_seq"), digest=bindparam("to_digest"))
)

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

# Said in the statement's own words: else no database sees that an index holds just these rows.
_PARKED = inbox.c.status == literal_column("'parked'")
_BY_ID = select(inbox).where(inbox.c.id == bindparam("id"))
_FORGET_NONCES = delete(hop_nonces).where(hop_nonces.c.at < bindparam("before"))
_KEEP_NONCE = (
    "INSERT INTO hop_nonces (kid, nonce, at) VALUES ({0}, {0}, {0}) ON CONFLICT DO NOTHING"
)
_COUNT_PARKED = select(func.count().label("count")).where(
    _PARKED, inbox.c.peer == bindparam("of"), inbox.c.stream == bindparam("at")
)


@dataclass(frozen=True, slots=True)
class Head:
    """The last place of a stream that took effect, and SHA-256 of the envelope that stood there."""

    epoch: int
    seq: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """An envelope that was taken before: its digest and the receipt that was given for it."""

    id: str
    peer: str
    digest: bytes
    status: str
    receipt: bytes
    body: bytes | None


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


def head(work: Work, peer: str, stream: int) -> Head:
    """Return how far a stream has come; the stream is held until the commit."""
    found = held(work, _HEAD, {"of": peer, "at": stream}, f"rfl in {peer} {stream}")
    if found is None:
        return Head(1, 0, bytes(32))
    return Head(found.epoch, found.seq, bytes(found.digest))


def move_head(work: Work, peer: str, stream: int, to: Head) -> None:
    """Say that a stream has come further."""
    moved = {"to_epoch": to.epoch, "to_seq": to.seq, "to_digest": to.digest}
    if not direct.changed(work.connection, _MOVE, moved | {"of": peer, "at": stream}):
        values = {"epoch": to.epoch, "seq": to.seq, "digest": to.digest}
        work.connection.execute(insert(in_streams), values | {"peer": peer, "stream": stream})


def taken(work: Work, envelope_id: str) -> Taken | None:
    """Return what is kept of an envelope of this id, or None."""
    found = direct.first(work.connection, _BY_ID, {"id": envelope_id})
    return None if found is None else _taken(found)


def taken_among(work: Work, envelope_ids: Sequence[str]) -> list[Taken]:
    """Return what is kept of envelopes of these ids."""
    if len(envelope_ids) == 1:
        return [
            _taken(row) for row in direct.every(work.connection, _BY_ID, {"id": envelope_ids[0]})
        ]
    rows = work.connection.execute(select(inbox).where(inbox.c.id.in_(envelope_ids)))
    return [_taken(row) for row in rows]


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


def left_behind(work: Work, peer: str, stream: int, epoch: int) -> list[Taken]:
    """Return what is parked in epochs that a stream has left; what it waits for never comes."""
    mine = (inbox.c.peer == peer) & (inbox.c.stream == stream) & _PARKED
    rows = select(inbox).where(mine, inbox.c.epoch < epoch).order_by(inbox.c.epoch, inbox.c.seq)
    return [_taken(row) for row in work.connection.execute(rows)]


def heads(work: Work, peer: str) -> dict[int, tuple[int, int]]:
    """Return epoch and place of the last that took effect, for each stream of a peer."""
    rows = select(in_streams).where(in_streams.c.peer == peer).order_by(in_streams.c.stream)
    return {row.stream: (row.epoch, row.seq) for row in work.connection.execute(rows)}


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


def is_new_nonce(work: Work, kid: str, nonce: str) -> bool:
    """Keep a nonce of a hop and tell whether it is new."""
    mark = "?" if work.connection.dialect.name == "sqlite" else "%s"
    kept = _KEEP_NONCE.format(mark)
    return direct.executed(work.connection, kept, (kid, nonce, work.micros)) == 1


def _taken(found: object) -> Taken:
    return Taken(**{name: getattr(found, name) for name in Taken.__slots__})
