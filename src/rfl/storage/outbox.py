"""Table `outbox`: what this society tells others, in order, until receipts.

An envelope is sealed in the transaction of the business change and never again. Nothing here
names a case, and nobody here can open one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import takewhile

from sqlalchemy import (
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    bindparam,
    func,
    literal_column,
    select,
    text,
    union,
    update,
)

from rfl.storage import direct, out_streams
from rfl.storage.columns import Code, Digest, Id, Micros, insert_rows, metadata
from rfl.storage.work import Work


class OutState(StrEnum):
    """Where an envelope is. A parked one has arrived, and waits there for what is before it."""

    WAITING = "waiting"
    PARKED = "parked"
    PROCESSED = "processed"
    REJECTED = "rejected"
    EXPIRED = "expired"
    STOPPED = "stopped"


_WAITS, _STAYS, _PUT_OFF = "state = 'waiting'", "state = 'parked'", "attempts > 0"
outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("peer", Code, nullable=False),
    Column("stream", SmallInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("body", LargeBinary),
    Column("digest", Digest, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("state", Code, nullable=False),
    Column("created_at", Micros, nullable=False),
    Column("due_at", Micros, nullable=False),
    Column("expires_at", Micros, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("receipt", LargeBinary),
    Column("settled_at", Micros),
    Index("uq_outbox_peer_stream_epoch_seq", "peer", "stream", "epoch", "seq", unique=True),
    # SQLite keeps a body of 24 kB before the columns behind it: whoever looks for one letter among
    # many must find in an index all that it asks.
    Index(
        "ix_outbox_waiting",
        *("peer", "stream", "epoch", "seq", "due_at", "created_at", "expires_at", "state"),
        postgresql_where=text(_WAITS),
        sqlite_where=text(_WAITS),
    ),
    Index(
        "ix_outbox_put_off",
        *("peer", "due_at"),
        postgresql_where=text(f"{_WAITS} AND {_PUT_OFF}"),
        sqlite_where=text(f"{_WAITS} AND {_PUT_OFF}"),
    ),
    Index(
        "ix_outbox_parked",
        *("peer", "settled_at", "seq", "expires_at", "state"),
        postgresql_where=text(_STAYS),
        sqlite_where=text(_STAYS),
    ),
    Index(
        "ix_outbox_kept",
        *("peer", "settled_at"),
        postgresql_where=text("settled_at IS NOT NULL AND body IS NOT NULL"),
        sqlite_where=text("settled_at IS NOT NULL AND body IS NOT NULL"),
    ),
)

# Said in the statement's own words: with values of their own no database sees that an index holds
# just these rows.
_WAITING = outbox.c.state == literal_column("'waiting'")
_PARKED = outbox.c.state == literal_column("'parked'")
_WAS_PUT_OFF = outbox.c.attempts > literal_column("0")
_SETTLED = (OutState.PROCESSED, OutState.REJECTED, OutState.EXPIRED, OutState.STOPPED)


# Made once: every round of the delivery asks and says these.
_MINE = (_WAITING, outbox.c.peer == bindparam("of"))
_IN_ORDER = (outbox.c.epoch, outbox.c.seq)
_STREAMS = out_streams.out_streams
_FIRST_DUE = (
    select(outbox.c.due_at)
    .where(_WAITING, outbox.c.peer == _STREAMS.c.peer, outbox.c.stream == _STREAMS.c.stream)
    .order_by(*_IN_ORDER)
    .limit(literal_column("1"))
    .scalar_subquery()
)
_DUE = select(_STREAMS.c.peer, _STREAMS.c.stream).where(bindparam("now") >= _FIRST_DUE)
_HASTEN = (
    update(outbox)
    .where(*_MINE, _WAS_PUT_OFF, outbox.c.due_at > bindparam("now"))
    .values(due_at=bindparam("now"))
)
_SETTLE = (
    update(outbox)
    .where(outbox.c.id == bindparam("envelope"), _WAITING | _PARKED)
    .values(state=bindparam("said"), receipt=bindparam("given"), settled_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An envelope to deliver; times in microseconds since 1970."""

    id: str
    epoch: int
    seq: int
    body: bytes
    digest: bytes
    attempts: int
    expires_at: int


_NEXT = (
    select(*(outbox.c[name] for name in Waiting.__slots__), outbox.c.due_at)
    .where(*_MINE, outbox.c.stream == bindparam("at"))
    .order_by(*_IN_ORDER)
    .limit(bindparam("most", type_=Integer))
)


_COLUMNS = ("peer", "stream", *Waiting.__slots__, "due_at", "urgent", "state", "created_at")
_PUT = (
    f"WITH moved AS ({out_streams.MOVE}) INSERT INTO outbox ({', '.join(_COLUMNS)})"  # noqa: S608
    f" VALUES ({', '.join(['{0}'] * len(_COLUMNS))})"
)


def put(work: Work, peer: str, stream: int, waiting: Waiting, *, due_at: int, urgent: bool) -> None:
    """Keep an envelope, and move its stream's head to it."""
    place = out_streams.Head(waiting.epoch, waiting.seq, waiting.digest)
    kept = [getattr(waiting, name) for name in Waiting.__slots__]
    row = (peer, stream, *kept, due_at, urgent, str(OutState.WAITING), work.micros)
    if work.connection.dialect.name == "postgresql":
        # In one statement; SQLite has none such.
        values = (*out_streams.row(peer, stream, place), *row)
        direct.execute(work.connection, direct.marked(work.connection, _PUT), values)
        return
    out_streams.move(work, peer, stream, place)
    insert_rows(work.connection, outbox, _COLUMNS, [row])


def streams_due(work: Work) -> list[tuple[str, int]]:
    """Return peer and stream of each whose next envelope may leave now.

    One that waits out a back-off holds back those behind it, so that only the first counts.
    """
    found = direct.every(work.connection, _DUE, {"now": work.micros})
    return [(row.peer, row.stream) for row in found]


def take(work: Work, peer: str, stream: int, limit: int) -> list[Waiting]:
    """Return the next envelopes of a stream in order, as far as they may leave now."""
    found = direct.every(work.connection, *asks_next(peer, stream, limit))
    return [_waiting(row) for row in takewhile(lambda row: row.due_at <= work.micros, found)]


def asks_next(peer: str, stream: int, limit: int) -> direct.Asked:
    """Return the question of `take`, to be asked ahead."""
    return _NEXT, {"of": peer, "at": stream, "most": limit}


def settle(work: Work, envelope_id: str, state: OutState, receipt: bytes | None) -> bool:
    """Say what became of an envelope that waits or is parked; False if that was said before."""
    mine = (outbox.c.id == envelope_id) & outbox.c.state.in_((OutState.WAITING, OutState.PARKED))
    values = {"state": state, "receipt": receipt, "settled_at": work.micros}
    return work.connection.execute(update(outbox).where(mine).values(**values)).rowcount == 1


def settle_all(work: Work, said: Sequence[tuple[str, OutState, bytes]]) -> int:
    """Keep the receipts of envelopes that wait or are parked; return of how many."""
    rows = [given for _change, given in settles(work, said)]
    return direct.changed_each(work.connection, _SETTLE, rows)


def settles(work: Work, said: Sequence[tuple[str, OutState, bytes]]) -> list[direct.Change]:
    """Return the changes of `settle_all`, to be told ahead."""
    return [
        (_SETTLE, {"envelope": one, "said": str(state), "given": raw, "now": work.micros})
        for one, state, raw in said
    ]


def postpone(work: Work, envelope_ids: Sequence[str], until: int) -> None:
    """Count a failed attempt of these, and let none of them leave before `until`."""
    changed = (
        update(outbox)
        .where(outbox.c.id == bindparam("envelope"))
        .values(attempts=outbox.c.attempts + 1, due_at=until)
    )
    if envelope_ids:
        work.connection.execute(changed, [{"envelope": one} for one in envelope_ids])


def hastens(work: Work, peer: str) -> direct.Change:
    """Return what clears the back-off of all that waits for a peer which has just been heard."""
    return _HASTEN, {"of": peer, "now": work.micros}


def bring_forward(work: Work, due_at: int) -> int:
    """Let what was written by a clock that was ahead leave at `due_at`; return how many.

    The clock was set back since, and their own time is that far away.
    """
    ahead = _WAITING & (outbox.c.created_at > work.micros) & (outbox.c.due_at > due_at)
    return work.connection.execute(update(outbox).where(ahead).values(due_at=due_at)).rowcount


def ended(work: Work) -> list[str]:
    """Return the peers for whom something waits past its end, by code.

    It is delivered all the same: the peer's receipt then says *expired* and uses its place up, so
    that what is behind it goes on.
    """
    late = select(outbox.c.peer).where(outbox.c.expires_at <= work.micros)
    # Each half has an index of its own.
    found = union(late.where(_WAITING), late.where(_PARKED))
    return sorted(work.connection.scalars(found))


def parking(work: Work) -> list[str]:
    """Return the peers that keep an envelope for what is before it, by code."""
    rows = select(outbox.c.peer).where(_PARKED).distinct().order_by(outbox.c.peer)
    return list(work.connection.scalars(rows))


def parked(work: Work, peer: str, limit: int) -> list[Waiting]:
    """Return envelopes that a peer keeps for what is before them, longest unasked first."""
    mine = _PARKED & (outbox.c.peer == peer)
    rows = select(outbox).where(mine).order_by(outbox.c.settled_at, outbox.c.seq).limit(limit)
    return [_waiting(row) for row in work.connection.execute(rows)]


def put_again(work: Work, peer: str, after: Mapping[int, tuple[int, int]]) -> int:
    """Queue again what a peer does not have: all behind its head (epoch, seq) of each stream.

    What it had and lost, as after a restore, is still kept until its backup horizon has passed.
    Return how many.
    """
    done = 0
    for stream in range(out_streams.CONTROL + 1):
        epoch, seq = after.get(stream, (1, 0))
        behind = (outbox.c.epoch == epoch) & (outbox.c.seq > seq) | (outbox.c.epoch > epoch)
        mine = behind & (outbox.c.peer == peer) & (outbox.c.stream == stream)
        mine &= outbox.c.state.in_((OutState.PROCESSED, OutState.PARKED, OutState.REJECTED))
        mine &= outbox.c.body.is_not(None) & (outbox.c.expires_at > work.micros)
        again = {"state": OutState.WAITING, "due_at": work.micros}
        done += work.connection.execute(update(outbox).where(mine).values(**again)).rowcount
    return done


def forget_bodies(work: Work, peer: str, settled_before: int) -> int:
    """Drop what a peer has taken and will not ask for again; id, digest and receipt stay."""
    over = (outbox.c.peer == peer) & (outbox.c.settled_at < settled_before)
    over &= outbox.c.state.in_(_SETTLED)
    gone = update(outbox).where(over, outbox.c.body.is_not(None)).values(body=None)
    return work.connection.execute(gone).rowcount


def overdue(work: Work, created_before: int) -> list[str]:
    """Return the peers for whom something has waited since before a time, by code."""
    late = _WAITING & (outbox.c.created_at < created_before)
    rows = select(outbox.c.peer).where(late).distinct().order_by(outbox.c.peer)
    return list(work.connection.scalars(rows))


def counts(work: Work) -> dict[tuple[str, str], int]:
    """Return how many envelopes there are by peer and state."""
    rows = select(outbox.c.peer, outbox.c.state, func.count()).group_by(
        outbox.c.peer, outbox.c.state
    )
    return {(row[0], row[1]): row[2] for row in work.connection.execute(rows)}


def _waiting(row: object) -> Waiting:
    return Waiting(**{name: getattr(row, name) for name in Waiting.__slots__})
