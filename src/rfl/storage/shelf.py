"""Records of their own beside a case, each one sealed document: what such tables share.

Clear: ids, branch, officer, dates, whether it is open, version. A record that belongs to a case may
be sealed under the case's keys, and is then erased with them; one that may stand alone has keys
and a log id of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from sqlalchemy import Boolean, Column, Integer, Table, delete, insert, select, update
from sqlalchemy.engine import Row
from sqlalchemy.sql import ColumnElement

from rfl.domain.access import Object, Role
from rfl.domain.groups import Group
from rfl.errors import Forbidden, StaleVersion
from rfl.storage import casefiles, honey, ledger, reach, vault
from rfl.storage.columns import Code, Id, Micros, Sealed
from rfl.storage.documents import opened_document, sealed_document
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

GROUPS = (Group.CIRCUMSTANCES,)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Filed:
    """The clear part of such a record."""

    id: str
    case_id: str | None
    branch: str
    officer: str | None
    created_at: int
    due_at: int | None
    open: bool
    version: int


def columns() -> list[Column[Any]]:
    """Return the columns of such a table."""
    return [
        Column("id", Id, primary_key=True),
        Column("case_id", Id, index=True),
        Column("branch", Code, nullable=False),
        Column("officer", Id),
        Column("created_at", Micros, nullable=False),
        Column("due_at", Micros),
        Column("open", Boolean, nullable=False),
        Column("version", Integer, nullable=False),
        Column(vault.TIE, Sealed),
        Column("content", Sealed, nullable=False),
    ]


@dataclass(frozen=True, slots=True)
class Shelf(Generic[_T]):
    """One such table, the type of its documents, and whether they are under their case's keys."""

    table: Table
    kind: type[_T]
    under_case: bool

    def add(self, work: Work, row: Filed, document: _T, **more: object) -> None:
        """Insert a record; one with keys of its own gets a log id, and is entered in the log.

        The case of one under its case's keys was reached, and so entered, before.
        """
        if not self.under_case:
            _keys, key_row = vault.fresh_keys(work, row.id)
            vault.keep_keys(work, [key_row])
            more[vault.TIE], log_ids = vault.new_tie(work, self.table.name, row.id, 0)
            ledger.append(work, objects=log_ids, groups=GROUPS, count=1)
        values: dict[str, object] = {name: getattr(row, name) for name in Filed.__slots__}
        values |= more | {"content": self.sealed(work, row, document)}
        work.connection.execute(insert(self.table), values)

    def opened(self, work: Work, record: str, version: int | None = None) -> tuple[Filed, _T]:
        """Enter the opening in the log, ask whether this actor may, and open the record.

        With a `version` that is not the record's: StaleVersion.
        """
        row, found = self.reached(work, record)
        if version is not None and row.version != version:
            raise StaleVersion
        return row, self.document(work, row, found.content)

    def reached(self, work: Work, record: str) -> tuple[Filed, Row[Any]]:
        """Return the row, locked, once its opening is entered and this actor may."""
        mine = select(self.table).where(self.table.c.id == record).with_for_update()
        ask = partial(work.connection.execute, mine)
        refuse = partial(_reach_case, work)
        found = reach.found(work, self.table.name, lambda: ask().first(), refuse)
        row = clear_part(found)
        _reach_case(work, row)
        if not self.under_case:
            tied = SealedRow(self.table.name, row.id, row.id, {vault.TIE: found.tie})
            log_ids = vault.log_ids(work, tied)
            work.require(Object(branch=row.branch, officer=row.officer))
            ledger.append(work, objects=log_ids, groups=GROUPS, count=1)
        return row, found

    def sealed(self, work: Work, row: Filed, document: object) -> bytes:
        """Return a document sealed for this row."""
        return sealed_document(work, self.table.name, row.id, document, self._keys(row))

    def document(self, work: Work, row: Filed, content: bytes) -> _T:
        """Open the document of a row that was reached."""
        table = self.table.name
        return opened_document(work, table, row.id, content, self.kind, self._keys(row))

    def keep(self, work: Work, row: Filed, document: _T, **clear: object) -> int:
        """Keep a changed document, and what of it stands in clear; return the next version."""
        mine = (self.table.c.id == row.id) & (self.table.c.version == row.version)
        sealed = self.sealed(work, row, document)
        values = {"content": sealed, "version": row.version + 1} | clear
        done = work.connection.execute(update(self.table).where(mine).values(**values))
        if done.rowcount != 1:
            raise StaleVersion
        return row.version + 1

    def page(self, work: Work, branch: str, after: tuple[int, str], limit: int) -> list[Filed]:
        """Return the clear parts of a branch's open records, oldest first."""
        moment, last = after
        table = self.table.c
        later = (table.created_at > moment) | ((table.created_at == moment) & (table.id > last))
        rows = select(self.table).where(table.branch == branch, table.open, later)
        rows = rows.where(honey.outside(work, table.case_id))
        rows = rows.order_by(table.created_at, table.id).limit(limit)
        return [clear_part(found) for found in work.connection.execute(rows)]

    def of_case(self, work: Work, case_id: str) -> list[Filed]:
        """Return the clear parts of a case's records, oldest first."""
        mine = select(self.table).where(self.table.c.case_id == case_id)
        rows = mine.order_by(self.table.c.created_at, self.table.c.id)
        return [clear_part(found) for found in work.connection.execute(rows)]

    def of_officer(self, work: Work, branch: str, officer: str, page: tuple[str, int]) -> list[str]:
        """Return ids of an officer's open records in a branch, by id: (after this one, so many)."""
        after, limit = page
        table = self.table.c
        mine = (table.branch == branch) & table.open & (table.officer == officer)
        rows = select(table.id).where(mine, table.id > after).order_by(table.id).limit(limit)
        return list(work.connection.scalars(rows))

    def give(self, work: Work, case_id: str, leaving: str | None, officer: str) -> None:
        """Give the open records of a case that one officer (None: nobody) has to another."""
        table = self.table.c
        theirs = table.officer.is_(None) if leaving is None else table.officer == leaving
        mine = (table.case_id == case_id) & table.open & theirs
        given = update(self.table).where(mine).values(officer=officer, version=table.version + 1)
        work.connection.execute(given)

    def all_of_case(self, work: Work, case_id: str) -> list[tuple[Filed, _T]]:
        """Open every record of a case that was reached before, oldest first.

        Those with keys of their own are entered in the log together; one of another branch is
        left out.
        """
        mine = select(self.table).where(self.table.c.case_id == case_id)
        rows = mine.order_by(self.table.c.created_at, self.table.c.id)
        found = list(work.connection.execute(rows))
        if not self.under_case:
            found = [row for row in found if may(work, Object(branch=row.branch))]
            self._entered(work, found)
        return self._documents(work, found)

    def of_peer(self, work: Work, mine: ColumnElement[bool]) -> list[tuple[Filed, _T]]:
        """Open what came from another society, each with keys of its own, for its own word.

        They are entered in the log together.
        """
        found = list(work.connection.execute(select(self.table).where(mine)))
        self._entered(work, found)
        return self._documents(work, found)

    def _entered(self, work: Work, found: Sequence[Row[Any]]) -> None:
        tied = [SealedRow(self.table.name, row.id, row.id, {vault.TIE: row.tie}) for row in found]
        objects = [one for row in tied for one in vault.log_ids(work, row)]
        ledger.append(work, objects=objects, groups=GROUPS, count=len(found))

    def _documents(self, work: Work, found: Sequence[Row[Any]]) -> list[tuple[Filed, _T]]:
        parts = [(clear_part(row), row.content) for row in found]
        return [(row, self.document(work, row, content)) for row, content in parts]

    def drop(self, work: Work, cases: Sequence[str]) -> None:
        """Delete the records of these cases, and destroy the keys that they have of their own."""
        theirs = self.table.c.case_id.in_(cases)
        if not self.under_case:
            own = list(work.connection.scalars(select(self.table.c.id).where(theirs)))
            vault.destroy_keys(work, own)
        work.connection.execute(delete(self.table).where(theirs))

    def remove(self, work: Work, records: Sequence[str]) -> None:
        """Delete these records and destroy their own keys."""
        vault.destroy_keys(work, records)
        work.connection.execute(delete(self.table).where(self.table.c.id.in_(records)))

    def _keys(self, row: Filed) -> str:
        return row.id if not self.under_case else row.case_id or row.id


def _reach_case(work: Work, row: Any) -> None:
    """Raise Forbidden if the record belongs to a case that this actor may not read."""
    if row.case_id is not None and work.actor.role is not Role.SERVICE:
        casefiles.reached(work, row.case_id)


def may(work: Work, on: Object) -> bool:
    """True if this actor may do to the object what the work is for."""
    try:
        work.require(on)
    except Forbidden:
        return False
    return True


def clear_part(found: Row[Any]) -> Filed:
    """Return the clear part of a whole row."""
    return Filed(**{name: getattr(found, name) for name in Filed.__slots__})
