"""Tell writers by the clock that a letter could not be delivered (P-38)."""

from rfl.domain.access import Verb
from rfl.domain.message import heard
from rfl.flows.runtime import MATCHER_CALL, Runtime
from rfl.storage import deliveries, messages

BATCH = 500


def tell_messages(rt: Runtime) -> int:
    """Tell of every letter whose day of return has come, each in its own transaction.

    It is one round for all of a day, whatever became of each. Returns how many.
    """
    after, told = "", 0
    while True:
        with rt.look(MATCHER_CALL, Verb.MESSAGE_TELL) as work:
            due = messages.due(work, after, BATCH)
        for message_id in due:
            _tell(rt, message_id)
        told += len(due)
        if len(due) < BATCH:
            return told
        after = due[-1]


def _tell(rt: Runtime, message_id: str) -> None:
    with rt.begin(MATCHER_CALL, Verb.MESSAGE_TELL) as work:
        work.require()
        carried = deliveries.whole(work, message_id)
        letter = heard(carried.letter, carried.delivery.message, work.today)
        if letter == carried.letter:
            messages.passed(work, carried.row.id)
        else:
            messages.keep(work, carried.row, letter, due_at=None)
