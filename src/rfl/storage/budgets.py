"""Tables `budgets` and `budget_marks`: how much a principal opened in an hour and on a day.

Clear: account ids, what is counted (of a peer its code), until when the time lasts, and the count.
That a record was opened stands as a mark: a keyed hash of the time, the principal and the record,
which says nothing without the key. A work counts all it opened in one statement, right before its
commit. The row of the count is held until then, so that parallel requests count one after the
other.
"""

import hmac
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    Table,
    delete,
    func,
    insert,
    select,
    update,
)

from rfl.domain.access import Verb
from rfl.domain.budget import BULK, EXPORTS, Budgets, What
from rfl.errors import BudgetSpent
from rfl.storage import alarms, direct
from rfl.storage.columns import Code, Id, Micros, metadata
from rfl.storage.work import Work

HOUR = 3_600_000_000
SOFT = "budget-soft"
HARD = "budget-spent"
NAMED = "persons"
"""Stands for the principal where a peer's code is what is counted."""


budgets = Table(
    "budgets",
    metadata,
    Column("principal", Id, primary_key=True),
    Column("what", Code, primary_key=True),
    Column("until", Micros, primary_key=True, autoincrement=False),
    Column("count", Integer, nullable=False),
)

budget_marks = Table(
    "budget_marks",
    metadata,
    Column("mark", LargeBinary(16), primary_key=True),
    Column("until", BigInteger, nullable=False, index=True),
)

# One statement: what is new among the marks is added to its count. Marks come in order, so that
# two works of one principal that share some wait for one another and never in a ring.
_SPEND = """
WITH fresh AS (
    INSERT INTO budget_marks (mark, until)
    SELECT mark, until FROM unnest(%s::bytea[], %s::bigint[]) AS given (mark, until)
    ON CONFLICT DO NOTHING RETURNING mark, until
), named AS (
    SELECT what, count(fresh.mark) AS new
    FROM unnest(%s::bytea[], %s::text[]) AS given (mark, what) JOIN fresh USING (mark)
    GROUP BY what
)
INSERT INTO budgets (principal, what, until, count)
SELECT %s, asked.what, asked.until, asked.plain + coalesce(named.new, 0)
FROM unnest(%s::text[], %s::bigint[], %s::int[]) AS asked (what, until, plain)
LEFT JOIN named USING (what) ORDER BY asked.what
ON CONFLICT (principal, what, until) DO UPDATE SET count = budgets.count + excluded.count
RETURNING what, count
"""
_MARK = "INSERT OR IGNORE INTO budget_marks (mark, until) VALUES (?, ?)"
_ADD = """
INSERT INTO budgets (principal, what, until, count) VALUES (?, ?, ?, ?)
ON CONFLICT (principal, what, until) DO UPDATE SET count = count + excluded.count
RETURNING count
"""
_Asked = tuple[What, int, int, list[bytes]]


def spend(work: Work, kept: Budgets, day_ends: int) -> None:
    """Count what this work has opened, searched and exported, or raise BudgetSpent.

    It comes before the commit, and so before anything leaves. What is past the soft limit alarms.
    `day_ends`: when the society's day ends.
    """
    asked = [] if work.actor.role in BULK else _asked(work, day_ends)
    if not asked:
        return
    limits = kept[work.actor.role]
    for what, count in _counted(work, asked):
        limit = limits.get(what)
        if limit is not None and count > limit.hard:
            raise BudgetSpent
        if limit is not None and count > limit.soft:
            alarms.sound(work, SOFT, work.actor.id)


def count_named(work: Work, peer: str, persons: int, until: int) -> None:
    """Count persons whom a peer has named in a change of what it had asked, until a time."""
    mine = (budgets.c.principal == NAMED) & (budgets.c.what == peer) & (budgets.c.until == until)
    more = update(budgets).where(mine).values(count=budgets.c.count + persons)
    if not work.connection.execute(more).rowcount:
        values = {"principal": NAMED, "what": peer, "until": until, "count": persons}
        work.connection.execute(insert(budgets), values)


def named(work: Work, peer: str) -> int:
    """Return how many persons a peer has named like that, of those that still count."""
    table = budgets.c
    mine = (table.principal == NAMED) & (table.what == peer) & (table.until > work.micros)
    rows = select(func.coalesce(func.sum(table.count), 0)).where(mine)
    return int(work.connection.scalar(rows) or 0)


def forget(work: Work) -> None:
    """Delete the counts of times that have ended."""
    for table in (budget_marks, budgets):
        work.connection.execute(delete(table).where(table.c.until < work.micros))


def _asked(work: Work, day_ends: int) -> list[_Asked]:
    hour_ends = (work.micros // HOUR + 1) * HOUR
    found: list[_Asked] = []
    if work.opened:
        key = work.agent.derived("budget")
        for what, ends in ((What.RECORDS_HOUR, hour_ends), (What.RECORDS_DAY, day_ends)):
            start = f"{what}|{ends}|{work.actor.id}|"
            marks = sorted(_mark(key, start + record) for record in work.opened)
            found.append((what, ends, 0, marks))
    if work.searches:
        found.append((What.SEARCHES_HOUR, hour_ends, work.searches, []))
        found.append((What.SEARCHES_DAY, day_ends, work.searches, []))
    if work.verb in EXPORTS and _leaves(work):
        found.append((What.EXPORTS_HOUR, hour_ends, 1, []))
        found.append((What.EXPORTS_DAY, day_ends, 1, []))
    return found


def _leaves(work: Work) -> bool:
    """What leaves is on record: works that only sequence the log for an export are none."""
    return bool(work.opened) if work.verb is Verb.TRANSMIT else work.entries > 0


def _mark(key: bytes, content: str) -> bytes:
    return hmac.digest(key, content.encode("ascii"), "sha256")[:16]


def _counted(work: Work, asked: Sequence[_Asked]) -> list[tuple[What, int]]:
    if work.connection.dialect.name == "postgresql":
        return _on_postgresql(work, asked)
    return [(one[0], _on_sqlite(work, one)) for one in asked]


def _on_postgresql(work: Work, asked: Sequence[_Asked]) -> list[tuple[What, int]]:
    marks = sorted((mark, ends, what) for what, ends, _plain, some in asked for mark in some)
    given = [mark for mark, _ends, _what in marks]
    values = (
        given,
        [ends for _mark, ends, _what in marks],
        given,
        [str(what) for _mark, _ends, what in marks],
        work.actor.id,
        [str(what) for what, _ends, _plain, _marks in asked],
        [ends for _what, ends, _plain, _marks in asked],
        [plain for _what, _ends, plain, _marks in asked],
    )
    rows = direct.rows(work.connection, _SPEND, values)
    return [(What(what), count) for what, count in rows]


def _on_sqlite(work: Work, one: _Asked) -> int:
    what, ends, plain, marks = one
    new = sum(direct.executed(work.connection, _MARK, (mark, ends)) for mark in marks)
    [[count]] = direct.rows(work.connection, _ADD, (work.actor.id, what, ends, plain + new))
    return int(count)
