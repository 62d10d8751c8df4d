"""The one way to plaintext, and the table `record_keys` with the wrapped data keys.

`open_rows` checks nothing itself: `domain.access` decides. It appends the log entry first, in
the same transaction, then opens. Erasure deletes a record's row here: nothing that was sealed
under it can ever be opened again, in this database or in a copy without this table.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    LargeBinary,
    SmallInteger,
    Table,
    bindparam,
    delete,
    select,
)
from sqlalchemy.sql import Select

from rfl.crypto.agent import FreshKeys
from rfl.crypto.sealing import DataKey, OpensMany, Spot, open_many, open_sealed, seal, seal_row
from rfl.domain.groups import HALF, Group, Half
from rfl.domain.ids import new_id
from rfl.errors import Erased
from rfl.storage import gate, ledger
from rfl.storage.columns import Id, insert_many, metadata
from rfl.storage.work import Work

record_keys = Table(
    "record_keys",
    metadata,
    Column("record_id", Id, primary_key=True),
    Column("identity", LargeBinary, nullable=False),
    Column("rest", LargeBinary, nullable=False),
    Column("version", SmallInteger, nullable=False, index=True),
)

_WRAPPED = select(record_keys.c.record_id, record_keys.c.identity, record_keys.c.rest).where(
    record_keys.c.record_id.in_(bindparam("records", expanding=True))
)
_KEYS = ("wrapped_identity", "wrapped_rest")
TIE = "tie"
ID_SIZE = 30
# What says nothing about a person is no part of a budget: log ids, figures of the matcher, and
# the records of accounts, tasks and lists.
_NOBODYS_COLUMNS = frozenset({TIE, "terms", "evidence", "decided", "found", "details", "entry"})
_NOBODYS_RECORDS = ("acc_", "tsk_", "apr_", "lst_", "brk_")


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row as it stands: clear ids, sealed values by column, and which half seals a column."""

    table: str
    row: str
    record: str
    values: Mapping[str, bytes | None]

    def spot(self, column: str) -> Spot:
        """Return the place that binds the value of this column."""
        return Spot(self.table, column, self.row, self.record)


def fresh_keys(work: Work, record: str) -> tuple[FreshKeys, dict[str, object]]:
    """Make a record's two data keys; the second value is its row for `keep_keys`."""
    keys = work.agent.create(record)
    return keys, _key_row(work, record, keys)


def fresh_keys_of(work: Work, records: Sequence[str]) -> list[dict[str, object]]:
    """Make the data keys of many records at once; return their rows for `keep_keys`."""
    made = work.agent.create_many(records)
    return [_key_row(work, record, keys) for record, keys in zip(records, made, strict=True)]


def keep_keys(work: Work, rows: Sequence[dict[str, object]]) -> None:
    """Insert the wrapped keys of new records."""
    insert_many(work.connection, record_keys, rows)


def with_keys(wanted: Select[Any], table: Table) -> Select[Any]:
    """Ask for a record's wrapped keys, and at the gate, along with its row: two questions less."""
    columns = (record_keys.c.identity.label(_KEYS[0]), record_keys.c.rest.label(_KEYS[1]))
    joined = table.outerjoin(record_keys, record_keys.c.record_id == table.c.id)
    return wanted.add_columns(*columns, *gate.COLUMNS).select_from(joined)


def take_keys(work: Work, record: str, found: Any) -> None:
    """Keep the wrapped keys that came with a row asked for by `with_keys`."""
    identity, rest = (getattr(found, name) for name in _KEYS)
    if identity is not None:
        work.wrapped[record] = (identity, rest)
    gate.take(work, found)


def key_of(work: Work, record: str, half: Half) -> DataKey:
    """Return a record's data key, or raise Erased if it was destroyed."""
    if (record, half) not in work.keys:
        load_keys(work, [record], half)
    try:
        return work.keys[record, half]
    except KeyError as cause:
        raise Erased from cause


def load_keys(work: Work, records: Sequence[str], half: Half) -> None:
    """Unwrap one half of many records' keys; those that were destroyed stay missing."""
    wanted = [record for record in records if (record, half) not in work.keys]
    if wanted:
        gate.require_open(work)
    _load_wrapped(work, [record for record in wanted if record not in work.wrapped])
    place = 0 if half is Half.IDENTITY else 1
    for record in wanted:
        if (wrapped := work.wrapped.get(record)) is not None:
            with work.unwrapping(1):
                work.keys[record, half] = work.agent.unwrap(half, record, wrapped[place])


def sealed_value(work: Work, spot: Spot, half: Half, content: bytes) -> bytes:
    """Seal one value for its place under the record's key."""
    return seal(key_of(work, spot.record, half), spot, content)


def sealed_groups(
    work: Work, table: str, record: str, contents: Mapping[Group, bytes]
) -> dict[str, bytes]:
    """Seal each group for its column of the record's own row."""
    keys = {half: key_of(work, record, half) for half in Half}
    columns = ((group.value, keys[HALF[group]], content) for group, content in contents.items())
    return seal_row(table, record, columns)


def new_tie(work: Work, table: str, record: str, persons: int) -> tuple[bytes, tuple[str, ...]]:
    """Make the log ids of a record and its persons, and the sealed tie that alone knows them."""
    return grown_tie(work, table, record, (), 1 + persons)


def grown_tie(
    work: Work, table: str, record: str, log_ids: tuple[str, ...], count: int
) -> tuple[bytes, tuple[str, ...]]:
    """Add log ids up to `count` to those of a record that has got more persons."""
    grown = log_ids + tuple(new_id("log") for _ in range(count - len(log_ids)))
    content = "".join(grown).encode("ascii")
    return sealed_value(work, Spot(table, TIE, record, record), Half.IDENTITY, content), grown


def log_ids(work: Work, row: SealedRow) -> tuple[str, ...]:
    """Return the record's log id, then its persons' in order; kept for a refusal's entry too."""
    content = _opened(work, row, TIE, Half.IDENTITY).decode("ascii")
    ids = tuple(content[start : start + ID_SIZE] for start in range(0, len(content), ID_SIZE))
    work.objects = ids[:1]
    return ids


def open_rows(
    work: Work, rows: Sequence[SealedRow], groups: Sequence[Group], *, objects: Sequence[str]
) -> list[dict[Group, bytes]]:
    """Append one entry for all these rows, then open the groups of each. Missing keys: Erased."""
    ledger.append(work, objects=objects, groups=groups, count=len(rows))
    for half in {HALF[group] for group in groups}:
        load_keys(work, [row.record for row in rows], half)
    return [{group: _opened(work, row, group, HALF[group]) for group in groups} for row in rows]


def open_shown(
    work: Work,
    rows: Sequence[SealedRow],
    group: Group,
    made_for: str,
    choose: Callable[[list[bytes]], list[int]],
) -> None:
    """Open one group of many rows for a search, and enter it once: the log id that the search
    was made for, the log ids of the rows that `choose` shows, and how many were opened.

    Nothing is returned: `choose` gets the contents and answers with the numbers of the rows
    shown. If the entry cannot be written, the transaction fails and nothing is shown.
    """
    shown = choose(open_to_decide(work, rows, group))
    work.searches += 1
    count_shown(work, [rows[one].record for one in shown])
    objects = [_opened(work, rows[one], TIE, Half.IDENTITY)[:ID_SIZE].decode() for one in shown]
    ledger.append(work, objects=[made_for, *objects], groups=(group,), count=len(rows))


def open_to_decide(work: Work, rows: Sequence[SealedRow], group: Group) -> list[bytes]:
    """Open one group of many rows only to decide what is shown; an entry follows in this work."""
    load_keys(work, [row.record for row in rows], HALF[group])
    with deciding(work):
        return [_opened(work, row, group, HALF[group]) for row in rows]


def open_logged(work: Work, row: SealedRow, column: str, half: Half) -> bytes:
    """Open one value of a row whose reading this work has already entered in the log."""
    if not work.entries:
        raise AssertionError("an entry must stand before data is opened")
    return _opened(work, row, column, half)


@contextmanager
def deciding(work: Work) -> Iterator[None]:
    """What is opened in this block only decides what is shown: it is of no budget."""
    before = work.opened
    work.opened = set()
    try:
        yield
    finally:
        work.opened = before


def open_table(
    work: Work,
    table: str,
    group: Group,
    records: Sequence[str],
    wrapped: Sequence[bytes],
    sealed: Sequence[bytes],
) -> list[bytes]:
    """Open one group of many rows whose reading this work has already entered in the log.

    `wrapped` are their keys, which are used once and not kept.
    """
    return open_columns(work, HALF[group], records, wrapped, [(table, group.value, sealed)])[0]


def open_columns(
    work: Work,
    half: Half,
    records: Sequence[str],
    wrapped: Sequence[bytes],
    columns: Sequence[tuple[str, str, Sequence[bytes]]],
    by: OpensMany | None = None,
) -> list[list[bytes]]:
    """Open columns of the records' own rows, (table, column, values), for what decides alone.

    `by` a process beside this one, if told: it gets these keys, and returns nothing yet.
    """
    if not work.entries:
        raise AssertionError("an entry must stand before data is opened")
    gate.require_open(work)
    with work.unwrapping(len(records)):
        keys = work.agent.unwrap_many(half, records, wrapped)
    opens = by or open_many
    return [opens(table, column, records, keys, sealed) for table, column, sealed in columns]


def count_shown(work: Work, records: Sequence[str]) -> None:
    """Count these records in the budget of whoever this work is for."""
    work.opened.update(one for one in records if not one.startswith(_NOBODYS_RECORDS))


def destroy_keys(work: Work, records: Sequence[str]) -> None:
    """Delete the wrapped keys; `Database.scrub` then removes their last bytes from live files."""
    work.destroyed += len(records)
    for start in range(0, len(records), 500):
        part = records[start : start + 500]
        work.connection.execute(delete(record_keys).where(record_keys.c.record_id.in_(part)))
    for record in records:
        work.wrapped.pop(record, None)
        work.keys.pop((record, Half.IDENTITY), None)
        work.keys.pop((record, Half.REST), None)


def _key_row(work: Work, record: str, keys: FreshKeys) -> dict[str, object]:
    """Keep the open keys for this work; return the row of the wrapped ones."""
    work.keys[record, Half.IDENTITY] = keys.identity
    work.keys[record, Half.REST] = keys.rest
    return {
        "record_id": record,
        "identity": keys.wrapped_identity,
        "rest": keys.wrapped_rest,
        "version": keys.version,
    }


def _load_wrapped(work: Work, records: Sequence[str]) -> None:
    for start in range(0, len(records), 500):
        asked = {"records": list(records[start : start + 500])}
        for record, identity, rest in work.connection.execute(_WRAPPED, asked):
            work.wrapped[record] = (identity, rest)


def _opened(work: Work, row: SealedRow, column: str, half: Half) -> bytes:
    value = row.values[column]
    if value is None:
        raise Erased
    if column not in _NOBODYS_COLUMNS:
        count_shown(work, [row.record])
    return open_sealed(key_of(work, row.record, half), row.spot(column), value)
