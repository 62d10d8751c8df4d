"""Table `log_expiries`: up to which leaf the log's bodies were declared ended, and were deleted.

A row is written with its entry, `log.expire`, before the first body goes; `done` follows the
deletion batch by batch, so that whoever is killed half-way goes on where it stopped.
"""

from dataclasses import dataclass

import msgspec
from sqlalchemy import Column, Table, bindparam, delete, insert, select, text, update

from rfl.domain.entry import from_bytes
from rfl.storage import ledger as ledger_file
from rfl.storage import tree
from rfl.storage.columns import Micros, Serial, metadata
from rfl.storage.ledger import ledger, ledger_objects
from rfl.storage.work import Work

log_expiries = Table(
    "log_expiries",
    metadata,
    Column("end", Serial, primary_key=True, autoincrement=False),
    Column("done", Serial, nullable=False),
    Column("at", Micros, nullable=False),
)


_MAY_DELETE = text("SELECT has_table_privilege('ledger', 'DELETE')")


@dataclass(frozen=True, slots=True)
class Expiry:
    """Bodies of the leaves below `end` are declared ended; below `done` they are deleted."""

    end: int
    done: int
    at: int


def may_delete(work: Work) -> bool:
    """True if this role of the database may delete entries; the one that serves may not."""
    if work.connection.dialect.name != "postgresql":
        return True
    return bool(work.connection.scalar(_MAY_DELETE))


def latest(work: Work) -> Expiry | None:
    """Return the newest expiry, or None before the first."""
    newest = select(log_expiries).order_by(log_expiries.c.end.desc()).limit(1)
    row = work.connection.execute(newest).first()
    return None if row is None else Expiry(*row)


def declare(work: Work, end: int) -> None:
    """Keep that the bodies below `end` are ended; what an earlier expiry deleted stays done."""
    before = latest(work)
    values = {"end": end, "done": before.done if before else 0, "at": work.micros}
    work.connection.execute(insert(log_expiries), values)


def delete_some(work: Work, expiry: Expiry, limit: int) -> Expiry:
    """Delete the bodies of up to `limit` leaves with all that repeats them; return how far it is.

    The leaves' hashes, tiles and order stay: proofs go on as before.
    """
    stop = min(expiry.done + limit, expiry.end)
    seqs = [seq for seq in tree.order(work, expiry.done, stop) if seq != tree.FILLER]
    _forget_names(work, seqs)
    work.connection.execute(delete(ledger).where(ledger.c.seq.in_(seqs)))
    mine = log_expiries.c.end == expiry.end
    work.connection.execute(update(log_expiries).where(mine).values(done=stop))
    return Expiry(expiry.end, stop, expiry.at)


def _forget_names(work: Work, seqs: list[int]) -> None:
    """Delete what says which log ids these entries name, found by their bodies."""
    pairs = [
        {"named": ledger_file.search_key(log_id), "row": seq}
        for seq, body in ledger_file.bodies(work, seqs).items()
        for log_id in _objects(body)
    ]
    if pairs:
        mine = ledger_objects.c.log_id == bindparam("named")
        gone = delete(ledger_objects).where(mine, ledger_objects.c.seq == bindparam("row"))
        work.connection.execute(gone, pairs)


def _objects(body: bytes) -> tuple[str, ...]:
    """Return what an entry names; one that a hand has changed names nothing any more."""
    try:
        return tuple(dict.fromkeys(from_bytes(body).objects))
    except msgspec.DecodeError:
        return ()


def first_kept(work: Work, begin: int, size: int, since: int) -> int:
    """Return the first leaf from `begin` whose entry was written at `since` or later, or `size`.

    What comes after it stays, however old its own time: bodies end in the order of the log.
    """
    while begin < size:
        stop = min(begin + _STEP, size)
        seqs = tree.order(work, begin, stop)
        young = select(ledger.c.seq).where(ledger.c.seq.in_(seqs), ledger.c.at >= since)
        found = set(work.connection.scalars(young))
        if found:
            return begin + next(n for n, seq in enumerate(seqs) if seq in found)
        begin = stop
    return size


_STEP = 512
