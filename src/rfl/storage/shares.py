"""Tables `log_shares` and `log_streams`: who was given which part of the log, until when.

A recipient is a short code, never a person's name. A row is written with its entry, before the
first byte leaves; so it says what a recipient may have, also where a transfer broke off.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Table, insert, select, update

from rfl.storage.columns import Code, Id, Micros, Serial, metadata
from rfl.storage.work import Work

log_shares = Table(
    "log_shares",
    metadata,
    Column("number", Serial, primary_key=True, autoincrement=True),
    Column("at", Micros, nullable=False),
    Column("recipient", Code, nullable=False),
    Column("form", Code, nullable=False),
    Column("begin", BigInteger, nullable=False),
    Column("end", BigInteger, nullable=False),
    Column("until", Micros, nullable=False),
    Column("actor", Id, nullable=False),
)

log_streams = Table(
    "log_streams",
    metadata,
    Column("recipient", Code, primary_key=True),
    Column("next", BigInteger, nullable=False),
    Column("at", Micros, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Share:
    """Leaves from `begin` to before `end`, that `recipient` keeps until `until`."""

    number: int
    at: int
    recipient: str
    form: str
    begin: int
    end: int
    until: int
    actor: str


@dataclass(frozen=True, slots=True)
class NewShare:
    """A part of the log that is about to leave."""

    recipient: str
    form: str
    begin: int
    end: int
    until: int


def keep(work: Work, share: NewShare) -> int:
    """Keep who is about to be given what; return the row's number."""
    values = {
        "at": work.micros,
        "recipient": share.recipient,
        "form": share.form,
        "begin": share.begin,
        "end": share.end,
        "until": share.until,
        "actor": work.actor.id,
    }
    made = insert(log_shares).values(values).returning(log_shares.c.number)
    return int(work.connection.execute(made).scalar_one())


def extend(work: Work, number: int, end: int) -> None:
    """Note that a stream's share now reaches to before `end`."""
    mine = log_shares.c.number == number
    work.connection.execute(update(log_shares).where(mine).values(end=end))


def all_shares(work: Work) -> list[Share]:
    """Return every share, the newest first."""
    rows = select(log_shares).order_by(log_shares.c.number.desc())
    return [Share(*row) for row in work.connection.execute(rows)]


def latest_of(work: Work, recipient: str, form: str) -> Share | None:
    """Return the newest share of this recipient in this form, or None."""
    mine = (log_shares.c.recipient == recipient) & (log_shares.c.form == form)
    newest = select(log_shares).where(mine).order_by(log_shares.c.number.desc()).limit(1)
    row = work.connection.execute(newest).first()
    return None if row is None else Share(*row)


def repeated(work: Work, share: NewShare) -> int:
    """Return how many of these leaves this recipient was given before, in this form."""
    mine = (log_shares.c.recipient == share.recipient) & (log_shares.c.form == share.form)
    overlaps = (log_shares.c.end > share.begin) & (log_shares.c.begin < share.end)
    ranges = select(log_shares.c.begin, log_shares.c.end).where(mine, overlaps)
    reached, total = share.begin, 0
    for begin, end in work.connection.execute(ranges.order_by(log_shares.c.begin)):
        start, stop = max(begin, reached), min(end, share.end)
        total += max(stop - start, 0)
        reached = max(reached, stop)
    return total


def acknowledged(work: Work, recipient: str) -> int:
    """Return the first leaf that the recipient of a stream has not acknowledged."""
    mine = log_streams.c.recipient == recipient
    found = work.connection.scalar(select(log_streams.c.next).where(mine))
    return 0 if found is None else int(found)


def acknowledge(work: Work, recipient: str, following: int) -> None:
    """Note that a recipient has everything before this leaf; a position never goes back."""
    mine = log_streams.c.recipient == recipient
    kept = work.connection.scalar(select(log_streams.c.next).where(mine))
    values = {"next": following, "at": work.micros}
    if kept is None:
        work.connection.execute(insert(log_streams), values | {"recipient": recipient})
    elif kept < following:
        work.connection.execute(update(log_streams).where(mine).values(values))
