"""The queues of the enquirer's side, from what stands in clear: no name and no finding.

Each is a range of one index for each outside state, so that it costs the same among any number of
cases. Pages go on after (microseconds, id).
"""

from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.sql import ColumnElement

from rfl.storage.cases import CaseRow, OutsideState, cases
from rfl.storage.work import Work

LIVE = (OutsideState.OPEN, OutsideState.WAITING, OutsideState.DUE)
_CLEAR = tuple(cases.c[name] for name in CaseRow.__slots__)
_Page = tuple[tuple[int, str], int]


def of_officer(
    work: Work, branch: str, officer: str | None, states: tuple[OutsideState, ...], page: _Page
) -> list[CaseRow]:
    """Return an officer's cases of a branch in these states, oldest first; None: nobody's."""
    theirs = cases.c.officer.is_(None) if officer is None else cases.c.officer == officer
    return _in_states(work, theirs & (cases.c.branch == branch), states, page)


def of_branch(
    work: Work, branch: str, states: tuple[OutsideState, ...], page: _Page
) -> list[CaseRow]:
    """Return a branch's cases in these states, oldest first."""
    return _in_states(work, cases.c.branch == branch, states, page)


def to_review(work: Work, branch: str, page: _Page) -> list[CaseRow]:
    """Return the cases that rested until today or a day before, the longest overdue first."""
    after, limit = page
    moment = tuple_(cases.c.review_at, cases.c.id)
    mine = (cases.c.branch == branch) & (cases.c.review_at <= work.micros)
    rows = select(*_CLEAR).where(mine, moment > after).order_by(cases.c.review_at, cases.c.id)
    return _rows(work, rows.limit(limit))


def _in_states(
    work: Work, mine: ColumnElement[bool], states: tuple[OutsideState, ...], page: _Page
) -> list[CaseRow]:
    after, limit = page
    later = tuple_(cases.c.created_at, cases.c.id) > after
    found: list[CaseRow] = []
    for state in states:
        rows = select(*_CLEAR).where(mine, cases.c.state == state, later)
        found += _rows(work, rows.order_by(cases.c.created_at, cases.c.id).limit(limit))
    return sorted(found, key=lambda row: (row.created_at, row.id))[:limit]


def _rows(work: Work, wanted: Select[Any]) -> list[CaseRow]:
    return [
        CaseRow(**dict(row) | {"state": OutsideState(row["state"])})
        for row in work.connection.execute(wanted).mappings()
    ]
