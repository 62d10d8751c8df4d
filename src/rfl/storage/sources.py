"""Tables `lists` and `sources`: lists that partners sent, and whose records were seen before.

`sources` keeps a keyed hash of each list owner and the owner's id of a person (P-25): the same
record is known when it comes again, and a tombstone keeps an erased one from coming back.
"""

from collections.abc import Sequence

from sqlalchemy import Column, ForeignKey, Integer, Table, delete, insert, select, update
from sqlalchemy.engine import Row

from rfl.crypto.framing import joined
from rfl.domain.groups import Half
from rfl.storage import reach, vault
from rfl.storage.columns import Code, Digest, Id, Micros, Sealed, insert_many, metadata
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

lists = Table(
    "lists",
    metadata,
    Column("id", Id, primary_key=True),
    Column("branch", Code, nullable=False),
    Column("officer", Id, nullable=False),
    Column("state", Code, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("version", Integer, nullable=False),
    Column("details", Sealed),
    Column(vault.TIE, Sealed),
)

sources = Table(
    "sources",
    metadata,
    Column("hash", Digest, primary_key=True),
    Column("record_id", Id, index=True),
    Column("list_id", Id, ForeignKey("lists.id"), index=True),
    Column("erased_at", Micros),
)


def add_list(work: Work, values: dict[str, object]) -> None:
    """Insert a list."""
    work.connection.execute(insert(lists), values)


def load_list(work: Work, list_id: str) -> tuple[Row[tuple[object, ...]], SealedRow]:
    """Return a list's row and its sealed row, or raise NotFound."""
    mine = select(lists).where(lists.c.id == list_id)
    found = reach.found(work, lists.name, lambda: work.connection.execute(mine).first())
    values = {"details": found.details, vault.TIE: found.tie}
    return found, SealedRow("lists", found.id, found.id, values)


def lists_in_branch(
    work: Work, branch: str | None, after: tuple[int, str], limit: int
) -> list[Row[tuple[object, ...]]]:
    """Return a branch's lists (None: all), oldest first."""
    moment, last = after
    later = (lists.c.created_at > moment) | ((lists.c.created_at == moment) & (lists.c.id > last))
    rows = select(lists).where(later)
    if branch is not None:
        rows = rows.where(lists.c.branch == branch)
    return list(work.connection.execute(rows.order_by(lists.c.created_at, lists.c.id).limit(limit)))


def set_state(work: Work, list_id: str, state: str) -> None:
    """Set a list's state."""
    values = {"state": state, "version": lists.c.version + 1}
    work.connection.execute(update(lists).where(lists.c.id == list_id).values(**values))


def details_of(work: Work, row: SealedRow) -> bytes:
    """Return a list's sealed details; an entry must stand before."""
    return vault.open_logged(work, row, "details", Half.REST)


def source_hash(work: Work, owner: str, record: str) -> bytes:
    """Return the keyed hash by which a source's record is known again."""
    return work.agent.keyed_hash("source", joined(owner, record))


def known(work: Work, hashes: Sequence[bytes]) -> dict[bytes, str | None]:
    """Return the record id of each hash seen before; None stands for an erased record."""
    found: dict[bytes, str | None] = {}
    for start in range(0, len(hashes), 500):
        part = hashes[start : start + 500]
        rows = select(sources.c.hash, sources.c.record_id).where(sources.c.hash.in_(part))
        found |= {row[0]: row[1] for row in work.connection.execute(rows)}
    return found


def seen(digest: bytes, record: str | None, list_id: str | None) -> dict[str, object]:
    """Return the row of a source's record that is kept as `record`, or (None) not to be kept."""
    return {"hash": digest, "record_id": record, "list_id": list_id, "erased_at": None}


def remember(work: Work, rows: Sequence[dict[str, object]]) -> None:
    """Insert hashes of records seen for the first time: hash, record_id, list_id, erased_at."""
    insert_many(work.connection, sources, rows)


def bury(work: Work, records: Sequence[str]) -> None:
    """Turn the hashes of these records into tombstones: they do not come back."""
    for start in range(0, len(records), 500):
        mine = sources.c.record_id.in_(records[start : start + 500])
        values = {"record_id": None, "list_id": None, "erased_at": work.micros}
        work.connection.execute(update(sources).where(mine).values(**values))


def forget(work: Work, records: Sequence[str]) -> None:
    """Delete the hashes of these records: a corrected list may bring them again."""
    for start in range(0, len(records), 500):
        mine = sources.c.record_id.in_(records[start : start + 500])
        work.connection.execute(delete(sources).where(mine))
