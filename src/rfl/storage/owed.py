"""Table `owed_receipts`: receipts that leave by file, for envelopes that came by file."""

from collections.abc import Iterable

from sqlalchemy import Column, Table, delete, insert, select

from rfl.storage.columns import Code, Id, metadata
from rfl.storage.work import Work

owed_receipts = Table(
    "owed_receipts",
    metadata,
    Column("envelope", Id, primary_key=True),
    Column("peer", Code, nullable=False),
)


def owe(work: Work, peer: str, envelopes: Iterable[str]) -> None:
    """Keep that a peer is still to be given the receipts of these envelopes, by file."""
    wanted = set(envelopes)
    again = select(owed_receipts.c.envelope).where(owed_receipts.c.envelope.in_(wanted))
    new = wanted - set(work.connection.scalars(again))
    if new:
        rows = [{"envelope": one, "peer": peer} for one in sorted(new)]
        work.connection.execute(insert(owed_receipts), rows)


def owed(work: Work, peer: str, limit: int) -> list[str]:
    """Return the envelopes whose receipts a peer is still to be given."""
    mine = select(owed_receipts.c.envelope).where(owed_receipts.c.peer == peer)
    rows = mine.order_by(owed_receipts.c.envelope).limit(limit)
    return list(work.connection.scalars(rows))


def paid(work: Work, envelopes: Iterable[str]) -> None:
    """Say that these receipts stand in a file that was written whole."""
    mine = owed_receipts.c.envelope.in_(envelopes)
    work.connection.execute(delete(owed_receipts).where(mine))
