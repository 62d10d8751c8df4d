"""The access log as flows know it: entries are collected by a work and kept with its commit.

The tables, and what inserts into them, stand in `ledger_rows.py`.
"""

from collections.abc import Iterator, Sequence

import msgspec
from sqlalchemy import delete, select

from rfl.domain.entry import HASH, Decision, Entry, drawn, from_bytes, leaf_hash, written_time
from rfl.domain.groups import Group
from rfl.storage import direct
from rfl.storage.ledger_rows import LOOSE_LOG as LOOSE_LOG
from rfl.storage.ledger_rows import enter as enter
from rfl.storage.ledger_rows import enter_many as enter_many
from rfl.storage.ledger_rows import ledger as ledger
from rfl.storage.ledger_rows import ledger_objects as ledger_objects
from rfl.storage.ledger_rows import ledger_waiting as ledger_waiting
from rfl.storage.ledger_rows import search_key as search_key
from rfl.storage.work import Work

BROKEN_GLASS = "broken-glass"

# What waits without a leaf, as a version of before has written it, gets it from its body.
_BODY = f"""CASE WHEN coalesce(length(leaf), 0) <> {HASH}
    THEN (SELECT body FROM ledger WHERE ledger.seq = %s.seq) END"""  # noqa: S608 (our own words)
# SQLite has one writer, so that nothing comes between those that were read.
_NEXT = f"""
SELECT seq, leaf, {_BODY % "ledger_waiting"} FROM ledger_waiting ORDER BY seq LIMIT ?
"""  # noqa: S608 (our own words)
_GONE = "DELETE FROM ledger_waiting WHERE seq <= ?"
# On PostgreSQL a smaller number may commit between two statements, so one statement takes them.
_TAKE = f"""
WITH taken AS (
    DELETE FROM ledger_waiting
    WHERE seq IN (SELECT seq FROM ledger_waiting ORDER BY seq LIMIT %s)
    RETURNING seq, leaf
)
SELECT seq, leaf, {_BODY % "taken"} FROM taken ORDER BY seq
"""  # noqa: S608 (our own words)


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
    id_, salt = drawn()
    entry = Entry(
        id=id_,
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
        salt=salt,
    )
    work.pending.append(entry)
    work.entries += 1
    return entry


def flush(work: Work, *, last: bool = False) -> None:
    """Insert the entries of this work that are not inserted yet, all at once.

    `last`: the work is to be committed right after; PostgreSQL does both in one round trip.
    """
    if work.pending:
        at = work.micros
        enter_many(work.connection, [(at, _marked(work, one)) for one in work.pending], last=last)
        work.pending.clear()


def _marked(work: Work, entry: Entry) -> Entry:
    """Every entry of a work that only broken glass allows says so."""
    if not work.widened or entry.reason is not None:
        return entry
    return msgspec.structs.replace(entry, reason=BROKEN_GLASS)


def about(work: Work, log_id: str) -> list[bytes]:
    """Return the bodies of the entries that have this log id's key, oldest first."""
    flush(work)
    rows = (
        select(ledger.c.body)
        .join(ledger_objects, ledger_objects.c.seq == ledger.c.seq)
        .where(ledger_objects.c.log_id == search_key(log_id))
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
    rows = select(ledger.c.body).order_by(ledger.c.seq.desc()).limit(limit)
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
    """Return numbers and leaves of the next entries without a place; they wait no longer.

    The caller holds the tree's lock. Nothing is skipped by number: what commits late, waits late.
    """
    flush(work)
    connection = work.connection
    if connection.dialect.name == "postgresql":
        taken = direct.rows(connection, _TAKE, (limit,))
    elif taken := direct.rows(connection, _NEXT, (limit,)):
        direct.execute(connection, _GONE, (taken[-1][0],))
    return [
        (seq, leaf if body is None else leaf_hash(body))
        for seq, leaf, body in taken
        if body is not None or len(leaf or b"") == HASH
    ]


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
