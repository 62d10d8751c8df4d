"""Tables `ledger` and `ledger_objects`: entries of the access log, in the flow's transaction.

Rows are only ever inserted. `body` is the entry's bytes, which the tree will be made of; the
other columns repeat parts of it for searching.
"""

from collections.abc import Sequence

from rfl.domain.entry import Decision, Entry, written_time
from rfl.domain.groups import Group
from rfl.storage.columns import Code, Id, Micros, Serial, insert_many, metadata
from rfl.storage.work import Work
from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    Table,
    insert,
    select,
)

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

_INSERT = insert(ledger).returning(ledger.c.seq)

ledger_objects = Table(
    "ledger_objects",
    metadata,
    Column("log_id", Id, primary_key=True),
    Column("seq", Serial, ForeignKey("ledger.seq"), primary_key=True),
    sqlite_with_rowid=False,
)


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


def _insert(work: Work, entry: Entry) -> None:
    row = {
        "at": work.micros,
        "actor": entry.actor,
        "action": entry.action,
        "body": entry.to_bytes(),
    }
    seq = work.connection.execute(_INSERT, row).scalar_one()
    if entry.objects:
        named = [{"log_id": log_id, "seq": seq} for log_id in dict.fromkeys(entry.objects)]
        insert_many(work.connection, ledger_objects, named)
