"""Table `log_keys`: public keys of logs and witnesses, in the order in which they were announced.

A log's first key has number 1; each later one was announced by a checkpoint of `since` leaves. Own
and watched logs stand side by side: a log's name is its society's. A witness's keys stay here when
it is dismissed, so that what it has cosigned can be checked as long as the log is kept.
"""

from dataclasses import dataclass

from sqlalchemy import Column, Integer, String, Table, func, insert, select

from rfl.storage.columns import Code, Micros, Serial, metadata
from rfl.storage.work import Work

LOG, WITNESS = "log", "witness"

log_keys = Table(
    "log_keys",
    metadata,
    Column("origin", String(80), primary_key=True),
    Column("kind", Code, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("key", String(200), nullable=False),
    Column("since", Serial, nullable=False),
    Column("at", Micros, nullable=False),
)


@dataclass(frozen=True, slots=True)
class LogKey:
    """A public key as `name+id+base64`, and the size from which it signs."""

    number: int
    key: str
    since: int
    at: int


def of_log(work: Work, origin: str) -> list[LogKey]:
    """Return the keys of a log, the first one first; nothing while it has had one only."""
    return _of(work, origin, LOG)


def of_witnesses(work: Work) -> list[str]:
    """Return the keys of all that were ever asked to witness this log."""
    mine = log_keys.c.kind == WITNESS
    ordered = select(log_keys.c.key).where(mine).order_by(log_keys.c.origin, log_keys.c.number)
    return list(work.connection.scalars(ordered))


def announced_at(work: Work, origin: str) -> list[int]:
    """Return the sizes of the checkpoints that announced a key of this log."""
    return [one.since for one in of_log(work, origin)[1:]]


def follow(work: Work, origin: str, before: str, following: str, since: int) -> None:
    """Keep that a log's key was followed by another one at a size; a known one is left."""
    known = of_log(work, origin)
    if not known:
        _add(work, origin, LOG, before, 0)
    if following not in {one.key for one in known}:
        _add(work, origin, LOG, following, since)


def keep_witness(work: Work, origin: str, key: str) -> None:
    """Keep a witness's key for good."""
    if key not in {one.key for one in _of(work, origin, WITNESS)}:
        _add(work, origin, WITNESS, key, 0)


def _of(work: Work, origin: str, kind: str) -> list[LogKey]:
    mine = (log_keys.c.origin == origin) & (log_keys.c.kind == kind)
    columns = (log_keys.c.number, log_keys.c.key, log_keys.c.since, log_keys.c.at)
    rows = select(*columns).where(mine).order_by(log_keys.c.number)
    return [LogKey(*row) for row in work.connection.execute(rows)]


def _add(work: Work, origin: str, kind: str, key: str, since: int) -> None:
    mine = (log_keys.c.origin == origin) & (log_keys.c.kind == kind)
    last = work.connection.scalar(select(func.max(log_keys.c.number)).where(mine)) or 0
    values = {"origin": origin, "kind": kind, "number": last + 1, "key": key, "since": since}
    work.connection.execute(insert(log_keys), values | {"at": work.micros})
