"""What time ends: expired registrations, used idempotency keys, old rows of the feed."""

from rfl.domain.access import Verb
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import accounts, feed, ledger, registrations, sources, vault
from rfl.storage.lifecycle import destroy_registrations
from rfl.storage.queries import living

FEED_MICROS = 7 * 86_400_000_000
BATCH = 200


def tidy(rt: Runtime) -> int:
    """Erase what has expired and forget what has run out; return how many were erased."""
    erased = erase_expired(rt)
    with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
        work.require()
        accounts.forget_keys(work)
        feed.prune(work, work.micros - FEED_MICROS)
        ledger.append(work, count=erased)
    return erased


def erase_expired(rt: Runtime) -> int:
    """Erase registrations whose time is over, with tombstones (P-25); return how many."""
    total = 0
    while True:
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            ids = registrations.expired(work, BATCH)
            if not ids:
                break
            rows = living(work, ids, (vault.TIE,))
            objects = [log_id for row in rows for log_id in vault.log_ids(work, row)]
            ledger.append(work, objects=objects, count=len(ids), reason="retention_ended")
            sources.bury(work, ids)
            destroy_registrations(work, ids)
        total += len(ids)
    if total:
        rt.database.scrub()
    return total
