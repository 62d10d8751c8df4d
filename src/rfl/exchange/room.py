"""The room that one peer's files have on a node, whatever records of this society hold them.

A day's budget bounds how many persons a peer names, and a largest blob bounds each file. Without a
bound of the whole, a peer that goes on for years, or a stolen key, fills the disk of another.
"""

from typing import Final

from rfl.exchange.network import Network
from rfl.exchange.reasons import Reason, Refused
from rfl.storage import alarms, blob_room, locks
from rfl.storage.work import Work

NARROW: Final = "peer-files"
"""The alarm: more than four fifths are taken, or a letter was refused."""


def require_room(work: Work, network: Network, peer: str, size: int) -> None:
    """Return if so many bytes more of this peer may be held here, or raise Refused.

    Letters of one peer that bring files come here one after the other, until each commits.
    """
    locks.hold(work, f"files of {peer}")
    wanted = blob_room.held(work, peer) + size
    if wanted > network.peer_files_bytes:
        raise Refused(Reason.ROOM_SPENT)
    if wanted * 5 > network.peer_files_bytes * 4:
        alarms.sound(work, NARROW, peer, once=True)
