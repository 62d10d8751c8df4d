"""Table `deliveries`: what became of each letter on its way, one sealed document in one row.

Clear: the message's id alone. The row is made with the message and gains no column, version or
date, so that a refusal, a wrong address and a letter handed over in silence change the same bytes
(P-38).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Table, delete, insert, select, update

from rfl.domain.masked import Masked
from rfl.domain.message import Delivery, Message, heard
from rfl.errors import Forbidden, NotFound, StaleVersion
from rfl.storage import ledger, messages, vault
from rfl.storage.columns import Id, Sealed, metadata
from rfl.storage.documents import opened_document, sealed_document
from rfl.storage.shelf import GROUPS, Filed, clear_part
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("content", Sealed, nullable=False),
)


@dataclass(frozen=True, slots=True, repr=False)
class Carried(Masked):
    """A letter as its carrier sees it: its row, its writer's side, and its way."""

    row: Filed
    letter: Message
    delivery: Delivery


def begin(work: Work, message_id: str, letter: Message) -> None:
    """Insert the row of a new message."""
    sealed = sealed_document(work, deliveries.name, message_id, Delivery(letter))
    work.connection.execute(insert(deliveries), {"id": message_id, "content": sealed})


def opened(work: Work, message_id: str, version: int | None = None) -> Carried:
    """Enter the opening in the log and open both sides, as one who carries the letter.

    Whoever handles the writer does not. With a `version` that is not the delivery's: StaleVersion.
    """
    row, found = messages.SHELF.reached(work, message_id)
    if row.officer == work.actor.id:
        raise Forbidden("Who handles the writer does not carry the letter (P-38).")
    delivery = _load(work, message_id)
    if version is not None and delivery.version != version:
        raise StaleVersion
    return Carried(row, messages.SHELF.document(work, row, found.content), delivery)


def whole(work: Work, message_id: str) -> Carried:
    """Open both sides for the node itself, after their entry."""
    row, found = messages.SHELF.reached(work, message_id)
    letter = messages.SHELF.document(work, row, found.content)
    return Carried(row, letter, _load(work, message_id))


def for_peer(work: Work, peer: str, message_id: str) -> Carried | None:
    """Open both sides of a letter that this society carries, after their entry; else None."""
    found = _locked(work, message_id)
    if found is None:
        return None
    row, letter = found
    if letter.post is None or letter.post.came or letter.post.peer != peer:
        return None
    return Carried(row, letter, _load(work, message_id))


def owe_again(work: Work, message_id: str) -> bool:
    """Owe word again of a letter that came before, after its entry; False if it did not."""
    found = _locked(work, message_id)
    if found is None:
        return False
    row, letter = found
    if letter.post is not None and letter.owes_word:
        messages.keep(work, row, letter)
    return True


def keep(work: Work, carried: Carried, message: Message) -> int:
    """Keep what became of the letter, and tell its writer what may leave at once.

    Returns the delivery's next version. Where nothing may leave, no other row is touched.
    """
    following = carried.delivery.then(message)
    rewrite(work, carried.row.id, following)
    letter = heard(carried.letter, message, work.today)
    if letter != carried.letter:
        messages.keep(work, carried.row, letter)
    return following.version


def rewrite(work: Work, message_id: str, delivery: Delivery) -> None:
    """Seal the delivery anew in its row."""
    sealed = sealed_document(work, deliveries.name, message_id, delivery)
    mine = deliveries.c.id == message_id
    work.connection.execute(update(deliveries).where(mine).values(content=sealed))


def drop(work: Work, ids: Sequence[str]) -> None:
    """Delete the rows of these messages."""
    work.connection.execute(delete(deliveries).where(deliveries.c.id.in_(ids)))


def _locked(work: Work, message_id: str) -> tuple[Filed, Message] | None:
    """Return the writer's side of a letter, locked and entered, or None."""
    mine = select(messages.messages).where(messages.messages.c.id == message_id)
    found = work.connection.execute(mine.with_for_update()).first()
    if found is None:
        return None
    row = clear_part(found)
    tied = SealedRow(messages.messages.name, row.id, row.id, {vault.TIE: found.tie})
    ledger.append(work, objects=vault.log_ids(work, tied), groups=GROUPS, count=1)
    return row, messages.SHELF.document(work, row, found.content)


def _load(work: Work, message_id: str) -> Delivery:
    mine = select(deliveries.c.content).where(deliveries.c.id == message_id).with_for_update()
    sealed = work.connection.scalar(mine)
    if sealed is None:
        raise NotFound
    return opened_document(work, deliveries.name, message_id, sealed, Delivery)
