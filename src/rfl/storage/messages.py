"""Tables `messages` and `calls`: Red Cross Messages as their writers hear of them, and calls.

Clear: ids, branch, the writer's officer, dates, whether a step may follow for the writer, which
society carries it or sent it to be carried, until when one that was sent is kept, which society
is owed word for its writer, version.
What became of a letter on its way is in `deliveries`; none of it changes a row here before it may
be told (P-38).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Index, Table, select, tuple_, update

from rfl.domain.call import FamilyCall
from rfl.domain.ids import id_of
from rfl.domain.message import Message
from rfl.domain.states import STEPS, MessageState
from rfl.storage import peers, vault
from rfl.storage.columns import Code, Micros, metadata
from rfl.storage.shelf import Filed, Shelf, columns
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

messages = Table(
    "messages",
    metadata,
    *columns(),
    Column("owes", Code),
    Column("peer", Code, index=True),
    Column("retain_at", Micros, index=True),
    Index("ix_messages_branch_open_created_at_id", "branch", "open", "created_at", "id"),
    Index("ix_messages_due_at_id", "due_at", "id"),
)
calls = Table("calls", metadata, *columns())
SHELF = Shelf(messages, Message, under_case=False)
CALLS = Shelf(calls, FamilyCall, under_case=False)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Which society carries a letter of this node, whose branch's it is, and how it came there."""

    message: str
    branch: str
    peer: str
    by_hand: bool


@dataclass(frozen=True, slots=True)
class OwedRow:
    """The clear part of a letter of which a society without a node (`peer`) is to be told."""

    id: str
    created_at: int
    version: int
    peer: str


def keep(work: Work, row: Filed, letter: Message, **clear: object) -> int:
    """Keep the writer's side of a letter; it is open while a step may follow for the writer.

    Where the writer is another society's, that society is owed word.
    """
    clear |= {"open": bool(STEPS[MessageState][letter.state])}
    if letter.post is not None and not letter.post.came:
        clear["peer"] = letter.post.peer
    if letter.post is not None and letter.owes_word:
        clear["owes"] = letter.post.peer
    return SHELF.keep(work, row, letter, **clear)


def owing(work: Work, limit: int) -> list[str]:
    """Return ids of letters whose writer's society, which has a node, is to be told something."""
    has_node = messages.c.owes.in_(select(peers.peers.c.code))
    mine = (has_node, peers.not_resting(work, messages.c.owes))
    rows = select(messages.c.id).where(*mine).order_by(messages.c.id).limit(limit)
    return list(work.connection.scalars(rows))


def owed_by_hand(work: Work, branch: str, after: tuple[int, str], limit: int) -> list[OwedRow]:
    """Return a branch's letters of which people are to bring word, and to which society."""
    table, known = messages.c, select(peers.peers.c.code)
    mine = (table.branch == branch) & table.owes.is_not(None) & table.owes.not_in(known)
    later = tuple_(table.created_at, table.id) > after
    rows = select(table.id, table.created_at, table.version, table.owes).where(mine, later)
    rows = rows.order_by(table.created_at, table.id).limit(limit)
    return [OwedRow(*row) for row in work.connection.execute(rows)]


def told(work: Work, message_id: str) -> None:
    """Note that the writer's society was told."""
    mine = messages.c.id == message_id
    work.connection.execute(update(messages).where(mine).values(owes=None))


def passed(work: Work, message_id: str) -> None:
    """Note that a letter's day of return has passed, and its writer heard what there is before."""
    mine = update(messages).where(messages.c.id == message_id)
    work.connection.execute(mine.values(due_at=None, version=messages.c.version + 1))


def due(work: Work, after: str, limit: int) -> list[str]:
    """Return ids of letters whose day of return has come, by id, from after this one on."""
    rows = select(messages.c.id).where(messages.c.due_at <= work.micros, messages.c.id > after)
    return list(work.connection.scalars(rows.order_by(messages.c.id).limit(limit)))


def of_cases(work: Work, cases: Sequence[str]) -> list[str]:
    """Return the ids of the letters of these cases."""
    mine = select(messages.c.id).where(messages.c.case_id.in_(cases))
    return list(work.connection.scalars(mine))


def carriers(work: Work, ids: Sequence[str]) -> list[Carrier]:
    """Return which of these letters another society carries; none that came from one."""
    has_node = messages.c.peer.in_(select(peers.peers.c.code))
    mine = messages.c.id.in_(ids) & messages.c.peer.is_not(None) & messages.c.retain_at.is_(None)
    rows = select(messages.c.id, messages.c.branch, messages.c.peer, ~has_node).where(mine)
    return [Carrier(*row) for row in work.connection.execute(rows)]


def at(work: Work, peer: str) -> list[str]:
    """Return ids of the letters of this node that a society carries."""
    mine = (messages.c.peer == peer) & messages.c.retain_at.is_(None)
    return list(work.connection.scalars(select(messages.c.id).where(mine)))


def is_with(work: Work, peer: str, message_id: str) -> bool:
    """True if this society carries this letter of this node."""
    return any(one.peer == peer for one in carriers(work, [message_id]))


def came_as(work: Work, peer: str, ref: str) -> str:
    """Return the id that a peer's letter has here, the same for the same reference."""
    return id_of("msg", work.agent.keyed_hash("message", f"{peer}/{ref}".encode()))


def refs_of(work: Work, peer: str) -> list[str]:
    """Return a peer's references of the letters that are carried for it; each is opened for it."""
    mine = (messages.c.peer == peer) & messages.c.retain_at.is_not(None)
    opened = [letter for _row, letter in SHELF.of_peer(work, mine)]
    return [letter.post.ref for letter in opened if letter.post is not None]


def over(work: Work, limit: int) -> list[str]:
    """Return ids of letters of other societies whose time of keeping is over."""
    late = select(messages.c.id).where(messages.c.retain_at <= work.micros)
    return list(work.connection.scalars(late.order_by(messages.c.retain_at).limit(limit)))


def log_ids(work: Work, message_id: str) -> tuple[str, ...]:
    """Return the log ids of a letter; none if it is not here."""
    tie = work.connection.scalar(select(messages.c.tie).where(messages.c.id == message_id))
    if tie is None:
        return ()
    return vault.log_ids(work, SealedRow(messages.name, message_id, message_id, {vault.TIE: tie}))


def ended(work: Work, before: int, limit: int) -> list[str]:
    """Return ids of letters without a case that ended and were collected before this."""
    old = select(messages.c.id).where(
        ~messages.c.open, messages.c.case_id.is_(None), messages.c.created_at < before
    )
    return list(work.connection.scalars(old.limit(limit)))
