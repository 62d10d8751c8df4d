"""Table `identifiers`: keyed hashes of phone and document numbers, for exact matching.

Only kinds that the society's policy lists are kept (P-18). The key never lies with the
database, since a phone number can be guessed.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import Column, Table, delete, select

from rfl.domain.identifiers import comparable
from rfl.domain.person import IdentifierKind, Person
from rfl.storage import honey
from rfl.storage.columns import Digest, Id, insert_many, metadata
from rfl.storage.work import Work

identifiers = Table(
    "identifiers",
    metadata,
    Column("hash", Digest, primary_key=True),
    Column("person_id", Id, primary_key=True),
    Column("record_id", Id, nullable=False, index=True),
)


def replace(
    work: Work,
    record: str,
    persons: Sequence[Person],
    kinds: frozenset[IdentifierKind],
    region: str | None,
) -> None:
    """Keep the hashes of these persons, and no others, for the record."""
    drop(work, [record])
    rows = [row for one in persons for row in hashes_of(work, one, record, kinds, region)]
    keep(work, rows)


def hashes_of(
    work: Work, person: Person, record: str, kinds: frozenset[IdentifierKind], region: str | None
) -> list[tuple[bytes, str, str]]:
    """Return (hash, person id, record id) for the person's identifiers of the kinds allowed."""
    rows: list[tuple[bytes, str, str]] = []
    for identifier in person.identifiers:
        form = comparable(identifier, region) if identifier.kind in kinds else None
        if form is not None:
            digest = work.agent.keyed_hash(f"id:{identifier.kind}", form.encode("utf-8"))
            rows.append((digest, person.id, record))
    return rows


def keep(work: Work, rows: Iterable[tuple[bytes, str, str]]) -> None:
    """Insert (hash, person id, record id)."""
    values = [
        {"hash": digest, "person_id": person, "record_id": record}
        for digest, person, record in dict.fromkeys(rows)
    ]
    insert_many(work.connection, identifiers, values)


def drop(work: Work, records: Sequence[str]) -> None:
    """Delete the hashes of these records."""
    for start in range(0, len(records), 500):
        mine = identifiers.c.record_id.in_(records[start : start + 500])
        work.connection.execute(delete(identifiers).where(mine))


def holders(work: Work, hashes: Sequence[bytes]) -> list[tuple[bytes, str, str]]:
    """Return (hash, person id, record id) for everyone who has one of these identifiers."""
    found: list[tuple[bytes, str, str]] = []
    columns = (identifiers.c.hash, identifiers.c.person_id, identifiers.c.record_id)
    for start in range(0, len(hashes), 500):
        rows = select(*columns).where(identifiers.c.hash.in_(hashes[start : start + 500]))
        rows = rows.where(honey.outside(work, identifiers.c.record_id))
        found += [(row[0], row[1], row[2]) for row in work.connection.execute(rows)]
    return found


def of_records(work: Work, records: Sequence[str]) -> list[tuple[bytes, str, str]]:
    """Return (hash, person id, record id) of these records."""
    columns = (identifiers.c.hash, identifiers.c.person_id, identifiers.c.record_id)
    found: list[tuple[bytes, str, str]] = []
    for start in range(0, len(records), 500):
        mine = identifiers.c.record_id.in_(records[start : start + 500])
        rows = work.connection.execute(select(*columns).where(mine))
        found += [(row[0], row[1], row[2]) for row in rows]
    return found
