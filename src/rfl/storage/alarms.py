"""Table `alarms`: what people must look at, kept until they have.

One row stands for one thing that is wrong: a code and its subject (a peer, or empty for the node
itself). What happens again is counted there while it is open. An alarm is an entry of the log
when it is raised, in the transaction that found it. Whoever carries alarms to people takes those
that were not `told` yet.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from sqlalchemy import (
    Column,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    case,
    func,
    literal,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ColumnElement

from rfl.domain.access import Verb
from rfl.domain.ids import new_id
from rfl.errors import NotFound
from rfl.storage import direct, ledger
from rfl.storage.columns import Code, Id, Micros, metadata
from rfl.storage.work import Work


class AlarmState(StrEnum):
    """Open until an officer has seen it, or until what was wrong is over by itself."""

    OPEN = "open"
    SEEN = "seen"
    OVER = "over"


alarms = Table(
    "alarms",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", Code, nullable=False),
    Column("subject", String(80), nullable=False),
    Column("state", Code, nullable=False),
    Column("first_at", Micros, nullable=False),
    Column("last_at", Micros, nullable=False),
    Column("count", Integer, nullable=False),
    Column("seen_by", Id),
    Column("told_at", Micros),
    Index("ix_alarms_state", "state"),
    # Works that find the same thing at once wait for one another here, and count it in one row.
    Index(
        "uq_alarms_code_subject_lasting",
        *("code", "subject"),
        unique=True,
        postgresql_where=text("state <> 'over'"),
        sqlite_where=text("state <> 'over'"),
    ),
)


@dataclass(frozen=True, slots=True)
class Alarm:
    """One thing that is or was wrong. `seen_by` is the account that has looked at it."""

    id: str
    code: str
    subject: str
    state: AlarmState
    first_at: int
    last_at: int
    count: int
    seen_by: str | None


_ALL = select(*(alarms.c[name] for name in Alarm.__slots__))
# Made once: every batch of letters that arrived ends what its failing had raised.
_END = (
    update(alarms)
    .where(alarms.c.code == bindparam("of"), alarms.c.subject == bindparam("about"))
    .where(alarms.c.state != literal_column("'over'"))
    .values(state=literal_column("'over'"))
)


def sound(work: Work, code: str, subject: str = "", *, once: bool = False) -> None:
    """Raise an alarm, or count it again; `once`: not again while it is open or seen.

    What was seen and happens again is open again.
    """
    if once and work.connection.scalar(select(alarms.c.id).where(_lasting(code, subject))):
        return
    if _count(work, code, subject) > 1:
        return
    peer = None if subject == work.actor.id else subject or None
    raised = replace(work, verb=Verb.ALARM_RAISE, peer=peer)
    ledger.append(raised, reason=code)
    work.entries += 1


def end(work: Work, code: str, subject: str = "") -> None:
    """Say that what was wrong is over, as when a silent peer is heard again."""
    direct.changed(work.connection, *ends(code, subject))


def ends(code: str, subject: str) -> direct.Change:
    """Return the change of `end`, to be told ahead."""
    return _END, {"of": code, "about": subject}


def see(work: Work, alarm_id: str) -> None:
    """Mark an open alarm as seen by this actor, or raise NotFound."""
    mine = (alarms.c.id == alarm_id) & (alarms.c.state == AlarmState.OPEN)
    values = {"state": AlarmState.SEEN, "seen_by": work.actor.id}
    if work.connection.execute(update(alarms).where(mine).values(**values)).rowcount != 1:
        raise NotFound


def newest(work: Work, limit: int) -> list[Alarm]:
    """Return the alarms, the latest first."""
    rows = work.connection.execute(_ALL.order_by(alarms.c.last_at.desc(), alarms.c.id).limit(limit))
    return [Alarm(*row) for row in rows]


def count_open(work: Work) -> int:
    """Return how many alarms nobody has seen."""
    mine = select(func.count()).where(alarms.c.state == AlarmState.OPEN)
    return work.connection.scalar(mine) or 0


def untold(work: Work) -> list[Alarm]:
    """Return the alarms that nobody was told of yet, the oldest first."""
    rows = work.connection.execute(_ALL.where(alarms.c.told_at.is_(None)).order_by("first_at"))
    return [Alarm(*row) for row in rows]


def mark_told(work: Work, alarm: Alarm) -> None:
    """Keep that people were told of an alarm."""
    mine = alarms.c.id == alarm.id
    work.connection.execute(update(alarms).where(mine).values(told_at=work.micros))


def _count(work: Work, code: str, subject: str) -> int:
    """Insert an alarm or count it once more, in one statement; return its count."""
    row = {"id": new_id("alm"), "code": code, "subject": subject, "state": AlarmState.OPEN}
    times = {"first_at": work.micros, "last_at": work.micros, "count": 1}
    dialect = sqlite if work.connection.dialect.name == "sqlite" else postgresql
    # Whoever has seen it is told anew.
    told = case((alarms.c.state == AlarmState.SEEN, None), else_=alarms.c.told_at)
    counted = dialect.insert(alarms).values(**row, **times)
    counted = counted.on_conflict_do_update(
        index_elements=["code", "subject"],
        index_where=text("state <> 'over'"),
        set_={
            "last_at": literal(work.micros),
            "state": AlarmState.OPEN,
            "count": alarms.c.count + 1,
            "told_at": told,
        },
    )
    return int(work.connection.scalar(counted.returning(alarms.c.count)) or 0)


def _lasting(code: str, subject: str) -> ColumnElement[bool]:
    same = (alarms.c.code == code) & (alarms.c.subject == subject)
    return same & (alarms.c.state != AlarmState.OVER)
