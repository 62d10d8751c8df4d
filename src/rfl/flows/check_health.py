"""Tell whether the node can work, and to those who watch over it, how it is."""

from rfl.domain.access import Verb
from rfl.domain.entry import written_time
from rfl.errors import RflError
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import alarms, feed, ledger, tree, witnesses
from rfl.storage.work import from_micros


def database_answers(rt: Runtime) -> bool:
    """True if the database answers a question."""
    try:
        with rt.look(OFFICE_CALL, Verb.RETAIN) as work:
            feed.waiting(work)
    except RflError:
        return False
    return True


def condition(rt: Runtime, call: Call) -> dict[str, object]:
    """Return how many alarms are open, whether entries wait, and when the log was last signed."""
    with rt.begin(call, Verb.ALARM_READ) as work:
        work.require()
        waits, latest = ledger.anything_waits(work), tree.latest_checkpoint(work)
        heard = [one.at for one in witnesses.ours(work) if one.size]
        ledger.append(work)
        return {
            "open_alarms": alarms.count_open(work),
            "entries_waiting": waits,
            "signed_at": None if latest is None else written_time(from_micros(latest.at)),
            "witnessed_at": written_time(from_micros(max(heard))) if heard else None,
        }
