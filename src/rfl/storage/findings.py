"""Table `findings`: unusual reading, for people to look at, each found once.

Clear: a random id, a keyed hash that tells the same finding of another run, its state, when it
was found. Everything else is sealed under keys of its own: who, which rule, figures and log ids
in `found`, the reviewers' words in `decided`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from sqlalchemy import Column, Index, Integer, Table, delete, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Row

from rfl.crypto.sealing import Spot
from rfl.domain.decoding import decoded
from rfl.domain.finding import Finding, FindingState, Judged
from rfl.domain.groups import Half
from rfl.domain.ids import new_id
from rfl.errors import NotFound, StaleVersion
from rfl.storage import vault
from rfl.storage.columns import Code, Digest, Id, Micros, Sealed, metadata
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

findings = Table(
    "findings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Digest, nullable=False, unique=True),
    Column("state", Code, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("version", Integer, nullable=False),
    Column("found", Sealed, nullable=False),
    Column("decided", Sealed),
    Index("ix_findings_created_at_id", "created_at", "id"),
)


@dataclass(frozen=True, slots=True)
class FindingRow:
    """The clear part of a finding."""

    id: str
    state: FindingState
    created_at: int
    version: int


def keep(work: Work, found: Sequence[Finding]) -> int:
    """Insert those findings that are not known yet; return how many that are."""
    return sum(_keep(work, one) for one in found)


def load(work: Work, finding_id: str) -> tuple[FindingRow, SealedRow]:
    """Return a finding's clear part and its sealed row, or raise NotFound."""
    row = work.connection.execute(select(findings).where(findings.c.id == finding_id)).first()
    if row is None:
        raise NotFound
    return _clear(row), _sealed(row)


def page(
    work: Work, state: FindingState | None, after: tuple[int, str], limit: int
) -> list[tuple[FindingRow, SealedRow]]:
    """Return findings in the order in which they were found."""
    rows = select(findings).where(tuple_(findings.c.created_at, findings.c.id) > after)
    if state is not None:
        rows = rows.where(findings.c.state == state)
    ordered = rows.order_by(findings.c.created_at, findings.c.id).limit(limit)
    return [(_clear(row), _sealed(row)) for row in work.connection.execute(ordered)]


def found_of(work: Work, row: SealedRow) -> Finding:
    """Open what was found; an entry must stand before."""
    return decoded(vault.open_logged(work, row, "found", Half.REST), Finding)


def judged_of(work: Work, row: SealedRow) -> Judged:
    """Open what was decided; an entry must stand before."""
    if row.values["decided"] is None:
        return Judged()
    return decoded(vault.open_logged(work, row, "decided", Half.REST), Judged)


def ended(work: Work, judged: int, others: int, limit: int) -> list[str]:
    """Return ids of findings that were found before one moment and judged, or before the other."""
    is_judged = findings.c.state != FindingState.OPEN
    old = (findings.c.created_at < others) | (is_judged & (findings.c.created_at < judged))
    return list(work.connection.scalars(select(findings.c.id).where(old).limit(limit)))


def remove(work: Work, ids: Sequence[str]) -> None:
    """Delete findings with their keys; the caller scrubs after the commit."""
    work.connection.execute(delete(findings).where(findings.c.id.in_(ids)))
    vault.destroy_keys(work, ids)


def decide(work: Work, finding_id: str, version: int, judged: Judged) -> int:
    """Keep a decision if the finding still has this version, or raise StaleVersion."""
    spot = Spot("findings", "decided", finding_id, finding_id)
    sealed = vault.sealed_value(work, spot, Half.REST, msgspec.json.encode(judged))
    mine = (findings.c.id == finding_id) & (findings.c.version == version)
    values = {"version": version + 1, "state": judged.state, "decided": sealed}
    if work.connection.execute(update(findings).where(mine).values(**values)).rowcount != 1:
        raise StaleVersion
    return version + 1


def _keep(work: Work, found: Finding) -> bool:
    key = work.agent.keyed_hash("finding", found.name.encode("utf-8"))
    known = select(findings.c.id).where(findings.c.key == key)
    if work.connection.scalar(known) is not None:
        return False
    finding_id = new_id("fnd")
    _keys, key_row = vault.fresh_keys(work, finding_id)
    spot = Spot("findings", "found", finding_id, finding_id)
    values = {
        "id": finding_id,
        "key": key,
        "state": FindingState.OPEN,
        "created_at": work.micros,
        "version": 1,
        "found": vault.sealed_value(work, spot, Half.REST, msgspec.json.encode(found)),
    }
    insert = postgresql.insert if work.connection.dialect.name == "postgresql" else sqlite.insert
    statement = insert(findings).values(**values).on_conflict_do_nothing()
    if work.connection.scalar(statement.returning(findings.c.id)) is None:
        return False
    vault.keep_keys(work, [key_row])
    return True


def _clear(row: Row[tuple[object, ...]]) -> FindingRow:
    return FindingRow(row.id, FindingState(row.state), row.created_at, row.version)


def _sealed(row: Row[tuple[object, ...]]) -> SealedRow:
    values = {"found": row.found, "decided": row.decided}
    return SealedRow("findings", row.id, row.id, values)
