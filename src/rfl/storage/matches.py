"""Table `matches`: proposals between two persons of two records, at most one for a pair.

Clear: random ids, whether somebody still has to decide, version. The evidence is sealed under
the identity key of the left record, so that the matcher alone can write it; what was decided,
and why, under its rest key.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    Table,
    UniqueConstraint,
    delete,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row
from sqlalchemy.sql import ColumnElement

from rfl.crypto.sealing import Spot
from rfl.domain.decoding import decoded
from rfl.domain.groups import Half
from rfl.domain.match import OPEN_STATES, Decided, Evidence
from rfl.errors import NotFound, StaleVersion
from rfl.storage import vault
from rfl.storage.columns import Id, Micros, Sealed, metadata
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

matches = Table(
    "matches",
    metadata,
    Column("id", Id, primary_key=True),
    Column("left_record", Id, nullable=False),
    Column("left_person", Id, nullable=False),
    Column("right_record", Id, nullable=False),
    Column("right_person", Id, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("version", Integer, nullable=False),
    Column("evidence", Sealed, nullable=False),
    Column("decided", Sealed),
    UniqueConstraint("left_person", "right_person"),
    Index("ix_matches_left_record", "left_record"),
    Index("ix_matches_right_record", "right_record"),
)


@dataclass(frozen=True, slots=True)
class MatchRow:
    """The clear part of a proposal."""

    id: str
    left_record: str
    left_person: str
    right_record: str
    right_person: str
    open: bool
    created_at: int
    version: int


def add(work: Work, row: MatchRow, evidence: Evidence) -> bool:
    """Insert a proposal, evidence sealed under the left record's identity key; once a pair.

    False if there is a proposal for the pair already.
    """
    sealed = _sealed_evidence(work, row, evidence)
    values = {name: getattr(row, name) for name in MatchRow.__slots__}
    is_postgres = work.connection.dialect.name == "postgresql"
    insert = postgresql.insert if is_postgres else sqlite.insert
    statement = insert(matches).values(**values, evidence=sealed)
    added = statement.on_conflict_do_nothing().returning(matches.c.id)
    return work.connection.execute(added).first() is not None


def renew(work: Work, row: MatchRow, evidence: Evidence) -> None:
    """Put new evidence in place of the old; whoever has read the old reads again to decide."""
    sealed = _sealed_evidence(work, row, evidence)
    mine = update(matches).where(matches.c.id == row.id)
    work.connection.execute(mine.values(evidence=sealed, version=matches.c.version + 1))


def remove(work: Work, match_id: str) -> None:
    """Delete one proposal, with what branches were told of it."""
    work.connection.execute(delete(matches).where(matches.c.id == match_id))


def rows_of(work: Work, records: Sequence[str]) -> list[MatchRow]:
    """Return the clear parts of every proposal that names any of these records."""
    columns = [matches.c[name] for name in MatchRow.__slots__]
    found = [work.connection.execute(select(*columns).where(mine)) for mine in _naming(records)]
    return [MatchRow(*row) for rows in found for row in rows]


def rows_by_id(work: Work, ids: Sequence[str]) -> list[MatchRow]:
    """Return the clear parts of these proposals."""
    columns = [matches.c[name] for name in MatchRow.__slots__]
    found = work.connection.execute(select(*columns).where(matches.c.id.in_(ids)))
    return [MatchRow(*row) for row in found]


def load(work: Work, match_id: str) -> tuple[MatchRow, SealedRow]:
    """Return a proposal's clear part and its sealed row, or raise NotFound."""
    found = work.connection.execute(select(matches).where(matches.c.id == match_id)).first()
    if found is None:
        raise NotFound
    return _clear(found), _sealed(found)


def of_records(work: Work, records: Sequence[str]) -> list[tuple[MatchRow, SealedRow]]:
    """Return every proposal that names any of these records."""
    found: dict[str, tuple[MatchRow, SealedRow]] = {}
    for mine in _naming(records):
        rows = select(matches).where(mine).order_by(matches.c.id)
        found |= {row.id: (_clear(row), _sealed(row)) for row in work.connection.execute(rows)}
    return list(found.values())


def locked(work: Work, ids: Sequence[str]) -> list[tuple[MatchRow, SealedRow]]:
    """Return these proposals by id, as far as they are still there, and keep them from changing."""
    rows = select(matches).where(matches.c.id.in_(ids)).order_by(matches.c.id).with_for_update()
    return [(_clear(row), _sealed(row)) for row in work.connection.execute(rows)]


def is_decided(row: SealedRow) -> bool:
    """Whether somebody has decided anything about it; what, stays sealed."""
    return row.values["decided"] is not None


def evidence_of(work: Work, row: SealedRow) -> Evidence:
    """Open the evidence; an entry must stand before."""
    content = vault.open_logged(work, row, "evidence", Half.IDENTITY)
    return decoded(content, Evidence)


def decided_of(work: Work, row: SealedRow) -> Decided:
    """Open what was decided; an entry must stand before."""
    if row.values["decided"] is None:
        return Decided()
    content = vault.open_logged(work, row, "decided", Half.REST)
    return decoded(content, Decided)


def decide(work: Work, row: MatchRow, version: int, decided: Decided, evidence: Evidence) -> int:
    """Keep a decision on this evidence if the version is still this, or raise StaleVersion."""
    spot = Spot("matches", "decided", row.id, row.left_record)
    sealed = vault.sealed_value(work, spot, Half.REST, msgspec.json.encode(decided))
    mine = (matches.c.id == row.id) & (matches.c.version == version)
    done = work.connection.execute(
        update(matches)
        .where(mine)
        .values(
            version=version + 1,
            decided=sealed,
            evidence=_sealed_evidence(work, row, evidence),
            open=decided.state in OPEN_STATES,
        )
    )
    if done.rowcount != 1:
        raise StaleVersion
    return version + 1


def drop(work: Work, records: Sequence[str]) -> None:
    """Delete the proposals that name any of these records."""
    for mine in _naming(records):
        work.connection.execute(delete(matches).where(mine))


def end_open(work: Work, records: Sequence[str]) -> None:
    """Delete the proposals that name any of these records and that nobody has settled.

    What was confirmed or rejected stays: a record that comes back is not proposed against it.
    """
    for mine in _naming(records):
        work.connection.execute(delete(matches).where(mine, matches.c.open))


def _naming(records: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    for start in range(0, len(records), 200):
        part = records[start : start + 200]
        yield matches.c.left_record.in_(part) | matches.c.right_record.in_(part)


def _sealed_evidence(work: Work, row: MatchRow, evidence: Evidence) -> bytes:
    spot = Spot("matches", "evidence", row.id, row.left_record)
    return vault.sealed_value(work, spot, Half.IDENTITY, msgspec.json.encode(evidence))


def _clear(found: Row[tuple[object, ...]]) -> MatchRow:
    return MatchRow(**{name: getattr(found, name) for name in MatchRow.__slots__})


def _sealed(found: Row[tuple[object, ...]]) -> SealedRow:
    values = {"evidence": found.evidence, "decided": found.decided}
    return SealedRow("matches", found.id, found.left_record, values)
