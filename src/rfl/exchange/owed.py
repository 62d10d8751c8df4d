"""Letters that are owed: posted now, or, where that cannot be, after a rest, and people are told.

A society that is suspended, not assessed, or without a current key is tried again by and by. So one
such society neither holds up what others are owed nor fills the log with trials.
"""

from rfl.errors import BadEnvelope, Conflict, NotFound
from rfl.exchange.letter import Letter
from rfl.exchange.network import Network
from rfl.exchange.post import post
from rfl.storage import alarms, ledger, peers
from rfl.storage.work import Work


def post_owed(work: Work, network: Network, peer: str, letter: Letter, untold: str) -> bool:
    """Post a letter and enter it; False if it cannot leave now. `untold` is the alarm then."""
    work.peer = peer
    try:
        post(work, network, peer, letter)
    except (BadEnvelope, Conflict, NotFound):
        peers.rest(work, peer)
        alarms.sound(work, untold, peer, once=True)
        ledger.append(work, reason=untold)
        return False
    alarms.end(work, untold, peer)
    ledger.append(work, count=1, reason=letter.type)
    return True
