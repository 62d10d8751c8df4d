"""Questions that join several tables."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, Table, bindparam, func, select

from rfl.crypto.beside import Beside
from rfl.domain.groups import Group, Half
from rfl.storage import honey, vault
from rfl.storage.cases import cases
from rfl.storage.columns import raw_rows
from rfl.storage.registrations import registrations
from rfl.storage.vault import SealedRow, record_keys
from rfl.storage.work import Work

_TABLES = (("cas_", cases), ("reg_", registrations))
_PART = 500


def living(work: Work, records: Sequence[str], columns: Sequence[str]) -> list[SealedRow]:
    """Return the sealed columns of those of these cases and registrations that are not erased.

    Their wrapped keys come in the same question and stay with the work.
    """
    found: list[SealedRow] = []
    for prefix, table in _TABLES:
        ids = [record for record in records if record.startswith(prefix)]
        wanted = _wanted(table, tuple(columns))
        for start in range(0, len(ids), _PART):
            rows = work.connection.execute(wanted, {"ids": ids[start : start + _PART]})
            for record, identity, rest, *values in rows:
                if identity is not None:
                    work.wrapped[record] = (identity, rest)
                kept = dict(zip(columns, values, strict=True))
                found.append(SealedRow(table.name, record, record, kept))
    return found


def opened_terms(
    work: Work, chunk: int, beside: Beside | None = None
) -> Iterator[tuple[list[str], list[bytes]]]:
    """Yield, in chunks, the records that the matcher may hold, and their *terms*, opened.

    Their reading stands in the log already. Two scans go side by side, since rows and keys mostly
    stand in the same order: looking each key up would cost as much as opening it. Registrations
    that processes `beside` this one take are not yielded: these answer with them.
    """
    for prefix, table in _TABLES:
        keys = _Keys(_wrapped_keys(work, prefix, chunk))
        kept = select(table.c.id, table.c.terms).where(table.c.terms.is_not(None))
        kept = kept.where(honey.outside(work, table.c.id))
        for rows in raw_rows(work.connection, kept, chunk):
            records = [record for record, _sealed in rows]
            wrapped = keys.take(records)
            if None in wrapped:
                rows = [row for row, key in zip(rows, wrapped, strict=True) if key is not None]
                records = [record for record, _sealed in rows]
            found = (records, list(filter(None, wrapped)))
            column = (table.name, Group.TERMS.value, [sealed for _record, sealed in rows])
            if beside is not None and table is registrations:
                vault.open_columns(work, Half.IDENTITY, *found, [column], beside.open)
            else:
                yield records, vault.open_columns(work, Half.IDENTITY, *found, [column])[0]


def _wrapped_keys(work: Work, prefix: str, chunk: int) -> Iterator[Sequence[tuple[Any, ...]]]:
    """Yield (record, wrapped key) of records with a prefix, in the order in which they stand."""
    # `substr` is in no index, so that the table is read from its beginning to its end.
    mine = func.substr(record_keys.c.record_id, 1, len(prefix)) == prefix
    kept = select(record_keys.c.record_id, record_keys.c[Half.IDENTITY.value]).where(mine)
    yield from raw_rows(work.connection, kept, chunk)


def opened_terms_of(work: Work, records: Sequence[str]) -> Iterator[tuple[list[str], list[bytes]]]:
    """Yield as `opened_terms` does, of these records alone."""
    hidden = honey.among(work)
    for prefix, table in _TABLES:
        ids = [one for one in records if one.startswith(prefix) and one not in hidden]
        wanted = _wanted(table, (Group.TERMS,))
        for start in range(0, len(ids), _PART):
            rows = work.connection.execute(wanted, {"ids": ids[start : start + _PART]})
            found = [
                (record, identity, terms)
                for record, identity, _rest, terms in rows
                if identity is not None
            ]
            some = [record for record, _identity, _terms in found]
            keys, sealed = [one[1] for one in found], [one[2] for one in found]
            yield some, vault.open_table(work, table.name, Group.TERMS, some, keys, sealed)


class _Keys:
    """Wrapped keys by record, read on as far as they are asked for."""

    def __init__(self, chunks: Iterator[Sequence[tuple[Any, ...]]]) -> None:
        self._chunks = chunks
        self._waiting: dict[str, bytes] = {}

    def take(self, records: Sequence[str]) -> list[bytes | None]:
        """Return these records' wrapped keys, each once; None for one that was destroyed."""
        while not all(map(self._waiting.__contains__, records)):
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._waiting.update(chunk)
        take = self._waiting.pop
        return [take(record, None) for record in records]


def count_terms(work: Work) -> int:
    """Return how many records `opened_terms` would yield now."""
    return sum(
        work.connection.scalar(
            select(func.count())
            .select_from(table)
            .where(table.c.terms.is_not(None), honey.outside(work, table.c.id))
        )
        or 0
        for _prefix, table in _TABLES
    )


def holds_many(work: Work, many: int) -> bool:
    """Return whether there are more registrations than so many: quicker than counting them."""
    return work.connection.scalar(select(registrations.c.id).offset(many).limit(1)) is not None


def records_after(work: Work, cursor: str, limit: int) -> list[str]:
    """Return the next ids of cases and then of registrations that may be matched."""
    found: list[str] = []
    for prefix, table in _TABLES:
        if cursor[:4] > prefix:
            continue
        rows = select(table.c.id).where(table.c.terms.is_not(None)).order_by(table.c.id)
        rows = rows.where(honey.outside(work, table.c.id))
        if cursor.startswith(prefix):
            rows = rows.where(table.c.id > cursor)
        found += work.connection.scalars(rows.limit(limit - len(found)))
        if len(found) == limit:
            break
    return found


def branches_of(work: Work, records: Sequence[str]) -> list[str]:
    """Return the branches of these cases and registrations, each once."""
    found: set[str] = set()
    for prefix, table in _TABLES:
        ids = [record for record in records if record.startswith(prefix)]
        if ids:
            found |= set(work.connection.scalars(select(table.c.branch).where(table.c.id.in_(ids))))
    return sorted(found)


@lru_cache(maxsize=64)
def _wanted(table: Table, columns: tuple[str, ...]) -> Select[Any]:
    """The question that `living` asks: id, both wrapped keys, the sealed columns."""
    keys = record_keys.c
    joined = table.outerjoin(record_keys, keys.record_id == table.c.id)
    sealed = [table.c[name] for name in columns]
    mine = table.c.id.in_(bindparam("ids", expanding=True)) & table.c.identity.is_not(None)
    return select(table.c.id, keys.identity, keys.rest, *sealed).select_from(joined).where(mine)
