"""Give entries of the access log their places in its tree, and sign checkpoints of it.

Called at most a second after a commit (`background.py`), by any number of processes. Neither
opens data, so neither is an entry: each would call for the next one. What is wrong is an alarm.
"""

from rfl.audit import checkpoint, host, sequencer
from rfl.audit.checkpoint import LogBehind
from rfl.audit.notes import Note, VerifierKey
from rfl.audit.tiles import TreeDamaged
from rfl.domain.access import Verb
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import alarms, ledger, tree, witnesses
from rfl.storage.work import Work

CHECKPOINT_MICROS = 10 * 1_000_000
WITNESS_MICROS = 15 * 60 * 1_000_000
SKEW_MICROS = 60 * 1_000_000
BEHIND, DAMAGED, CLOCK = "log-behind", "log-damaged", "clock-back"


def sequence_waiting(rt: Runtime) -> int:
    """Give every waiting entry its place, a batch a transaction; return how many got one."""
    total = 0
    while _waits(rt):
        with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
            work.require()
            done = sequencer.sequence(work)
        total += done
        if done < sequencer.BATCH:
            break
    return total


def checkpoint_due(rt: Runtime) -> bool:
    """True if the log has grown, and the last checkpoint is ten seconds old."""
    with rt.look(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        latest, size = tree.latest_checkpoint(work), tree.size(work)
        if latest is None:
            return size > 0
        return size > latest.size and abs(work.micros - latest.at) >= CHECKPOINT_MICROS


def witness_due(rt: Runtime) -> bool:
    """True if this log has witnesses, and its last checkpoint for them is 15 minutes old."""
    with rt.look(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        if not witnesses.ours(work):
            return False
        latest = tree.padded_checkpoint(work)
        return latest is None or abs(work.micros - latest.at) >= WITNESS_MICROS


def sign_checkpoint(rt: Runtime, *, padded: bool = False) -> Note:
    """Sign, keep and return a checkpoint; `padded` for peers, filled up to hide the exact size.

    Where there is a log host, the log must begin with what the host has seen last (LogBehind, as
    after a database was restored from yesterday), and the host is given the new checkpoint.
    """
    published = host.newest(rt.rules.log_host)
    try:
        with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
            work.require()
            _watch_clock(work)
            note = checkpoint.make(work, rt.rules.society, padded=padded, published=published)
    except TreeDamaged as damage:
        _sound(rt, BEHIND if isinstance(damage, LogBehind) else DAMAGED)
        raise
    host.publish(rt.rules.log_host, note, work.now)
    return note


def log_key(rt: Runtime) -> VerifierKey:
    """Return the public key that this node's checkpoints verify with."""
    with rt.look(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        return checkpoint.own_keys(work, rt.rules.society)[-1]


def _waits(rt: Runtime) -> bool:
    with rt.look(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        return ledger.anything_waits(work)


def _watch_clock(work: Work) -> None:
    """Raise an alarm if the clock stands before the last checkpoint: entries have false times."""
    latest = tree.latest_checkpoint(work)
    if latest is not None and work.micros < latest.at - SKEW_MICROS:
        alarms.sound(work, CLOCK, once=True)


def _sound(rt: Runtime, code: str) -> None:
    with rt.begin(OFFICE_CALL, Verb.LOG_SEQUENCE) as work:
        alarms.sound(work, code, once=True)
