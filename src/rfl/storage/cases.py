"""Tables `cases` and `intakes`: outside state and dates in clear, everything else sealed.

`policy` is the version of the rules that an accepted case was last judged by, until it is closed.
`kept_until` is when a case's time of keeping is over by the rules `kept_by` (`storage.keepings`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Column, Index, Integer, Table, bindparam, insert, select, text, update
from sqlalchemy.engine import Row
from sqlalchemy.sql import ColumnElement

from rfl.domain.access import Object
from rfl.domain.groups import HALF, Group
from rfl.domain.request import TracingRequest
from rfl.errors import Erased, StaleVersion
from rfl.storage import direct, people, reach, vault
from rfl.storage.columns import Code, Id, Micros, Sealed, metadata
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work


class OutsideState(StrEnum):
    """What stands in clear: the same for a refusal and for not located (P-03)."""

    OPEN = "open"
    WAITING = "waiting"
    DUE = "due"
    CLOSED = "closed"
    ERASED = "erased"


LIVES = text("state <> 'erased'")
SEALED = (vault.TIE, *(group.value for group in Group))

cases = Table(
    "cases",
    metadata,
    Column("id", Id, primary_key=True),
    Column("state", Code, nullable=False),
    Column("branch", Code, nullable=False),
    Column("officer", Id),
    Column("created_at", Micros, nullable=False),
    Column("due_at", Micros),
    Column("review_at", Micros),
    Column("policy", Code),
    Column("kept_until", Micros),
    Column("kept_by", Code),
    Column("version", Integer, nullable=False),
    *(Column(name, Sealed) for name in SEALED),
    Index("ix_cases_branch_created_at_id", "branch", "created_at", "id"),
    Index("ix_cases_branch_state_created_at_id", "branch", "state", "created_at", "id"),
    Index(
        "ix_cases_branch_officer_state_created_at_id",
        "branch",
        "officer",
        "state",
        "created_at",
        "id",
    ),
    Index("ix_cases_branch_review_at_id", "branch", "review_at", "id"),
    Index("ix_cases_branch_due_at_id", "branch", "due_at", "id"),
    Index("ix_cases_branch_policy_created_at_id", "branch", "policy", "created_at", "id"),
    Index("ix_cases_due_at_id", "due_at", "id"),
    Index("ix_cases_kept_until_id", "kept_until", "id"),
    Index("ix_cases_kept_by_id", "kept_by", "id", postgresql_where=LIVES, sqlite_where=LIVES),
)

intakes = Table(
    "intakes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("branch", Code, nullable=False),
    Column("officer", Id, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column(vault.TIE, Sealed),
)


@dataclass(frozen=True, slots=True)
class CaseRow:
    """The clear part of a case."""

    id: str
    state: OutsideState
    branch: str
    officer: str | None
    created_at: int
    due_at: int | None
    review_at: int | None
    version: int
    policy: str | None = None


@dataclass(frozen=True, slots=True)
class IntakeRow:
    """The clear part of an intake."""

    id: str
    branch: str
    officer: str


_CASE = vault.with_keys(select(cases), cases).where(cases.c.id == bindparam("id"))
_CLEAR = tuple(cases.c[name] for name in CaseRow.__slots__)


def seal(work: Work, case_id: str, request: TracingRequest, terms: bytes) -> dict[str, bytes]:
    """Return every sealed group of a case, the matcher's terms among them."""
    contents = people.split_request(request) | {Group.TERMS: terms}
    return vault.sealed_groups(work, "cases", case_id, contents)


def opened(work: Work, case_id: str) -> tuple[CaseRow, TracingRequest, tuple[str, ...]]:
    """Enter the reading in the log, open the case, and ask whether this actor may.

    The third value is the case's log id, then those of the enquirer and the sought persons.
    """
    row, sealed = load(work, case_id)
    require_alive(work, row)
    log_ids = vault.log_ids(work, sealed)
    work.require(Object(branch=row.branch, officer=row.officer))
    [groups] = vault.open_rows(work, [sealed], people.STORED, objects=log_ids[:1])
    request = people.join_request(groups)
    level, child = request.level, request.child_enquirer
    work.require(Object(branch=row.branch, officer=row.officer, level=level, child=child))
    return row, request, log_ids


def whole(work: Work, case_id: str) -> tuple[CaseRow, TracingRequest, tuple[str, ...]]:
    """Open as `opened` does, at every level: for what the node does by itself, and nobody sees."""
    row, sealed = load(work, case_id)
    require_alive(work, row)
    log_ids = vault.log_ids(work, sealed)
    [groups] = vault.open_rows(work, [sealed], people.STORED, objects=log_ids[:1])
    return row, people.join_request(groups), log_ids


def require_alive(work: Work, row: CaseRow) -> None:
    """Raise Erased for an erased case of one's own branch; to others it was never there."""
    if row.state is OutsideState.ERASED:
        work.require(Object(branch=row.branch))
        raise Erased


def is_detrimental(work: Work, case_id: str) -> bool:
    """True if the request goes to the Central Tracing Agency alone; an entry must stand before."""
    _row, sealed = load(work, case_id)
    column = Group.SENSITIVE.value
    content = vault.open_logged(work, sealed, column, HALF[Group.SENSITIVE])
    return people.is_detrimental(content)


def add(work: Work, row: CaseRow, sealed: dict[str, bytes]) -> None:
    """Insert a case."""
    clear = {name: getattr(row, name) for name in CaseRow.__slots__}
    work.connection.execute(insert(cases), clear | sealed)


def load(work: Work, case_id: str) -> tuple[CaseRow, SealedRow]:
    """Return a case's clear part and its sealed row, or raise NotFound."""
    found = reach.found(
        work, cases.name, lambda: direct.first(work.connection, _CASE, {"id": case_id})
    )
    vault.take_keys(work, found.id, found)
    return _clear(found), sealed_row(found)


def change(work: Work, case_id: str, version: int, values: Mapping[str, object]) -> int:
    """Change a case if it still has this version; return the next, or raise StaleVersion.

    Another outside state, or other rules, let its time of keeping be reckoned anew.
    """
    if not {"state", "policy"}.isdisjoint(values):
        values = {"kept_until": None, "kept_by": None, **values}
    mine = (cases.c.id == case_id) & (cases.c.version == version)
    done = work.connection.execute(update(cases).where(mine).values(version=version + 1, **values))
    if done.rowcount != 1:
        raise StaleVersion
    return version + 1


def in_branch(work: Work, branch: str | None, after: tuple[int, str], limit: int) -> list[CaseRow]:
    """Return the clear parts of a branch's cases (None: of all) in the order of opening."""
    rows = select(*_CLEAR).where(_later(after)).order_by(cases.c.created_at, cases.c.id)
    if branch is not None:
        rows = rows.where(cases.c.branch == branch)
    return [_clear(row) for row in work.connection.execute(rows.limit(limit))]


def of_officer(work: Work, branch: str, officer: str, page: tuple[str, int]) -> list[str]:
    """Return ids of an officer's cases in a branch, by id: (after this one, at most so many)."""
    after, limit = page
    mine = (cases.c.branch == branch) & (cases.c.officer == officer) & (cases.c.id > after)
    rows = select(cases.c.id).where(mine).order_by(cases.c.id).limit(limit)
    return list(work.connection.scalars(rows))


def due(work: Work, after: str, limit: int) -> list[str]:
    """Return ids of cases whose answer date has come, by id, from after this one on."""
    rows = select(cases.c.id).where(cases.c.due_at <= work.micros, cases.c.id > after)
    return list(work.connection.scalars(rows.order_by(cases.c.id).limit(limit)))


def erase(work: Work, case_id: str) -> None:
    """Empty every sealed column; the row stays as a tombstone."""
    values: dict[str, object] = dict.fromkeys(SEALED)
    values |= {"state": OutsideState.ERASED, "officer": None, "due_at": None, "review_at": None}
    values |= {"policy": None, "kept_until": None, "kept_by": None}
    work.connection.execute(
        update(cases).where(cases.c.id == case_id).values(version=cases.c.version + 1, **values)
    )


def add_intake(work: Work, row: IntakeRow, tie: bytes) -> None:
    """Insert an intake."""
    values = {"id": row.id, "branch": row.branch, "officer": row.officer, vault.TIE: tie}
    work.connection.execute(insert(intakes), values | {"created_at": work.micros})


def load_intake(work: Work, intake_id: str) -> tuple[IntakeRow, SealedRow]:
    """Return an intake's clear part and its sealed row, or raise NotFound."""
    mine = select(intakes).where(intakes.c.id == intake_id)
    found = reach.found(work, intakes.name, lambda: work.connection.execute(mine).first())
    sealed = SealedRow("intakes", found.id, found.id, {vault.TIE: found.tie})
    return IntakeRow(found.id, found.branch, found.officer), sealed


def sealed_row(found: Row[tuple[object, ...]]) -> SealedRow:
    """Return the sealed columns of a whole row of `cases`."""
    values = {name: getattr(found, name) for name in SEALED}
    return SealedRow("cases", found.id, found.id, values)


def _clear(found: Row[tuple[object, ...]]) -> CaseRow:
    values = {name: getattr(found, name) for name in CaseRow.__slots__}
    return CaseRow(**values | {"state": OutsideState(found.state)})


def _later(after: tuple[int, str]) -> ColumnElement[bool]:
    moment, last = after
    return (cases.c.created_at > moment) | ((cases.c.created_at == moment) & (cases.c.id > last))
