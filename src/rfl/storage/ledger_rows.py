"""Tables `ledger`, `ledger_objects` and `ledger_waiting`, and how entries are inserted into them.

Rows of the first two are inserted, and deleted when their retention is over; nothing changes them.
`body` is the entry's bytes, which the tree is made of; the other columns repeat parts of it for
searching. Accounts, actions and log ids stand there as keys of eight bytes, which an index takes
half the room for; whoever asks by them compares the body too (decision 0011). A row of
`ledger_waiting` says that its entry has no place in the tree yet, and which leaf it will be: its
work made that from the bytes that it wrote, so that no hand can change an entry before it has its
place (decision 0039). What is asked of them stands in `ledger.py`.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    LargeBinary,
    Table,
    false,
    text,
)

from rfl.domain.entry import HASH, Decision, Entry, leaf_hash
from rfl.storage import direct
from rfl.storage.arrays import blobs, flags, longs, texts
from rfl.storage.columns import Code, Micros, Serial, insert_rows, metadata, next_number

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
    # No foreign key: it cost a tenth of what PostgreSQL spent on an entry, and an entry that is
    # taken out while it waits is found by its leaf.
    Column("seq", Serial, primary_key=True, autoincrement=False),
    # None if a version of before has written the entry.
    Column("leaf", LargeBinary(HASH)),
)

LOOSE_LOG = (ledger_waiting, ledger_objects, ledger)

# PostgreSQL takes all entries of a work, with all that belongs to them, in one round trip. The
# sequence stands here by its name, since whatever looks it up does so for each row.
_INSERT_ALL = """
WITH given AS MATERIALIZED (
    SELECT nextval('ledger_seq_seq') AS seq, entries.*
    FROM unnest(%s, %s, %s, %s, %s, %s, %s)
    WITH ORDINALITY AS entries (at, actor, action, body, denied, peer, leaf, number)
), inserted AS (
    INSERT INTO ledger (seq, at, actor, action, body, denied, peer)
    SELECT seq, at, actor, action, body, denied, peer FROM given
), waiting AS (
    INSERT INTO ledger_waiting (seq, leaf) SELECT seq, leaf FROM given
)
INSERT INTO ledger_objects (log_id, seq)
SELECT named.log_id, given.seq
FROM given JOIN unnest(%s, %s) AS named (log_id, number) USING (number)
"""

_INSERT_ONE = """
WITH given AS (
    INSERT INTO ledger (at, actor, action, body, denied, peer) VALUES (%s, %s, %s, %s, %s, %s)
    RETURNING seq
), waiting AS (
    INSERT INTO ledger_waiting (seq, leaf) SELECT seq, %s FROM given
)
INSERT INTO ledger_objects (log_id, seq) SELECT unnest(%s), seq FROM given
"""

COLUMNS = ("at", "actor", "action", "body", "denied", "peer")
_Row = tuple[int, int, int, bytes, bool, str | None]


def search_key(word: str) -> int:
    """Return the key of an account, action or log id: the first 64 bits of its SHA-256."""
    return int.from_bytes(hashlib.sha256(word.encode("utf-8")).digest()[:8], "big", signed=True)


def enter(connection: Connection, entry: Entry, at: int) -> None:
    """Insert an entry that was made elsewhere; flows use `append`."""
    enter_many(connection, [(at, entry)])


def enter_many(
    connection: Connection, entries: Sequence[tuple[int, Entry]], *, last: bool = False
) -> None:
    """Insert entries that were made elsewhere, each with its moment, in this order."""
    if not entries:
        return
    rows = [_row(entry, at) for at, entry in entries]
    leaves = [leaf_hash(body) for _at, _actor, _action, body, *_others in rows]
    named = [
        (search_key(log_id), number)
        for number, (_at, entry) in enumerate(entries)
        for log_id in dict.fromkeys(entry.objects)
    ]
    if connection.dialect.name == "postgresql":
        statement, values = _in_one_statement(rows, leaves, named)
        execute = direct.last if last else direct.execute
        execute(connection, statement, values)
        return
    first = next_number(connection, ledger, "seq")
    numbers = range(first, first + len(rows))
    numbered = [(seq, *row) for seq, row in zip(numbers, rows, strict=True)]
    insert_rows(connection, ledger, ("seq", *COLUMNS), numbered)
    insert_rows(
        connection, ledger_waiting, ("seq", "leaf"), list(zip(numbers, leaves, strict=True))
    )
    # In the order of the table, so that a large batch goes through its pages once.
    objects = [(log_id, first + number) for log_id, number in sorted(named)]
    insert_rows(connection, ledger_objects, ("log_id", "seq"), objects)


def _in_one_statement(
    rows: Sequence[_Row], leaves: Sequence[bytes], named: Sequence[tuple[int, int]]
) -> tuple[str, list[object]]:
    """Return what PostgreSQL is told, and its values; most works have one entry."""
    log_ids = longs([log_id for log_id, _number in named])
    if len(rows) == 1:
        return _INSERT_ONE, [*rows[0], leaves[0], log_ids]
    at, actor, action, body, denied, peer = zip(*rows, strict=True)
    columns = [longs(at), longs(actor), longs(action), blobs(body), flags(denied), texts(peer)]
    numbers = longs([number + 1 for _log_id, number in named])
    return _INSERT_ALL, [*columns, blobs(leaves), log_ids, numbers]


def _row(entry: Entry, at: int) -> _Row:
    """Return the values of COLUMNS."""
    return (
        at,
        _key_of_word(entry.actor),
        _key_of_word(entry.action),
        entry.to_bytes(),
        entry.decision is Decision.DENIED,
        entry.peer,
    )


# Accounts and actions come again and again; log ids do not.
_key_of_word = lru_cache(maxsize=1_024)(search_key)
