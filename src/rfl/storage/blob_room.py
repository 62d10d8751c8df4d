"""How much room a peer's attachments take here: while they wait, and while records hold them."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.sql import ColumnElement

from rfl.storage.blobs import blobs, is_held
from rfl.storage.work import Work


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes of one peer's attachments: held by letters and records, and waiting for a letter."""

    held: int = 0
    waiting: int = 0


def by_peer(work: Work) -> Mapping[str, Room]:
    """Return what the attachments of each peer take; of a peer that brought none nothing."""
    of_held = func.sum(case((is_held(), blobs.c.size), else_=0))
    rows = select(blobs.c.peer, of_held, func.sum(blobs.c.size))
    came = rows.where(blobs.c.peer.is_not(None), ~blobs.c.outgoing).group_by(blobs.c.peer)
    found = work.connection.execute(came)
    return {peer: Room(int(held), int(total) - int(held)) for peer, held, total in found}


def waiting(work: Work, peer: str) -> tuple[int, int]:
    """Return how many blobs of a peer wait for the letter that names them, and their bytes."""
    return _counted(work, _from(peer) & ~is_held())


def held(work: Work, peer: str) -> int:
    """Return how many bytes of a peer's blobs are held by what they came for."""
    return _counted(work, _from(peer) & is_held())[1]


def _counted(work: Work, mine: ColumnElement[bool]) -> tuple[int, int]:
    row = work.connection.execute(select(func.count(), func.sum(blobs.c.size)).where(mine)).one()
    return row[0], int(row[1] or 0)


def _from(peer: str) -> ColumnElement[bool]:
    return (blobs.c.peer == peer) & ~blobs.c.outgoing
