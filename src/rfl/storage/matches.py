"""Table `matches`: proposals between two persons of two records, at most one for a pair.

Clear: random ids, whether somebody still has to decide, version. The evidence is sealed under
the identity key of the left record, so that the matcher alone can write it; what was decided,
and why, under its rest key.
"""

from collections.abc import Sequence
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
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from rfl.crypto.sealing import Spot
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


def add(work: Work, row: MatchRow, evidence: Evidence) -> None:
    """Insert a proposal, evidence sealed under the left record's identity key; once a pair."""
    spot = Spot("matches", "evidence", row.id, row.left_record)
    content = msgspec.json.encode(evidence)
    sealed = vault.sealed_value(work, spot, Half.IDENTITY, content)
    values = {name: getattr(row, name) for name in MatchRow.__slots__}
    is_postgres = work.connection.dialect.name == "postgresql"
    insert = postgresql.insert if is_postgres else sqlite.insert
    statement = insert(matches).values(**values, evidence=sealed)
    work.connection.execute(statement.on_conflict_do_nothing())


def pairs_kept(work: Work, pairs: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Return which of these (left person, right person) have a proposal already."""
    key = tuple_(matches.c.left_person, matches.c.right_person)
    kept: set[tuple[str, str]] = set()
    for start in range(0, len(pairs), 200):
        rows = select(matches.c.left_person, matches.c.right_person)
        rows = rows.where(key.in_(pairs[start : start + 200]))
        kept |= {(row[0], row[1]) for row in work.connection.execute(rows)}
    return kept


def load(work: Work, match_id: str) -> tuple[MatchRow, SealedRow]:
    """Return a proposal's clear part and its sealed row, or raise NotFound."""
    found = work.connection.execute(select(matches).where(matches.c.id == match_id)).first()
    if found is None:
        raise NotFound
    return _clear(found), _sealed(found)


def of_record(work: Work, record: str) -> list[tuple[MatchRow, SealedRow]]:
    """Return every proposal that names this record on either side."""
    mine = (matches.c.left_record == record) | (matches.c.right_record == record)
    rows = work.connection.execute(select(matches).where(mine).order_by(matches.c.created_at))
    return [(_clear(row), _sealed(row)) for row in rows]


def evidence_of(work: Work, row: SealedRow) -> Evidence:
    """Open the evidence; an entry must stand before."""
    content = vault.open_logged(work, row, "evidence", Half.IDENTITY)
    return msgspec.json.decode(content, type=Evidence)


def decided_of(work: Work, row: SealedRow) -> Decided:
    """Open what was decided; an entry must stand before."""
    if row.values["decided"] is None:
        return Decided()
    content = vault.open_logged(work, row, "decided", Half.REST)
    return msgspec.json.decode(content, type=Decided)


def decide(work: Work, row: MatchRow, version: int, decided: Decided) -> int:
    """Keep a decision if the proposal still has this version, or raise StaleVersion."""
    spot = Spot("matches", "decided", row.id, row.left_record)
    sealed = vault.sealed_value(work, spot, Half.REST, msgspec.json.encode(decided))
    mine = (matches.c.id == row.id) & (matches.c.version == version)
    done = work.connection.execute(
        update(matches)
        .where(mine)
        .values(version=version + 1, decided=sealed, open=decided.state in OPEN_STATES)
    )
    if done.rowcount != 1:
        raise StaleVersion
    return version + 1


def drop(work: Work, records: Sequence[str]) -> None:
    """Delete the proposals that name any of these records."""
    for start in range(0, len(records), 200):
        part = records[start : start + 200]
        mine = matches.c.left_record.in_(part) | matches.c.right_record.in_(part)
        work.connection.execute(delete(matches).where(mine))


def _clear(found: Row[tuple[object, ...]]) -> MatchRow:
    return MatchRow(**{name: getattr(found, name) for name in MatchRow.__slots__})


def _sealed(found: Row[tuple[object, ...]]) -> SealedRow:
    values = {"evidence": found.evidence, "decided": found.decided}
    return SealedRow("matches", found.id, found.left_record, values)
