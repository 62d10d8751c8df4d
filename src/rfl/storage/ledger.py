"""Tables `ledger`, `ledger_objects` and `ledger_waiting`: entries of the access log, in the
flow's transaction.

Rows of the first two are only ever inserted. `body` is the entry's bytes, which the tree is made
of; the other columns repeat parts of it for searching. Accounts, actions and log ids stand there
as keys of eight bytes, which an index takes half the room for; whoever asks by them compares the
body too (decision 0011). A row of `ledger_waiting` says that its
entry has no place in the tree yet (decision 0009).
"""

import hashlib
from collections.abc import Iterator, Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    bindparam,
    delete,
    false,
    func,
    insert,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from rfl.domain.entry import Decision, Entry, from_bytes, written_time
from rfl.domain.groups import Group
from rfl.storage.columns import Code, Micros, Serial, insert_many, insert_numbered, metadata
from rfl.storage.work import Work

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("at", Micros, nullable=False),
    Column("actor", BigInteger, nullable=False),
    Column("action", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("denied", Boolean, nullable=False, server_default=false()),
    Column("peer", Code),
    Index("ix_ledger_at", "at"),
    Index("ix_ledger_actor_at", "actor", "at"),
    Index("ix_ledger_action_at", "action", "at"),
    # Few entries are refusals or name a peer, so these two cost the others nothing.
    Index(
        "ix_ledger_denied_at",
        "at",
        postgresql_where=text("denied"),
        sqlite_where=text("denied = 1"),
    ),
    Index(
        "ix_ledger_peer_at",
        "peer",
        "at",
        postgresql_where=text("peer IS NOT NULL"),
        sqlite_where=text("peer IS NOT NULL"),
    ),
)

_INSERT = (
    insert(ledger)
    .values(
        at=bindparam("at"),
        actor=bindparam("actor"),
        action=bindparam("action"),
        body=bindparam("body"),
        denied=bindparam("denied"),
        peer=bindparam("peer"),
    )
    .returning(ledger.c.seq)
)

ledger_objects = Table(
    "ledger_objects",
    metadata,
    Column("log_id", BigInteger, primary_key=True, autoincrement=False),
    # No foreign key: without an index of its own, which entries cannot afford, each body that
    # expires would make the database read this whole table.
    Column("seq", Serial, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

ledger_waiting = Table(
    "ledger_waiting",
    metadata,
    Column("seq", Serial, ForeignKey("ledger.seq"), primary_key=True, autoincrement=False),
)

LOOSE_LOG = (ledger_waiting, ledger_objects, ledger)

# PostgreSQL inserts both rows in one statement: a third of an entry's time is its round trips.
_ENTRY = _INSERT.cte("entry")
_WAITING = insert(ledger_waiting).from_select(["seq"], select(_ENTRY.c.seq)).cte("waiting")
_UNNESTED = func.unnest(bindparam("log_ids", type_=ARRAY(BigInteger)))
_NAMES = _UNNESTED.table_valued("log_id").render_derived()
_EACH = select(_NAMES.c.log_id, _ENTRY.c.seq).select_from(_ENTRY.join(_NAMES, true()))
_NAMED = insert(ledger_objects).from_select(["log_id", "seq"], _EACH).cte("named")
# PostgreSQL takes an entry with all that belongs to it in one round trip.
_INSERT_ALL = select(_ENTRY.c.seq).add_cte(_WAITING, _NAMED)

_GONE = delete(ledger_waiting).where(ledger_waiting.c.seq.in_(bindparam("taken", expanding=True)))


def search_key(word: str) -> int:
    """Return the key of an account, action or log id: the first 64 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(word.encode("utf-8")).digest()[:8], "big", signed=True)


def append(
    work: Work,
    *,
    objects: Sequence[str] = (),
    groups: Sequence[Group] = (),
    count: int = 0,
    decision: Decision = Decision.ALLOWED,
    reason: str | None = None,
) -> Entry:
    """Write one entry about this work; it is kept if the work commits, and only then."""
    entry = Entry(
        at=written_time(work.now),
        actor=work.actor.id,
        role=work.actor.role,
        session=work.actor.session,
        client=work.actor.client,
        action=work.verb,
        purpose=work.purpose,
        basis=work.basis,
        objects=tuple(objects),
        count=count,
        groups=tuple(groups),
        decision=decision,
        reason=reason,
        policy=work.policy,
        request=work.request,
        peer=work.peer,
    )
    enter(work.connection, entry, work.micros)
    work.entries += 1
    return entry


def about(work: Work, log_id: str) -> list[bytes]:
    """Return the bodies of the entries that have this log id's key, oldest first."""
    rows = (
        select(ledger.c.body)
        .join(ledger_objects, ledger_objects.c.seq == ledger.c.seq)
        .where(ledger_objects.c.log_id == search_key(log_id))
        .where(ledger.c.body.is_not(None))
        .order_by(ledger.c.seq)
    )
    return list(work.connection.scalars(rows))


def rows_about(work: Work, log_id: str) -> list[int]:
    """Return the rows' numbers of the entries that name this log id, oldest first."""
    mine = ledger_objects.c.log_id == search_key(log_id)
    return list(work.connection.scalars(select(ledger_objects.c.seq).where(mine)))


def latest(work: Work, limit: int) -> list[bytes]:
    """Return the newest entries' bodies, newest first."""
    there = ledger.c.body.is_not(None)
    rows = select(ledger.c.body).where(there).order_by(ledger.c.seq.desc()).limit(limit)
    return list(work.connection.scalars(rows))


def between(work: Work, start: int, end: int) -> Iterator[bytes]:
    """Yield the bodies of the entries of a time."""
    rows = select(ledger.c.body).where(ledger.c.at >= start, ledger.c.at < end)
    streamed = rows.execution_options(stream_results=True, yield_per=2_000)
    yield from work.connection.execute(streamed).scalars()


def anything_waits(work: Work) -> bool:
    """True if an entry has no place in the tree yet."""
    return work.connection.scalar(select(ledger_waiting.c.seq).limit(1)) is not None


def take_waiting(work: Work, limit: int) -> list[tuple[int, bytes]]:
    """Return numbers and bodies of the next entries without a place; they wait no longer.

    The caller holds the tree's lock. Nothing is skipped by number: what commits late, waits late.
    """
    rows = (
        select(ledger.c.seq, ledger.c.body)
        .join(ledger_waiting, ledger_waiting.c.seq == ledger.c.seq)
        .order_by(ledger_waiting.c.seq)
        .limit(limit)
    )
    taken = [(int(seq), bytes(body)) for seq, body in work.connection.execute(rows)]
    if taken:
        work.connection.execute(_GONE, {"taken": [seq for seq, _body in taken]})
    return taken


def bodies(work: Work, seqs: Sequence[int]) -> dict[int, bytes]:
    """Return the bodies of these rows, by number; a row that is not there is left out.

    Where a hand has put text in place of bytes, as SQLite lets it, the text's bytes are returned.
    """
    rows = select(ledger.c.seq, ledger.c.body).where(ledger.c.seq.in_(seqs))
    return {
        int(seq): body.encode() if isinstance(body, str) else bytes(body)
        for seq, body in work.connection.execute(rows)
    }


def set_aside(work: Work) -> list[tuple[int, bytes]]:
    """Take the entries out of a database that holds nothing else, to be put back behind others."""
    rows = select(ledger.c.at, ledger.c.body).order_by(ledger.c.seq)
    found = [(int(at), bytes(body)) for at, body in work.connection.execute(rows)]
    for table in LOOSE_LOG:
        work.connection.execute(delete(table))
    return found


def put_back(work: Work, entries: Sequence[tuple[int, bytes]]) -> None:
    """Keep entries that were set aside, after those that are there by now."""
    for at, body in entries:
        enter(work.connection, from_bytes(body), at)


def enter(connection: Connection, entry: Entry, at: int) -> None:
    """Insert an entry that was made elsewhere; flows use `append`."""
    row, log_ids = _row(entry, at), _log_keys(entry)
    if connection.dialect.name == "postgresql":
        connection.execute(_INSERT_ALL, row | {"log_ids": log_ids})
        return
    seq = insert_numbered(connection, ledger, row)
    insert_many(connection, ledger_waiting, [{"seq": seq}])
    named = [{"log_id": log_id, "seq": seq} for log_id in log_ids]
    insert_many(connection, ledger_objects, named)


def enter_many(connection: Connection, entries: Sequence[Entry], at: int) -> None:
    """Insert many entries of one moment at once, as where a whole log is carried over."""
    numbered = list(zip(_next_numbers(connection, len(entries)), entries, strict=True))
    insert_many(connection, ledger, [{"seq": seq, **_row(one, at)} for seq, one in numbered])
    insert_many(connection, ledger_waiting, [{"seq": seq} for seq, _one in numbered])
    named = [{"log_id": log_id, "seq": seq} for seq, one in numbered for log_id in _log_keys(one)]
    insert_many(connection, ledger_objects, named)


def _row(entry: Entry, at: int) -> dict[str, object]:
    return {
        "at": at,
        "actor": search_key(entry.actor),
        "action": search_key(entry.action),
        "body": entry.to_bytes(),
        "denied": entry.decision is Decision.DENIED,
        "peer": entry.peer,
    }


def _log_keys(entry: Entry) -> list[int]:
    return [search_key(log_id) for log_id in dict.fromkeys(entry.objects)]


def _next_numbers(connection: Connection, count: int) -> Sequence[int]:
    """Return numbers for new rows. SQLite has one writer; PostgreSQL counts by a sequence."""
    if connection.dialect.name == "postgresql":
        drawn = func.nextval(func.pg_get_serial_sequence("ledger", "seq"))
        return connection.scalars(select(drawn).select_from(func.generate_series(1, count))).all()
    last = connection.scalar(select(func.max(ledger.c.seq))) or 0
    return range(last + 1, last + 1 + count)
