"""New versions of the node's keys: of those that wrap every record's, and of the access log's.

Records' keys are wrapped anew in batches, each a transaction of its own. After a crash the next
rotation goes on where the last one stopped, and makes no further version.
"""

from collections.abc import Callable
from dataclasses import dataclass

from rfl.audit import checkpoint, host, sequencer
from rfl.audit.notes import Note
from rfl.crypto.agent import LocalAgent
from rfl.crypto.keyring import LOG
from rfl.domain.access import Verb
from rfl.domain.approval import Approves, Exact
from rfl.errors import Conflict, KeyUnavailable, Misconfigured
from rfl.flows.runtime import Call, Runtime, require_second
from rfl.storage import ledger, rotation

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Rotated:
    """What a rotation did. `resumed`: it went on with one that had been interrupted."""

    version: int
    rewrapped: int
    batches: int
    resumed: bool


def rotate_keys(
    rt: Runtime, call: Call, progress: Callable[[int], None] = lambda count: None
) -> Rotated:
    """Wrap every record's keys under a new version; `progress` is told the size of each batch."""
    with rt.attempt(call, Verb.KEYS_ROTATE):
        return _rotated(rt, call, progress)


def _rotated(rt: Runtime, call: Call, progress: Callable[[int], None]) -> Rotated:
    agent = _local(rt)
    with rt.begin(call, Verb.KEYS_ROTATE) as work:
        work.require()
        resumed = rotation.on_old_versions(work) > 0
        ledger.append(work, reason="resumed" if resumed else "begun")
    if not resumed:
        agent.rotate()
    rewrapped = batches = 0
    while count := _rewrap_batch(rt, call):
        rewrapped, batches = rewrapped + count, batches + 1
        progress(count)
    rt.database.scrub()
    return Rotated(agent.version(), rewrapped, batches, resumed)


def destroy_old_keys(rt: Runtime, call: Call) -> None:
    """Destroy every version but the current one for ever, or raise Conflict if one is in use.

    Two administrators, if there are two, agree to it: the approval names the version that stays.
    Backups whose keys were wrapped under a destroyed version can no longer be restored.
    """
    with rt.attempt(call, Verb.KEYS_ROTATE):
        _destroy_old(rt, call)


def _destroy_old(rt: Runtime, call: Call) -> None:
    agent = _local(rt)
    rotation.wait_for_older(rt.database)
    with rt.begin(call, Verb.KEYS_ROTATE) as work:
        work.require()
        if rotation.on_old_versions(work):
            raise Conflict("An old version is still in use: run `rfl keys rotate` first.")
        staying = (str(agent.version()),)
        require_second(rt, work, call, Exact(Approves.KEY_DESTRUCTION, "keys", staying))
        ledger.append(work, reason="old_destroyed")
    agent.destroy_old()


def rotate_log_key(rt: Runtime, call: Call) -> Note:
    """Announce a new key of the access log in a checkpoint that old and new key sign; return it.

    Whoever knows the old key can follow from there. If it is interrupted, the next one announces
    the key that was made. Raises SealBroken if the log is not what was signed last.
    """
    with rt.attempt(call, Verb.KEYS_ROTATE):
        published = host.newest(rt.rules.log_host)
        with checkpoint.sealed():
            note = _announced(rt, call, published)
        host.publish(rt.rules.log_host, note, rt.clock())
        return note


def _announced(rt: Runtime, call: Call, published: Note | None) -> Note:
    with rt.begin(call, Verb.KEYS_ROTATE) as work:
        work.require()
        following = len(checkpoint.own_keys(work, rt.rules.society)) + 1
        # Its entry is what makes the log grow, and stands below the announcement.
        ledger.append(work, reason="log_key")
        while sequencer.sequence(work) == sequencer.BATCH:
            pass
        try:
            rt.agent.public_key(LOG, following)
        except KeyUnavailable:
            rt.agent.new_key(LOG)
        return checkpoint.announce(work, rt.rules.society, published)


def records_by_version(rt: Runtime, call: Call) -> dict[int, int]:
    """Return how many records' keys are wrapped under each version; nothing is opened."""
    with rt.begin(call, Verb.KEYS_ROTATE) as work:
        work.require()
        ledger.append(work, reason="listed")
        return rotation.records_by_version(work)


def _rewrap_batch(rt: Runtime, call: Call) -> int:
    with rt.begin(call, Verb.KEYS_ROTATE) as work:
        work.require()
        count = rotation.rewrap_some(work, BATCH)
        if count:
            ledger.append(work, count=count, reason="rewrapped")
    return count


def _local(rt: Runtime) -> LocalAgent:
    if not isinstance(rt.agent, LocalAgent):
        raise Misconfigured("The keys of this node are rotated where they are kept.")
    return rt.agent
