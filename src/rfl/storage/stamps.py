"""Table `log_stamps`: RFC 3161 time stamps of checkpoints, as the authority answered."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, ForeignKey, LargeBinary, Table, insert, select

from rfl.storage.columns import Micros, Serial, metadata
from rfl.storage.tree import checkpoints
from rfl.storage.work import Work

log_stamps = Table(
    "log_stamps",
    metadata,
    Column("size", Serial, ForeignKey(checkpoints.c.size), primary_key=True, autoincrement=False),
    Column("at", Micros, nullable=False),
    Column("answer", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """Of which size the stamped checkpoint is, and when the stamp was kept."""

    size: int
    at: int


def keep(work: Work, size: int, answer: bytes) -> None:
    """Keep the authority's answer beside the checkpoint of this size; the first one stays."""
    there = work.connection.scalar(select(log_stamps.c.size).where(log_stamps.c.size == size))
    if there is None:
        values = {"size": size, "at": work.micros, "answer": answer}
        work.connection.execute(insert(log_stamps), values)


def latest(work: Work) -> Stamp | None:
    """Return the newest time stamp, or None before the first."""
    newest = select(log_stamps.c.size, log_stamps.c.at).order_by(log_stamps.c.size.desc()).limit(1)
    row = work.connection.execute(newest).first()
    return None if row is None else Stamp(*row)


def all_stamps(work: Work) -> Iterator[tuple[int, bytes]]:
    """Yield size and answer of every time stamp, the smallest size first."""
    for row in work.connection.execute(select(log_stamps).order_by(log_stamps.c.size)):
        yield int(row.size), bytes(row.answer)
