"""Tables of the log's tree: `tree_tiles`, `tree_order`, `checkpoints` and `cosignatures`.

What the hashes mean is `audit`'s business; here they are bytes at places (decision 0009). All of
it follows from the entries and may be checked against them at any time.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
)

from rfl.storage import arrays, direct
from rfl.storage.columns import Micros, Serial, metadata
from rfl.storage.locks import hold
from rfl.storage.work import Work

tree_tiles = Table(
    "tree_tiles",
    metadata,
    Column("place", Serial, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

tree_order = Table(
    "tree_order",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=False),
    Column("seqs", LargeBinary, nullable=False),
    Column("low", BigInteger, nullable=False),
    Column("high", BigInteger, nullable=False),
    Index("ix_tree_order_high_low", "high", "low"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", Serial, primary_key=True, autoincrement=False),
    Column("padded", Boolean, nullable=False),
    Column("at", Micros, nullable=False),
    Column("note", LargeBinary, nullable=False),
)

cosignatures = Table(
    "cosignatures",
    metadata,
    Column("size", Serial, ForeignKey("checkpoints.size"), primary_key=True),
    Column("witness", String(80), primary_key=True),
    Column("at", Micros, nullable=False),
    Column("line", LargeBinary, nullable=False),
)

FILLER = 0
"""Stands in the order where a leaf is no entry."""

_WIDTH = 128
_TILES_AT = "SELECT place, hashes FROM tree_tiles WHERE place = ANY(%s::bigint[])"
_MAY_HOLD = (
    select(tree_order.c.number, tree_order.c.seqs)
    .where(tree_order.c.high >= bindparam("seq"))
    .where(tree_order.c.low <= bindparam("seq"))
    .order_by(tree_order.c.high)
)
_LAST = select(tree_order.c.number, tree_order.c.seqs).order_by(tree_order.c.number.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A checkpoint that this node has signed: when, and the note as it was given out."""

    size: int
    padded: bool
    at: int
    note: bytes


def lock(work: Work) -> None:
    """Let one transaction at a time change the tree; SQLite has one writer anyway."""
    hold(work, "rfl log tree")


def size(work: Work) -> int:
    """Return how many leaves the tree has."""
    last = work.connection.execute(_LAST).first()
    return 0 if last is None else last.number * _WIDTH + len(last.seqs) // 8


def tiles_at(work: Work, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Return the hashes at these places (level and number), in one reading."""
    if not places:
        return {}
    by_place = {_place(*one): one for one in places}
    if work.connection.dialect.name == "postgresql":
        # One statement for any number of places, so that its plan is made once.
        rows = work.connection.exec_driver_sql(_TILES_AT, (list(by_place),))
    else:
        marks = ", ".join("?" * len(by_place))
        statement = f"SELECT place, hashes FROM tree_tiles WHERE place IN ({marks})"  # noqa: S608 (marks)
        rows = work.connection.exec_driver_sql(statement, tuple(by_place))
    return {by_place[row[0]]: bytes(row[1]) for row in rows}


def put_tiles(work: Work, changed: Mapping[tuple[int, int], bytes]) -> None:
    """Keep tiles, new ones and ones that have grown."""
    rows = [(_place(*one), hashes) for one, hashes in changed.items()]
    _put(work, "tree_tiles", "place", ("hashes",), rows)


def put_order(work: Work, begin: int, seqs: Sequence[int]) -> None:
    """Say which entries the leaves from `begin` on are: their rows' numbers, or FILLER."""
    number, kept = divmod(begin, _WIDTH)
    old = tree_order.c.number == number
    before = work.connection.scalar(select(tree_order.c.seqs).where(old)) if kept else b""
    numbers = [*_unpacked(before or b""), *seqs]
    rows: list[tuple[object, ...]] = []
    for start in range(0, len(numbers), _WIDTH):
        part = numbers[start : start + _WIDTH]
        entries = [seq for seq in part if seq != FILLER] or [FILLER]
        packed = struct.pack(f">{len(part)}Q", *part)
        rows.append((number, packed, min(entries), max(entries)))
        number += 1
    _put(work, "tree_order", "number", ("seqs", "low", "high"), rows)


def order(work: Work, begin: int, end: int) -> list[int]:
    """Return the rows' numbers of the leaves from `begin` to before `end`."""
    first = begin // _WIDTH
    within = tree_order.c.number.between(first, (end - 1) // _WIDTH)
    rows = select(tree_order.c.seqs).where(within).order_by(tree_order.c.number)
    numbers = [seq for packed in work.connection.scalars(rows) for seq in _unpacked(packed)]
    return numbers[begin - first * _WIDTH : end - first * _WIDTH]


def index_of(work: Work, seq: int) -> int | None:
    """Return the leaf's number of an entry's row, or None while it waits.

    Rows of the order overlap only where entries committed late, so the first that may hold the
    entry nearly always does.
    """
    for rows in (_MAY_HOLD.limit(1), _MAY_HOLD):
        for number, packed in work.connection.execute(rows, {"seq": seq}).all():
            if seq in (numbers := _unpacked(packed)):
                return int(number) * _WIDTH + numbers.index(seq)
    return None


def keep_checkpoint(work: Work, kept: KeptCheckpoint) -> None:
    """Keep a checkpoint; of those that no peer was given, only the newest stays."""
    passed = checkpoints.c.padded.is_(False) & (checkpoints.c.size < kept.size)
    work.connection.execute(delete(checkpoints).where(passed))
    row = (kept.size, kept.padded, kept.at, kept.note)
    _put(work, "checkpoints", "size", ("padded", "at", "note"), [row])


def latest_checkpoint(work: Work) -> KeptCheckpoint | None:
    """Return the newest checkpoint, or None in a new log."""
    row = work.connection.execute(
        select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
    ).first()
    return None if row is None else KeptCheckpoint(*row)


def padded_checkpoint(work: Work, at_size: int | None = None) -> KeptCheckpoint | None:
    """Return the newest checkpoint that is for peers, or that of a size."""
    rows = select(checkpoints).where(checkpoints.c.padded).order_by(checkpoints.c.size.desc())
    if at_size is not None:
        rows = rows.where(checkpoints.c.size == at_size)
    row = work.connection.execute(rows.limit(1)).first()
    return None if row is None else KeptCheckpoint(*row)


def all_checkpoints(work: Work) -> Iterator[KeptCheckpoint]:
    """Yield the kept checkpoints, the smallest first."""
    for row in work.connection.execute(select(checkpoints).order_by(checkpoints.c.size)):
        yield KeptCheckpoint(*row)


def keep_cosignature(work: Work, size: int, witness: str, at: int, line: bytes) -> None:
    """Keep a witness's line under a checkpoint, in place of an earlier one of that witness."""
    mine = (cosignatures.c.size == size) & (cosignatures.c.witness == witness)
    work.connection.execute(delete(cosignatures).where(mine))
    values = {"size": size, "witness": witness, "at": at, "line": line}
    work.connection.execute(insert(cosignatures), values)


def cosignatures_of(work: Work, size: int) -> list[bytes]:
    """Return the witnesses' lines under the checkpoint of this size."""
    rows = select(cosignatures.c.line).where(cosignatures.c.size == size)
    return list(work.connection.scalars(rows.order_by(cosignatures.c.witness)))


def cosigned(work: Work, below: int) -> list[tuple[int, int]]:
    """Return the sizes up to one leaf, and the next beyond it, that witnesses signed, and when."""
    rows = select(cosignatures.c.size, cosignatures.c.at).order_by(cosignatures.c.size)
    beyond = select(func.min(cosignatures.c.size)).where(cosignatures.c.size > below)
    last = work.connection.scalar(beyond) or below
    found = work.connection.execute(rows.where(cosignatures.c.size <= last))
    return [(row.size, row.at) for row in found]


def _place(level: int, number: int) -> int:
    """Return one number for a place: both databases look many of those up at once by an index,
    and of pairs SQLite reads the whole table."""
    return level << 56 | number


def _unpacked(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f">{len(packed) // 8}Q", packed)


def _put(
    work: Work,
    table: str,
    key: str,
    values: Sequence[str],
    rows: Sequence[tuple[object, ...]],
) -> None:
    """Insert rows, or put their values in place of what stands under their keys."""
    if not rows:
        return
    names = (key, *values)
    new = ", ".join(f"{name} = excluded.{name}" for name in values)
    into = f"INSERT INTO {table} ({', '.join(names)})"
    instead = f"ON CONFLICT ({key}) DO UPDATE SET {new}"
    if work.connection.dialect.name == "postgresql":
        marks = ", ".join("%s" for _name in names)
        columns = [arrays.of(column) for column in zip(*rows, strict=True)]
        given = f"SELECT * FROM unnest({marks})"  # noqa: S608 (marks)
        direct.execute(work.connection, f"{into} {given} {instead}", columns)
        return
    marks = ", ".join("?" for _name in names)
    direct.execute_each(work.connection, f"{into} VALUES ({marks}) {instead}", rows)
