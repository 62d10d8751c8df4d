"""Table `enquiries`: what comes before a case, each under keys of its own.

Clear: branch, officer, dates, whether it is still open, version. State, words and names are one
sealed document.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Boolean, Column, Index, Integer, Table, delete, insert, select, update

from rfl.domain.access import Object
from rfl.domain.enquiry import Enquiry
from rfl.domain.groups import Group
from rfl.domain.states import STEPS, PreCase
from rfl.errors import StaleVersion
from rfl.storage import ledger, reach, searches, vault
from rfl.storage.columns import Code, Id, Micros, Sealed, metadata
from rfl.storage.documents import opened_document, sealed_document
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

enquiries = Table(
    "enquiries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("case_id", Id, index=True),
    Column("branch", Code, nullable=False),
    Column("officer", Id),
    Column("created_at", Micros, nullable=False),
    Column("due_at", Micros),
    Column("open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column(vault.TIE, Sealed),
    Column("content", Sealed),
    Index("ix_enquiries_branch_open_created_at_id", "branch", "open", "created_at", "id"),
)


@dataclass(frozen=True, slots=True)
class EnquiryRow:
    """The clear part of an enquiry."""

    id: str
    branch: str
    officer: str | None
    created_at: int
    due_at: int | None
    open: bool
    version: int


_CLEAR = tuple(enquiries.c[name] for name in EnquiryRow.__slots__)


def add(work: Work, row: EnquiryRow, enquiry: Enquiry) -> None:
    """Insert a new enquiry with keys and a log id of its own, and enter it in the log."""
    _keys, key_row = vault.fresh_keys(work, row.id)
    vault.keep_keys(work, [key_row])
    tie, log_ids = vault.new_tie(work, enquiries.name, row.id, 0)
    content = sealed_document(work, enquiries.name, row.id, enquiry)
    values = {name: getattr(row, name) for name in EnquiryRow.__slots__}
    work.connection.execute(insert(enquiries), values | {vault.TIE: tie, "content": content})
    ledger.append(work, objects=log_ids, groups=(Group.CIRCUMSTANCES,), count=1)


def opened(work: Work, enquiry_id: str, version: int | None = None) -> tuple[EnquiryRow, Enquiry]:
    """Enter the opening in the log, open the enquiry; StaleVersion if it has another version."""
    mine = select(enquiries).where(enquiries.c.id == enquiry_id).with_for_update()
    found = reach.found(work, enquiries.name, lambda: work.connection.execute(mine).first())
    row = EnquiryRow(**{name: getattr(found, name) for name in EnquiryRow.__slots__})
    log_ids = vault.log_ids(work, SealedRow("enquiries", row.id, row.id, {vault.TIE: found.tie}))
    work.require(Object(branch=row.branch, officer=row.officer))
    ledger.append(work, objects=log_ids, groups=(Group.CIRCUMSTANCES,), count=1)
    if version is not None and row.version != version:
        raise StaleVersion
    return row, opened_document(work, enquiries.name, row.id, found.content, Enquiry)


def of_case(work: Work, case_id: str) -> list[tuple[EnquiryRow, Enquiry]]:
    """Open the enquiries that became a case which was reached before, the oldest first."""
    mine = select(enquiries.c.id).where(enquiries.c.case_id == case_id)
    rows = mine.order_by(enquiries.c.created_at, enquiries.c.id)
    return [opened(work, enquiry) for enquiry in work.connection.scalars(rows).all()]


def log_id(work: Work, enquiry_id: str) -> str:
    """Return the log id of an enquiry that was opened before."""
    tie = work.connection.scalar(select(enquiries.c.tie).where(enquiries.c.id == enquiry_id))
    return vault.log_ids(work, SealedRow("enquiries", enquiry_id, enquiry_id, {vault.TIE: tie}))[0]


def keep(work: Work, row: EnquiryRow, enquiry: Enquiry, **clear: object) -> int:
    """Keep a changed enquiry; return its next version. It is open while a step may follow."""
    content = sealed_document(work, enquiries.name, row.id, enquiry)
    is_open = bool(STEPS[PreCase][enquiry.state]) and enquiry.case is None
    mine = (enquiries.c.id == row.id) & (enquiries.c.version == row.version)
    values: dict[str, object] = {"content": content, "open": is_open, "case_id": enquiry.case}
    values |= {"version": row.version + 1} | clear
    if work.connection.execute(update(enquiries).where(mine).values(**values)).rowcount != 1:
        raise StaleVersion
    return row.version + 1


def waiting(work: Work, branch: str, after: tuple[int, str], limit: int) -> list[EnquiryRow]:
    """Return the clear parts of a branch's open enquiries, oldest first."""
    moment, last = after
    later = (enquiries.c.created_at > moment) | (
        (enquiries.c.created_at == moment) & (enquiries.c.id > last)
    )
    rows = select(*_CLEAR).where(enquiries.c.branch == branch, enquiries.c.open, later)
    rows = rows.order_by(enquiries.c.created_at, enquiries.c.id).limit(limit)
    return [EnquiryRow(*found) for found in work.connection.execute(rows)]


def of_officer(work: Work, branch: str, officer: str, page: tuple[str, int]) -> list[str]:
    """Return ids of an officer's open enquiries in a branch, by id: (after this one, so many)."""
    after, limit = page
    mine = (enquiries.c.branch == branch) & enquiries.c.open & (enquiries.c.officer == officer)
    rows = select(enquiries.c.id).where(mine, enquiries.c.id > after)
    return list(work.connection.scalars(rows.order_by(enquiries.c.id).limit(limit)))


def ended(work: Work, before: int, limit: int) -> list[str]:
    """Return ids of enquiries that ended without a case and came before this moment."""
    old = select(enquiries.c.id).where(
        ~enquiries.c.open, enquiries.c.case_id.is_(None), enquiries.c.created_at < before
    )
    return list(work.connection.scalars(old.limit(limit)))


def drop(work: Work, cases: Sequence[str]) -> None:
    """Delete the enquiries that became these cases, with their keys."""
    mine = select(enquiries.c.id).where(enquiries.c.case_id.in_(cases))
    remove(work, list(work.connection.scalars(mine)))


def remove(work: Work, records: Sequence[str]) -> None:
    """Delete these enquiries with the looks made for them, and destroy their keys."""
    searches.drop(work, records)
    vault.destroy_keys(work, records)
    work.connection.execute(delete(enquiries).where(enquiries.c.id.in_(records)))
