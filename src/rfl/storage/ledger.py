"""Tables `ledger`, `ledger_objects` and `ledger_waiting`: entries of the access log, in the
flow's transaction.

Rows of the first two are only ever inserted, all of a work at once, before its commit. `body` is
the entry's bytes, which the tree is made of; the other columns repeat parts of it for searching.
Accounts, actions and log ids stand there as keys of eight bytes, which an index takes half the
room for; whoever asks by them compares the body too (decision 0011). A row of `ledger_waiting`
says that its entry has no place in the tree yet (decision 0009).
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
    select,
    text,
)

from rfl.domain.entry import Decision, Entry, from_bytes, written_time
from rfl.domain.groups import Group
from rfl.storage.columns import Code, Micros, Serial, insert_many, metadata, next_number
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

# PostgreSQL takes all entries of a work, with all that belongs to them, in one round trip.
_INSERT_ALL = """
WITH given AS MATERIALIZED (
    SELECT nextval(pg_get_serial_sequence('ledger', 'seq')) AS seq, entries.*
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[], %s::boolean[], %s::text[])
    WITH ORDINALITY AS entries (at, actor, action, body, denied, peer, number)
), inserted AS (
    INSERT INTO ledger (seq, at, actor, action, body, denied, peer)
    SELECT seq, at, actor, action, body, denied, peer FROM given
), waiting AS (
    INSERT INTO ledger_waiting (seq) SELECT seq FROM given
)
INSERT INTO ledger_objects (log_id, seq)
SELECT named.log_id, given.seq
FROM given JOIN unnest(%s::bigint[], %s::bigint[]) AS named (log_id, number) USING (number)
"""

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
    """Write one entry about this work; it is kept if the work commits, and only then.

    It is inserted with the work's other entries by `flush`, before the commit: if that fails, so
    does the work, and nothing that it opened has left it.
    """
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
    work.pending.append(entry)
    work.entries += 1
    return entry


def flush(work: Work) -> None:
    """Insert the entries of this work that are not inserted yet, all at once."""
    if work.pending:
        enter_many(work.connection, [(work.micros, entry) for entry in work.pending])
        work.pending.clear()


def about(work: Work, log_id: str) -> list[bytes]:
    """Return the bodies of the entries that have this log id's key, oldest first."""
    flush(work)
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
    flush(work)
    mine = ledger_objects.c.log_id == search_key(log_id)
    return list(work.connection.scalars(select(ledger_objects.c.seq).where(mine)))


def latest(work: Work, limit: int) -> list[bytes]:
    """Return the newest entries' bodies, newest first."""
    flush(work)
    there = ledger.c.body.is_not(None)
    rows = select(ledger.c.body).where(there).order_by(ledger.c.seq.desc()).limit(limit)
    return list(work.connection.scalars(rows))


def between(work: Work, start: int, end: int) -> Iterator[bytes]:
    """Yield the bodies of the entries of a time."""
    flush(work)
    rows = select(ledger.c.body).where(ledger.c.at >= start, ledger.c.at < end)
    streamed = rows.execution_options(stream_results=True, yield_per=2_000)
    yield from work.connection.execute(streamed).scalars()


def anything_waits(work: Work) -> bool:
    """True if an entry has no place in the tree yet."""
    flush(work)
    return work.connection.scalar(select(ledger_waiting.c.seq).limit(1)) is not None


def take_waiting(work: Work, limit: int) -> list[tuple[int, bytes]]:
    """Return numbers and bodies of the next entries without a place; they wait no longer.

    The caller holds the tree's lock. Nothing is skipped by number: what commits late, waits late.
    """
    flush(work)
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
    flush(work)
    rows = select(ledger.c.at, ledger.c.body).order_by(ledger.c.seq)
    found = [(int(at), bytes(body)) for at, body in work.connection.execute(rows)]
    for table in LOOSE_LOG:
        work.connection.execute(delete(table))
    return found


def put_back(work: Work, entries: Sequence[tuple[int, bytes]]) -> None:
    """Keep entries that were set aside, after those that are there by now."""
    flush(work)
    enter_many(work.connection, [(at, from_bytes(body)) for at, body in entries])


def enter(connection: Connection, entry: Entry, at: int) -> None:
    """Insert an entry that was made elsewhere; flows use `append`."""
    enter_many(connection, [(at, entry)])


def enter_many(connection: Connection, entries: Sequence[tuple[int, Entry]]) -> None:
    """Insert entries that were made elsewhere, each with its moment, in this order."""
    if not entries:
        return
    rows = [_row(entry, at) for at, entry in entries]
    named = [
        (log_id, number) for number, (_at, entry) in enumerate(entries) for log_id in _keys(entry)
    ]
    if connection.dialect.name == "postgresql":
        columns = [[row[name] for row in rows] for name in rows[0]]
        places = [log_id for log_id, _number in named], [number + 1 for _id, number in named]
        connection.exec_driver_sql(_INSERT_ALL, (*columns, *places))
        return
    first = next_number(connection, ledger, "seq")
    numbered = [{"seq": first + number} for number in range(len(rows))]
    insert_many(connection, ledger, [seq | row for seq, row in zip(numbered, rows, strict=True)])
    insert_many(connection, ledger_waiting, numbered)
    # In the order of the table, so that a large batch goes through its pages once.
    objects = [{"log_id": log_id, "seq": first + number} for log_id, number in sorted(named)]
    insert_many(connection, ledger_objects, objects)


def _row(entry: Entry, at: int) -> dict[str, object]:
    return {
        "at": at,
        "actor": search_key(entry.actor),
        "action": search_key(entry.action),
        "body": entry.to_bytes(),
        "denied": entry.decision is Decision.DENIED,
        "peer": entry.peer,
    }


def _keys(entry: Entry) -> list[int]:
    return [search_key(log_id) for log_id in dict.fromkeys(entry.objects)]
