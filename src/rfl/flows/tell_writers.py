"""Tell other societies what their writers may hear of letters that were carried for them (P-38)."""

from rfl.domain.access import Verb
from rfl.errors import BadEnvelope, Conflict, NotFound
from rfl.exchange.asking import UNTOLD
from rfl.exchange.message_letters import answer
from rfl.flows.runtime import MATCHER_CALL, Runtime, network_of
from rfl.storage import alarms, ledger, messages

BATCH = 100


def tell_writers(rt: Runtime) -> int:
    """Write to every society whose writer may hear something; return how many letters."""
    with rt.ask(MATCHER_CALL, Verb.PEER_TELL) as work:
        owing = messages.owing(work, BATCH)
    return sum(_tell(rt, message_id) for message_id in owing)


def _tell(rt: Runtime, message_id: str) -> bool:
    """A society that cannot be written to now is owed word until it can, and people are told."""
    try:
        with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
            work.require()
            _row, letter = messages.SHELF.opened(work, message_id)
            answer(work, network_of(rt), letter)
            messages.told(work, message_id)
    except (BadEnvelope, Conflict, NotFound):
        with rt.begin(MATCHER_CALL, Verb.PEER_TELL) as work:
            alarms.sound(work, UNTOLD, once=True)
            ledger.append(work, reason=UNTOLD)
        return False
    return True
