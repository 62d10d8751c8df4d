"""Tables `watched_logs`, `log_witnesses` and `log_evidence`: who watches whose log.

A watched log is a peer's, whose checkpoints this node cosigns; what it cosigned last stands here
before the peer gets it. A log witness is a peer that cosigns ours. Evidence is two signed notes of
one log of which this node has refused the second.
"""

from dataclasses import dataclass

from sqlalchemy import Column, LargeBinary, String, Table, delete, insert, select, update

from rfl.domain.ids import new_id
from rfl.errors import NotFound
from rfl.storage.columns import Code, Id, Micros, Serial, metadata
from rfl.storage.work import Work

_Peer = String(40)
_Key = String(200)

watched_logs = Table(
    "watched_logs",
    metadata,
    Column("peer", _Peer, primary_key=True),
    Column("key", _Key, nullable=False),
    Column("at", Micros, nullable=False),
    Column("note", LargeBinary),
    Column("claim", LargeBinary),
)

log_witnesses = Table(
    "log_witnesses",
    metadata,
    Column("peer", _Peer, primary_key=True),
    Column("key", _Key, nullable=False),
    Column("at", Micros, nullable=False),
    Column("size", Serial, nullable=False, autoincrement=False),
    Column("claim", LargeBinary),
    Column("held", LargeBinary),
)

log_evidence = Table(
    "log_evidence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("peer", _Peer, nullable=False, index=True),
    Column("code", Code, nullable=False),
    Column("at", Micros, nullable=False),
    Column("held", LargeBinary, nullable=False),
    Column("offered", LargeBinary, nullable=False),
)


@dataclass(frozen=True, slots=True)
class WatchedLog:
    """A peer's log. `note` is what this node cosigned last, with its own line, at `at`.

    Before the first, `at` is when the log was added. A `claim` is another checkpoint of the log
    that somebody has shown, and that the log has yet to prove one with ours.
    """

    peer: str
    key: str
    at: int
    note: bytes | None
    claim: bytes | None


@dataclass(frozen=True, slots=True)
class LogWitness:
    """A peer that cosigns our log: up to which size, and when last.

    A `claim` is a checkpoint of ours that it asks us to prove; `held` one that our tree does not
    contain: until people have cleared that up, nothing is signed.
    """

    peer: str
    key: str
    at: int
    size: int
    claim: bytes | None
    held: bytes | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two notes of one log: the second was refused, for the reason `code`."""

    id: str
    peer: str
    code: str
    at: int
    held: bytes
    offered: bytes


def watch(work: Work, peer: str, key: str) -> None:
    """Begin to witness a peer's log; a peer that is there already gets no second one."""
    row = {"peer": peer, "key": key, "at": work.micros}
    work.connection.execute(insert(watched_logs), row)


def invite(work: Work, peer: str, key: str) -> None:
    """Begin to be witnessed by a peer."""
    row = {"peer": peer, "key": key, "at": work.micros, "size": 0}
    work.connection.execute(insert(log_witnesses), row)


def remove(work: Work, peer: str) -> bool:
    """Forget a peer on both sides; the evidence stays. False if there was no such peer."""
    gone = 0
    for table in (watched_logs, log_witnesses):
        gone += work.connection.execute(delete(table).where(table.c.peer == peer)).rowcount
    return gone > 0


def restart(work: Work, peer: str) -> bool:
    """Forget what was cosigned on both sides, so that witnessing begins anew."""
    begun = update(watched_logs).where(watched_logs.c.peer == peer)
    done = work.connection.execute(begun.values(note=None, claim=None, at=work.micros)).rowcount
    ours = update(log_witnesses).where(log_witnesses.c.peer == peer)
    clean = {"size": 0, "claim": None, "held": None, "at": work.micros}
    return done + work.connection.execute(ours.values(**clean)).rowcount > 0


def watched(work: Work) -> list[WatchedLog]:
    """Return the logs that this node witnesses, by peer."""
    rows = work.connection.execute(select(watched_logs).order_by(watched_logs.c.peer))
    return [WatchedLog(*row) for row in rows]


def watched_log(work: Work, peer: str) -> WatchedLog:
    """Return one watched log, or raise NotFound. Until the work ends nobody else changes it."""
    row = select(watched_logs).where(watched_logs.c.peer == peer).with_for_update()
    found = work.connection.execute(row).first()
    if found is None:
        raise NotFound
    return WatchedLog(*found)


def keep_cosigned(work: Work, peer: str, note: bytes) -> None:
    """Keep what this node has cosigned, before anybody gets it; a claim is settled by it."""
    mine = update(watched_logs).where(watched_logs.c.peer == peer)
    work.connection.execute(mine.values(note=note, at=work.micros, claim=None))


def follow_key(work: Work, peer: str, key: str) -> None:
    """Know a peer's log by another key from now on."""
    mine = update(watched_logs).where(watched_logs.c.peer == peer)
    work.connection.execute(mine.values(key=key))


def keep_claim_on(work: Work, peer: str, claim: bytes | None) -> None:
    """Keep another checkpoint of a peer's log until the log has proved it one with ours."""
    mine = update(watched_logs).where(watched_logs.c.peer == peer)
    work.connection.execute(mine.values(claim=claim))


def ours(work: Work) -> list[LogWitness]:
    """Return the witnesses of this node's log, by peer."""
    rows = work.connection.execute(select(log_witnesses).order_by(log_witnesses.c.peer))
    return [LogWitness(*row) for row in rows]


def our_witness(work: Work, peer: str) -> LogWitness:
    """Return one witness of ours, or raise NotFound. Until the work ends nobody else changes it."""
    row = select(log_witnesses).where(log_witnesses.c.peer == peer).with_for_update()
    found = work.connection.execute(row).first()
    if found is None:
        raise NotFound
    return LogWitness(*found)


def keep_witnessed(work: Work, peer: str, size: int, at: int) -> None:
    """Keep up to which size a witness has cosigned, and when; what it asked is answered."""
    mine = update(log_witnesses).where(log_witnesses.c.peer == peer)
    work.connection.execute(mine.values(size=size, at=at, claim=None))


def keep_claim_by(work: Work, peer: str, claim: bytes) -> None:
    """Keep which checkpoint of ours a witness asks us to prove."""
    mine = update(log_witnesses).where(log_witnesses.c.peer == peer)
    work.connection.execute(mine.values(claim=claim))


def keep_held(work: Work, peer: str, held: bytes) -> None:
    """Keep a checkpoint that a witness holds, and that our tree does not contain."""
    mine = update(log_witnesses).where(log_witnesses.c.peer == peer)
    work.connection.execute(mine.values(held=held))


def held_against_us(work: Work) -> list[bytes]:
    """Return the checkpoints of ours that a witness holds and our tree did not contain."""
    held = select(log_witnesses.c.held).where(log_witnesses.c.held.is_not(None))
    return list(work.connection.scalars(held))


def keep_evidence(work: Work, peer: str, code: str, held: bytes, offered: bytes) -> None:
    """Keep two notes of one log, once."""
    same = (log_evidence.c.peer == peer) & (log_evidence.c.offered == offered)
    same &= log_evidence.c.held == held
    if work.connection.scalar(select(log_evidence.c.id).where(same)) is None:
        row = {"id": new_id("evi"), "peer": peer, "code": code, "at": work.micros}
        work.connection.execute(insert(log_evidence), row | {"held": held, "offered": offered})


def evidence(work: Work) -> list[Evidence]:
    """Return all evidence, the oldest first."""
    rows = work.connection.execute(select(log_evidence).order_by(log_evidence.c.at))
    return [Evidence(*row) for row in rows]
