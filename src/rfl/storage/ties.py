"""From log ids back to records: ties say it in the other direction only, so all are opened.

The caller has entered their number in the log before. Nothing but the tie is opened.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Table, func, select

from rfl.domain.groups import Half
from rfl.storage import vault
from rfl.storage.cases import cases
from rfl.storage.registrations import registrations
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

CASES = (cases,)
EVERY = (cases, registrations)
_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Tied:
    """A living record behind a log id: whose it is, as it stands in clear."""

    log_id: str
    record: str
    branch: str
    officer: str | None


def count(work: Work, tables: Sequence[Table]) -> int:
    """Return how many ties `tied_to` would open now."""
    numbers = (
        select(func.count()).select_from(one).where(one.c.tie.is_not(None)) for one in tables
    )
    return sum(work.connection.scalar(number) or 0 for number in numbers)


def tied_to(work: Work, tables: Sequence[Table], wanted: set[str]) -> Iterator[Tied]:
    """Open every tie of these tables, and yield the records that bear one of these log ids."""
    if not wanted:
        return
    for table in tables:
        rows = select(table.c.id, table.c.branch, table.c.officer, table.c.tie)
        living = rows.where(table.c.tie.is_not(None))
        streamed = living.execution_options(stream_results=True, yield_per=_CHUNK)
        for part in work.connection.execute(streamed).partitions():
            yield from _opened(work, table.name, part, wanted)


def bearing(
    work: Work, tables: Sequence[Table], wanted: AbstractSet[str]
) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Open every tie of these tables; yield table, record and those of these log ids it bears."""
    for table in tables:
        living = select(table.c.id, table.c.tie).where(table.c.tie.is_not(None))
        streamed = living.execution_options(stream_results=True, yield_per=_CHUNK)
        for part in work.connection.execute(streamed).partitions():
            vault.load_keys(work, [row.id for row in part], Half.IDENTITY)
            borne = [(row.id, _ids(work, table.name, row)) for row in part]
            forget(work)
            for record, log_ids in borne:
                mine = tuple(one for one in log_ids if one in wanted)
                if mine:
                    yield str(table.name), record, mine


def forget(work: Work) -> None:
    """Let go of the keys of a part, so that memory stays flat."""
    work.objects = ()
    work.keys.clear()
    work.wrapped.clear()


def _ids(work: Work, table: str, row: Any) -> tuple[str, ...]:
    return vault.log_ids(work, SealedRow(table, row.id, row.id, {vault.TIE: row.tie}))


def _opened(work: Work, table: str, part: Sequence[Any], wanted: set[str]) -> Iterator[Tied]:
    vault.load_keys(work, [row.id for row in part], Half.IDENTITY)
    for row in part:
        log_id = _ids(work, table, row)[0]
        if log_id in wanted:
            yield Tied(log_id, row.id, row.branch, row.officer)
    forget(work)
