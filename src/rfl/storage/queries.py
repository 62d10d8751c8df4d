"""Questions that join several tables."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select

from rfl.domain.groups import Group, Half
from rfl.storage import vault
from rfl.storage.cases import cases
from rfl.storage.columns import raw_rows
from rfl.storage.registrations import registrations
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

_TABLES = (("cas_", cases), ("reg_", registrations))
_PART = 500


def living(work: Work, records: Sequence[str], columns: Sequence[str]) -> list[SealedRow]:
    """Return the sealed columns of those of these cases and registrations that are not erased."""
    found: list[SealedRow] = []
    for prefix, table in _TABLES:
        ids = [record for record in records if record.startswith(prefix)]
        wanted = select(table.c.id, *(table.c[name] for name in columns))
        for start in range(0, len(ids), _PART):
            mine = table.c.id.in_(ids[start : start + _PART]) & table.c.identity.is_not(None)
            rows = work.connection.execute(wanted.where(mine))
            found += [_sealed(table.name, row, columns) for row in rows]
    return found


def opened_terms(work: Work, chunk: int) -> Iterator[tuple[list[str], list[bytes]]]:
    """Yield, in chunks, the records that the matcher may hold, and their *terms*, opened.

    Their reading stands in the log already. Two scans go side by side, since rows and keys mostly
    stand in the same order: looking each key up would cost as much as opening it.
    """
    for prefix, table in _TABLES:
        keys = _Keys(vault.wrapped_keys(work, Half.IDENTITY, prefix, chunk))
        kept = select(table.c.id, table.c.terms).where(table.c.terms.is_not(None))
        for rows in raw_rows(work.connection, kept, chunk):
            found = [
                (record, wrapped, sealed)
                for record, sealed in rows
                if (wrapped := keys.take(record)) is not None
            ]
            contents = vault.open_table(work, table.name, Group.TERMS, found)
            yield [record for record, _wrapped, _sealed in found], contents


class _Keys:
    """Wrapped keys by record, read on as far as they are asked for."""

    def __init__(self, chunks: Iterator[Sequence[tuple[Any, ...]]]) -> None:
        self._chunks = chunks
        self._waiting: dict[str, bytes] = {}

    def take(self, record: str) -> bytes | None:
        """Return a record's wrapped key, once; None if it was destroyed."""
        while (wrapped := self._waiting.pop(record, None)) is None:
            chunk = next(self._chunks, None)
            if chunk is None:
                return None
            self._waiting.update(chunk)
        return wrapped


def count_terms(work: Work) -> int:
    """Return how many records `opened_terms` would yield now."""
    return sum(
        work.connection.scalar(
            select(func.count()).select_from(table).where(table.c.terms.is_not(None))
        )
        or 0
        for _prefix, table in _TABLES
    )


def _sealed(table: str, row: Sequence[object], columns: Sequence[str]) -> SealedRow:
    values = dict(zip(columns, row[1:], strict=True))
    return SealedRow(table, row[0], row[0], values)  # type: ignore[arg-type]
