"""Tables `ledger`, `ledger_objects` and `ledger_waiting`: entries of the access log, in the
flow's transaction.

Rows of the first two are only ever inserted. `body` is the entry's bytes, which the tree is made
of; the other columns repeat parts of it for searching. A row of `ledger_waiting` says that its
entry has no place in the tree yet (decision 0009).
"""

from collections.abc import Sequence

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

from rfl.domain.entry import Decision, Entry, written_time
from rfl.domain.groups import Group
from rfl.storage.columns import Code, Id, Micros, Serial, insert_many, metadata
from rfl.storage.work import Work

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("at", Micros, nullable=False),
    Column("actor", Id, nullable=False),
    Column("action", Code, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("ix_ledger_actor_at", "actor", "at"),
    Index("ix_ledger_action_at", "action", "at"),
)

_INSERT = (
    insert(ledger)
    .values(
        at=bindparam("at"),
        actor=bindparam("actor"),
        action=bindparam("action"),
        body=bindparam("body"),
    )
    .returning(ledger.c.seq)
)

ledger_objects = Table(
    "ledger_objects",
    metadata,
    Column("log_id", Id, primary_key=True),
    Column("seq", Serial, ForeignKey("ledger.seq"), primary_key=True),
    sqlite_with_rowid=False,
)

ledger_waiting = Table(
    "ledger_waiting",
    metadata,
    Column("seq", Serial, ForeignKey("ledger.seq"), primary_key=True, autoincrement=False),
)

# PostgreSQL inserts both rows in one statement: a third of an entry's time is its round trips.
_ENTRY = _INSERT.cte("entry")
_WAITING = insert(ledger_waiting).from_select(["seq"], select(_ENTRY.c.seq)).cte("waiting")
_UNNESTED = func.unnest(bindparam("log_ids", type_=ARRAY(String)))
_NAMES = _UNNESTED.table_valued("log_id").render_derived()
_EACH = select(_NAMES.c.log_id, _ENTRY.c.seq).select_from(_ENTRY.join(_NAMES, true()))
_NAMED = insert(ledger_objects).from_select(["log_id", "seq"], _EACH).cte("named")
# PostgreSQL takes an entry with all that belongs to it in one round trip.
_INSERT_ALL = select(_ENTRY.c.seq).add_cte(_WAITING, _NAMED)


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
    _insert(work, entry)
    work.entries += 1
    return entry


def about(work: Work, log_id: str) -> list[bytes]:
    """Return the bodies of the entries that name this log id, oldest first."""
    rows = (
        select(ledger.c.body)
        .join(ledger_objects, ledger_objects.c.seq == ledger.c.seq)
        .where(ledger_objects.c.log_id == log_id)
        .order_by(ledger.c.seq)
    )
    return list(work.connection.scalars(rows))


def latest(work: Work, limit: int) -> list[bytes]:
    """Return the newest entries' bodies, newest first."""
    rows = select(ledger.c.body).order_by(ledger.c.seq.desc()).limit(limit)
    return list(work.connection.scalars(rows))


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
        gone = delete(ledger_waiting).where(ledger_waiting.c.seq == bindparam("taken"))
        work.connection.execute(gone, [{"taken": seq} for seq, _body in taken])
    return taken


def bodies(work: Work, seqs: Sequence[int]) -> dict[int, bytes]:
    """Return the bodies of these rows, by number; a row that is not there is left out."""
    rows = select(ledger.c.seq, ledger.c.body).where(ledger.c.seq.in_(seqs))
    return {int(seq): bytes(body) for seq, body in work.connection.execute(rows)}


def _insert(work: Work, entry: Entry) -> None:
    row = {
        "at": work.micros,
        "actor": entry.actor,
        "action": entry.action,
        "body": entry.to_bytes(),
    }
    log_ids = list(dict.fromkeys(entry.objects))
    if work.connection.dialect.name == "postgresql":
        work.connection.execute(_INSERT_ALL, row | {"log_ids": log_ids})
        return
    seq = work.connection.execute(_INSERT, row).scalar_one()
    insert_many(work.connection, ledger_waiting, [{"seq": seq}])
    named = [{"log_id": log_id, "seq": seq} for log_id in log_ids]
    insert_many(work.connection, ledger_objects, named)
