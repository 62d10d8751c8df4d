"""The queues of the enquirer's side, from what stands in clear: no name and no finding.

Each is a range of one index, or one for each outside state, so that it costs the same among any
number of cases. Pages go on after (microseconds, id) of what the queue is ordered by.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Select, func, select, tuple_
from sqlalchemy.sql import ColumnElement

from rfl.storage import honey
from rfl.storage.cases import CaseRow, OutsideState, cases
from rfl.storage.work import Work

LIVE = (OutsideState.OPEN, OutsideState.WAITING, OutsideState.DUE)
_CLEAR = tuple(cases.c[name] for name in CaseRow.__slots__)
_Page = tuple[tuple[int, str], int]


@dataclass(frozen=True, slots=True)
class Clear:
    """What a queue is narrowed by in clear: branch, outside states, and when a case was opened."""

    branch: str
    states: tuple[OutsideState, ...] = LIVE
    opened_from: int | None = None
    opened_before: int | None = None


def of_officer(work: Work, clear: Clear, officer: str | None, page: _Page) -> list[CaseRow]:
    """Return an officer's cases, the first opened first; None: nobody's."""
    theirs = cases.c.officer.is_(None) if officer is None else cases.c.officer == officer
    return _in_states(work, clear, theirs & (cases.c.branch == clear.branch), page)


def of_branch(work: Work, clear: Clear, page: _Page) -> list[CaseRow]:
    """Return a branch's cases, the first opened first."""
    return _in_states(work, clear, cases.c.branch == clear.branch, page)


def to_review(work: Work, clear: Clear, until: int, page: _Page) -> list[CaseRow]:
    """Return the cases that rest until this moment or one before, the longest overdue first."""
    return _until(work, clear, cases.c.review_at, until, page)


def answers(work: Work, clear: Clear, until: int, page: _Page) -> list[CaseRow]:
    """Return the cases whose answer date comes until this moment, the next first."""
    return _until(work, clear, cases.c.due_at, until, page)


def judged_before(work: Work, clear: Clear, policy: str, page: _Page) -> list[CaseRow]:
    """Return the accepted cases that were judged by another version of the rules than this."""
    after, limit = page
    found: list[CaseRow] = []
    for old in _policies(work, clear.branch):
        if old != policy:
            mine = (cases.c.branch == clear.branch) & (cases.c.policy == old)
            later = tuple_(cases.c.created_at, cases.c.id) > after
            rows = _narrowed(work, select(*_CLEAR).where(mine, later), clear)
            found += _rows(work, rows.order_by(cases.c.created_at, cases.c.id).limit(limit))
    return _first(found, limit)


def _policies(work: Work, branch: str) -> Iterator[str]:
    """Yield the versions that a branch's cases were judged by: one look into the index for each."""
    least = select(func.min(cases.c.policy)).where(cases.c.branch == branch)
    code = work.connection.scalar(least)
    while code is not None:
        yield code
        code = work.connection.scalar(least.where(cases.c.policy > code))


def _until(work: Work, clear: Clear, column: Column[Any], until: int, page: _Page) -> list[CaseRow]:
    after, limit = page
    mine = (cases.c.branch == clear.branch) & (column <= until)
    rows = select(*_CLEAR).where(mine, tuple_(column, cases.c.id) > after)
    rows = _narrowed(work, rows, clear)
    return _rows(work, rows.order_by(column, cases.c.id).limit(limit))


def _in_states(work: Work, clear: Clear, mine: ColumnElement[bool], page: _Page) -> list[CaseRow]:
    after, limit = page
    later = tuple_(cases.c.created_at, cases.c.id) > after
    found: list[CaseRow] = []
    for state in clear.states:
        rows = select(*_CLEAR).where(mine, cases.c.state == state, later)
        rows = _opened(work, rows, clear)
        found += _rows(work, rows.order_by(cases.c.created_at, cases.c.id).limit(limit))
    return _first(found, limit)


def _narrowed(work: Work, rows: Select[Any], clear: Clear) -> Select[Any]:
    return _opened(work, rows.where(cases.c.state.in_(clear.states)), clear)


def _opened(work: Work, rows: Select[Any], clear: Clear) -> Select[Any]:
    rows = rows.where(honey.outside(work, cases.c.id))
    if clear.opened_from is not None:
        rows = rows.where(cases.c.created_at >= clear.opened_from)
    if clear.opened_before is not None:
        rows = rows.where(cases.c.created_at < clear.opened_before)
    return rows


def _first(found: list[CaseRow], limit: int) -> list[CaseRow]:
    return sorted(found, key=lambda row: (row.created_at, row.id))[:limit]


def _rows(work: Work, wanted: Select[Any]) -> list[CaseRow]:
    return [
        CaseRow(**dict(row) | {"state": OutsideState(row["state"])})
        for row in work.connection.execute(wanted).mappings()
    ]
