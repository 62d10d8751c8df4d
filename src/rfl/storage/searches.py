"""Table `searches`: what was searched for, sealed under the keys of the case or intake."""

from collections.abc import Sequence

from sqlalchemy import Column, Table, delete, insert

from rfl.crypto.sealing import Spot
from rfl.domain.groups import Half
from rfl.domain.ids import new_id
from rfl.storage import vault
from rfl.storage.columns import Id, Micros, Sealed, metadata
from rfl.storage.work import Work

searches = Table(
    "searches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("record_id", Id, nullable=False, index=True),
    Column("at", Micros, nullable=False),
    Column("terms", Sealed, nullable=False),
)


def keep(work: Work, record: str, terms: bytes) -> None:
    """Insert one search's terms, sealed under the rest key of the record it was made for."""
    search = new_id("sea")
    spot = Spot("searches", "terms", search, record)
    sealed = vault.sealed_value(work, spot, Half.REST, terms)
    values = {"id": search, "record_id": record, "at": work.micros, "terms": sealed}
    work.connection.execute(insert(searches), values)


def drop(work: Work, records: Sequence[str]) -> None:
    """Delete the searches made for these records."""
    work.connection.execute(delete(searches).where(searches.c.record_id.in_(records)))
