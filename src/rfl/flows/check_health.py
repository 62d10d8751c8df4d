"""Tell whether the node can work, and to those who watch over it, how it is."""

from rfl.domain.access import Verb
from rfl.domain.entry import written_time
from rfl.errors import RflError
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import alarms, blob_room, feed, ledger, peers, tree, witnesses
from rfl.storage.blob_room import Room
from rfl.storage.work import Work, from_micros


def database_answers(rt: Runtime) -> bool:
    """True if the database answers a question."""
    try:
        with rt.look(OFFICE_CALL, Verb.RETAIN) as work:
            feed.waiting(work)
    except RflError:
        return False
    return True


def condition(rt: Runtime, call: Call) -> dict[str, object]:
    """Return how many alarms are open, whether entries wait, and when the log was last signed.

    And how many bytes the files of each peer take, against the most that is kept of one.
    """
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
            "peer_files": _files(rt, work),
        }


def _files(rt: Runtime, work: Work) -> list[dict[str, object]]:
    """What the files of each peer that is known take; nothing on a node that knows none."""
    network = rt.rules.network
    if network is None:
        return []
    rooms, most = blob_room.by_peer(work), network.peer_files_bytes
    taken = [(row.code, rooms.get(row.code, Room())) for row in peers.every(work)]
    return [
        {"peer": code, "bytes": room.held, "waiting_bytes": room.waiting, "most_bytes": most}
        for code, room in taken
    ]
