"""Have a checkpoint of the log stamped by a time-stamping authority (RFC 3161), once an hour.

It is asked for outside every transaction, and what it answers is kept beside the checkpoint. An
authority that is down delays stamps and nothing else.
"""

from rfl.audit import checkpoint, host, notes, timestamps
from rfl.domain.access import Verb
from rfl.flows.rules import Stamping
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import stamps, tree

MINUTE_MICROS = 60_000_000


def stamp_if_due(rt: Runtime) -> bool:
    """Stamp a checkpoint if there is an authority, the log has grown, and it is time.

    Raises NotStamped if the authority gave none; nothing is kept then.
    """
    by = rt.rules.stamping
    return by is not None and _is_due(rt, by) and stamp(rt, by)


def stamp(rt: Runtime, by: Stamping) -> bool:
    """Sign a checkpoint that stays, have it stamped, and keep the stamp; False in an empty log."""
    published = host.newest(rt.rules.log_host)
    with checkpoint.sealed(), rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        work.require()
        note = checkpoint.make(work, rt.rules.society, padded=True, published=published)
    size = notes.parse_checkpoint(note.text).size
    if size == 0:
        return False
    answer = timestamps.ask(by.url, note.text.encode(), timestamps.load_roots(by.ca_file))
    with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        stamps.keep(work, size, answer)
    return True


def _is_due(rt: Runtime, by: Stamping) -> bool:
    with rt.look(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        before = stamps.latest(work)
        if before is None:
            return tree.size(work) > 0
        has_grown = tree.size(work) > before.size
        return has_grown and abs(work.micros - before.at) >= by.minutes * MINUTE_MICROS
