"""Tell other societies what their writers may hear of letters that were carried for them (P-38)."""

from rfl.domain.access import Verb
from rfl.exchange.asking import UNTOLD
from rfl.exchange.message_letters import answer_to
from rfl.exchange.owed import post_owed
from rfl.flows.runtime import MATCHER_CALL, Runtime, network_of
from rfl.storage import messages

BATCH = 100


def tell_writers(rt: Runtime) -> int:
    """Write to every society whose writer may hear something; return how many letters."""
    with rt.look(MATCHER_CALL, Verb.PEER_TELL) as work:
        owing = messages.owing(work, BATCH)
    return sum(_tell(rt, message_id) for message_id in owing)


def _tell(rt: Runtime, message_id: str) -> bool:
    with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
        work.require()
        _row, letter = messages.SHELF.opened(work, message_id)
        peer, said = answer_to(letter)
        if not post_owed(work, network_of(rt), peer, said, UNTOLD):
            return False
        messages.told(work, message_id)
    return True
