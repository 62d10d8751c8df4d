"""Which cases are to be looked at for the end of their time of keeping, from clear columns alone.

`kept_until` was reckoned by the rules `kept_by`; under other rules, and after every change of the
outside state, it is reckoned anew. So the node opens a case only then, and at that moment.
"""

from sqlalchemy import select, update

from rfl.storage import honey
from rfl.storage.cases import LIVES, cases
from rfl.storage.work import Work


def unreckoned(work: Work, rules: str, limit: int) -> list[str]:
    """Return ids of cases whose time of keeping was not reckoned by these rules, by id."""
    by, found = cases.c.kept_by, list[str]()
    rows = select(cases.c.id).where(LIVES, honey.outside(work, cases.c.id))
    # One question for each range of the index: asked together, SQLite reads all of it.
    for other in (by.is_(None), by < rules, by > rules):
        found += work.connection.scalars(rows.where(other).limit(limit - len(found)))
    return sorted(found)


def over(work: Work, after: tuple[int, str], limit: int) -> list[tuple[int, str]]:
    """Return moment and id of cases whose time is over, from after this one on, longest first."""
    moment, last = after
    table = cases.c
    later = (table.kept_until > moment) | ((table.kept_until == moment) & (table.id > last))
    rows = select(table.kept_until, table.id).where(table.kept_until <= work.micros, later)
    rows = rows.where(honey.outside(work, table.id)).order_by(table.kept_until, table.id)
    return [(row[0], row[1]) for row in work.connection.execute(rows.limit(limit))]


def reckon(work: Work, case_id: str, until: int | None, rules: str) -> None:
    """Keep until when a case is kept (None: for good) by these rules; its version stays."""
    mine = update(cases).where(cases.c.id == case_id)
    work.connection.execute(mine.values(kept_until=until, kept_by=rules))
