"""How much room a peer's attachments take here: while they wait, and while records hold them."""

from sqlalchemy import func, select
from sqlalchemy.sql import ColumnElement

from rfl.storage.blobs import blobs, is_held
from rfl.storage.work import Work


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
