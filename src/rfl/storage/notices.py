"""Table `notices`: proposals that a branch has not looked at yet, by id and code alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ForeignKey, Index, Table, delete, select, tuple_

from rfl.storage.columns import Code, Id, Micros, insert_many, metadata
from rfl.storage.work import Work

notices = Table(
    "notices",
    metadata,
    Column("match_id", Id, ForeignKey("matches.id", ondelete="CASCADE"), primary_key=True),
    Column("branch", Code, primary_key=True),
    Column("code", Code, nullable=False),
    Column("at", Micros, nullable=False),
    Index("ix_notices_branch_at", "branch", "at"),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What a branch is told: a proposal is new, rose, or was drawn by chance."""

    match_id: str
    code: str
    at: int


def tell(work: Work, match_id: str, branches: Iterable[str], code: str) -> None:
    """Tell these branches, in place of what they were told of this proposal before."""
    rows = [
        {"match_id": match_id, "branch": branch, "code": code, "at": work.micros}
        for branch in sorted(set(branches))
    ]
    drop(work, [match_id])
    insert_many(work.connection, notices, rows)


def of_branch(
    work: Work, branch: str, code: str | None, page: tuple[tuple[int, str], int]
) -> list[Notice]:
    """Return a page of what a branch has not looked at, the oldest first; one code alone if given.

    Few are told with another code than this, so the code needs no index of its own.
    """
    after, limit = page
    columns = (notices.c.match_id, notices.c.code, notices.c.at)
    later = tuple_(notices.c.at, notices.c.match_id) > after
    rows = select(*columns).where(notices.c.branch == branch, later)
    if code is not None:
        rows = rows.where(notices.c.code == code)
    rows = rows.order_by(notices.c.at, notices.c.match_id).limit(limit)
    return [Notice(*row) for row in work.connection.execute(rows)]


def clear(work: Work, match_id: str, branch: str) -> None:
    """Forget what this branch was told of a proposal; nothing happens if it was not."""
    mine = (notices.c.match_id == match_id) & (notices.c.branch == branch)
    work.connection.execute(delete(notices).where(mine))


def drop(work: Work, matches: Sequence[str]) -> None:
    """Forget what anybody was told of these proposals."""
    work.connection.execute(delete(notices).where(notices.c.match_id.in_(matches)))
