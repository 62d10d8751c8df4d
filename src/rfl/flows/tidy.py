"""What time ends: expired registrations, used idempotency keys, old rows of the feed."""

from rfl.domain.access import Verb
from rfl.domain.policy import DataClass
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.signin.gate import WINDOW
from rfl.storage import (
    accounts,
    break_glass,
    budgets,
    enquiries,
    feed,
    findings,
    ledger,
    messages,
    registrations,
    sources,
    tries,
    vault,
)
from rfl.storage.lifecycle import destroy_messages, destroy_registrations, recall_messages
from rfl.storage.queries import living
from rfl.storage.recalls import Why

FEED_MICROS = 7 * 86_400_000_000
BATCH, ROUNDS = 200, 100
DAY_MICROS = 86_400_000_000


def tidy(rt: Runtime) -> int:
    """Erase what has expired and forget what has run out; return how many were erased."""
    bound_registrations(rt)
    erased = erase_expired(rt) + end_keeping(rt) + end_findings(rt)
    with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
        work.require()
        accounts.forget_keys(work)
        budgets.forget(work)
        break_glass.watch(work)
        tries.forget(work, WINDOW)
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


def bound_registrations(rt: Runtime) -> int:
    """Let registrations end by today's rules that were taken in under others; return how many.

    At most ROUNDS times BATCH in one call: a million rows are not rewritten at once.
    """
    total, days = 0, rt.rules.removed_after(DataClass.REGISTRATION, rt.today())
    for _round in range(ROUNDS if days is not None else 0):
        with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
            work.require()
            count = registrations.bound(work, (days or 0) * DAY_MICROS, BATCH)
            if not count:
                break
            ledger.append(work, count=count, reason=f"remove_after_{days}_days")
        total += count
    return total


def end_keeping(rt: Runtime) -> int:
    """Remove ended enquiries and letters whose time is over, where the policy says so (P-24).

    Those that belong to a case go with it. Returns how many.
    """
    total = 0
    for kind in (DataClass.ENQUIRY, DataClass.MESSAGE):
        days = rt.rules.removed_after(kind, rt.today())
        while days is not None and (count := _end_some(rt, kind, days * DAY_MICROS)):
            total += count
    if total:
        rt.database.scrub()
    return total


def end_findings(rt: Runtime) -> int:
    """Remove findings of unusual reading whose time is over; return how many (P-24).

    A judged one ends as the policy says. None outlives the entries that it was found in.
    """
    log_days, total = rt.rules.log_days_on(rt.today()), 0
    days = min(rt.rules.removed_after(DataClass.FINDING, rt.today()) or log_days, log_days)
    while count := _end_findings(rt, days * DAY_MICROS, log_days * DAY_MICROS):
        total += count
    if total:
        rt.database.scrub()
    return total


def _end_findings(rt: Runtime, judged: int, others: int) -> int:
    with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
        work.require()
        ids = findings.ended(work, work.micros - judged, work.micros - others, BATCH)
        findings.remove(work, ids)
        if ids:
            ledger.append(work, count=len(ids), reason="retention_ended")
    return len(ids)


def _end_some(rt: Runtime, kind: DataClass, kept: int) -> int:
    with rt.begin(OFFICE_CALL, Verb.RETAIN) as work:
        work.require()
        if kind is DataClass.ENQUIRY:
            ids = enquiries.ended(work, work.micros - kept, BATCH)
            enquiries.remove(work, ids)
        else:
            ids = messages.ended(work, work.micros - kept, BATCH)
            recall_messages(work, ids, Why.ENDED)
            destroy_messages(work, ids)
        if ids:
            ledger.append(work, count=len(ids), reason="retention_ended")
    return len(ids)
