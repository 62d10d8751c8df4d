"""Table `registrations`: people on somebody's list, each under keys of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, case, delete, select, update
from sqlalchemy.engine import Row

from rfl.domain.access import Object
from rfl.domain.groups import Group
from rfl.domain.registration import Registration
from rfl.errors import StaleVersion
from rfl.storage import people, reach, vault
from rfl.storage.columns import Code, Id, Micros, Sealed, insert_many, metadata
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

_A_DAY = 86_400 * 1_000_000
SELDOM = 30 * _A_DAY
SEALED = (vault.TIE, *(group.value for group in Group))

registrations = Table(
    "registrations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("branch", Code, nullable=False),
    Column("officer", Id),
    Column("list_id", Id, ForeignKey("lists.id"), index=True),
    Column("created_at", Micros, nullable=False),
    Column("expires_at", Micros, index=True),
    Column("version", Integer, nullable=False),
    *(Column(name, Sealed) for name in SEALED),
    Index("ix_registrations_branch_created_at_id", "branch", "created_at", "id"),
)


@dataclass(frozen=True, slots=True)
class RegistrationRow:
    """The clear part of a registration."""

    id: str
    branch: str
    officer: str | None
    list_id: str | None
    created_at: int
    expires_at: int | None
    version: int


_CLEAR = tuple(registrations.c[name] for name in RegistrationRow.__slots__)


def seal(
    work: Work, registration_id: str, registration: Registration, terms: bytes
) -> dict[str, bytes]:
    """Return every sealed group of a registration, the matcher's terms among them."""
    contents = people.split_registration(registration) | {Group.TERMS: terms}
    return vault.sealed_groups(work, "registrations", registration_id, contents)


def opened(
    work: Work, registration_id: str
) -> tuple[RegistrationRow, Registration, tuple[str, ...]]:
    """Enter the reading in the log, open the registration, ask whether this actor may."""
    row, sealed = load(work, registration_id)
    log_ids = vault.log_ids(work, sealed)
    work.require(Object(branch=row.branch, officer=row.officer))
    [groups] = vault.open_rows(work, [sealed], people.STORED, objects=log_ids[:1])
    registration = people.join_registration(groups)
    level, child = registration.level, registration.of_child
    work.require(Object(branch=row.branch, officer=row.officer, level=level, child=child))
    return row, registration, log_ids


def add(work: Work, rows: Sequence[dict[str, object]]) -> None:
    """Insert registrations: clear and sealed columns together."""
    insert_many(work.connection, registrations, rows)


def load(work: Work, registration_id: str) -> tuple[RegistrationRow, SealedRow]:
    """Return a registration's clear part and its sealed row, or raise NotFound."""
    mine = select(registrations).where(registrations.c.id == registration_id)
    found = reach.found(work, registrations.name, lambda: work.connection.execute(mine).first())
    return _clear(found), sealed_row(found)


def change(work: Work, registration_id: str, version: int, values: dict[str, object]) -> int:
    """Change a registration of this version; return the next version, or raise StaleVersion."""
    mine = (registrations.c.id == registration_id) & (registrations.c.version == version)
    done = work.connection.execute(
        update(registrations).where(mine).values(version=version + 1, **values)
    )
    if done.rowcount != 1:
        raise StaleVersion
    return version + 1


def in_branch(
    work: Work, branch: str | None, after: tuple[int, str], limit: int
) -> list[RegistrationRow]:
    """Return the clear parts of a branch's registrations (None: of all), oldest first."""
    moment, last = after
    later = (registrations.c.created_at > moment) | (
        (registrations.c.created_at == moment) & (registrations.c.id > last)
    )
    rows = select(*_CLEAR).where(later)
    if branch is not None:
        rows = rows.where(registrations.c.branch == branch)
    rows = rows.order_by(registrations.c.created_at, registrations.c.id).limit(limit)
    return [_clear(row) for row in work.connection.execute(rows)]


def expired(work: Work, limit: int) -> list[str]:
    """Return ids of registrations whose time is over."""
    rows = select(registrations.c.id).where(registrations.c.expires_at <= work.micros)
    return list(work.connection.scalars(rows.limit(limit)))


def keep_on(work: Work, until: Mapping[int | None, Sequence[str]]) -> None:
    """Keep these until their moment, if that is at least SELDOM later than it was.

    They came again unchanged: a list that comes every day writes a row every month.
    """
    for moment, ids in until.items():
        if moment is not None:
            sooner = registrations.c.expires_at < moment - SELDOM
            mine = registrations.c.id.in_(ids) & sooner
            work.connection.execute(update(registrations).where(mine).values(expires_at=moment))


def bound(work: Work, kept: int, limit: int) -> int:
    """Let some end that nothing ends, or that end later than these microseconds from now.

    Those were taken in under other rules; the first are counted from when that was. How many.
    """
    table = registrations.c
    unbound = table.expires_at.is_(None) | (table.expires_at > work.micros + kept + 2 * _A_DAY)
    some = select(table.id).where(unbound).limit(limit)
    ends = case((table.expires_at.is_(None), table.created_at + kept), else_=work.micros + kept)
    done = work.connection.execute(
        update(registrations).where(table.id.in_(some)).values(expires_at=ends)
    )
    return done.rowcount


def of_list(work: Work, list_id: str, limit: int) -> list[str]:
    """Return ids of registrations that stand on this list."""
    rows = select(registrations.c.id).where(registrations.c.list_id == list_id)
    return list(work.connection.scalars(rows.limit(limit)))


def remove(work: Work, ids: Sequence[str]) -> None:
    """Delete the rows. Their tombstones stand in `sources`."""
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        work.connection.execute(delete(registrations).where(registrations.c.id.in_(part)))


def sealed_row(found: Row[tuple[object, ...]]) -> SealedRow:
    """Return the sealed columns of a whole row of `registrations`."""
    values = {name: getattr(found, name) for name in SEALED}
    return SealedRow("registrations", found.id, found.id, values)


def _clear(found: Row[tuple[object, ...]]) -> RegistrationRow:
    return RegistrationRow(**{name: getattr(found, name) for name in RegistrationRow.__slots__})
