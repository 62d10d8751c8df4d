"""Hold the use of keys against the access log, every day (decision 0013)."""

from rfl.domain.access import Verb
from rfl.domain.entry import from_bytes
from rfl.domain.key_use import DAY, total_unwraps
from rfl.flows.runtime import OFFICE_CALL, Runtime
from rfl.storage import alarms, budgets, key_use, ledger

GRACE = 10 * 60 * 1_000_000
MISMATCH = "keys-unaccounted"


def keep_key_use(rt: Runtime) -> None:
    """Keep this process's counts; what no entry accounts for is an alarm at once."""
    news = rt.tally.news()
    if news is None:
        return
    days, unaccounted = news
    with rt.begin(OFFICE_CALL, Verb.KEYS_RECONCILE) as work:
        today = work.micros // DAY
        for day in {*days, today}:
            extra = unaccounted if day == today else 0
            key_use.keep(work, day, rt.process, days.get(day, 0), extra)
        if unaccounted:
            alarms.sound(work, MISMATCH, once=True)
    rt.tally.keep(news, today)


def watch_rate(rt: Runtime) -> None:
    """Alarm if this process's own jobs have passed the soft limit of their hour."""
    if rt.rate.passed():
        with rt.begin(OFFICE_CALL, Verb.KEYS_RECONCILE) as work:
            alarms.sound(work, budgets.SOFT, work.actor.id)


def reconcile_days(rt: Runtime) -> int:
    """Compare each day that has ended with its entries; return how many days were compared.

    The comparison is an entry: `agrees`, or `differs`, which is an alarm as well.
    """
    with rt.ask(OFFICE_CALL, Verb.KEYS_RECONCILE) as work:
        days = key_use.unreconciled(work, (work.micros - GRACE) // DAY)
    for day in days:
        _reconcile(rt, day)
    return len(days)


def _reconcile(rt: Runtime, day: int) -> None:
    with rt.look(OFFICE_CALL, Verb.KEYS_RECONCILE) as work:
        bodies = ledger.between(work, day * DAY, (day + 1) * DAY)
        most = total_unwraps(from_bytes(body) for body in bodies)
    with rt.begin(OFFICE_CALL, Verb.KEYS_RECONCILE) as work:
        work.require()
        used = key_use.of_day(work, day)
        agrees = not used.unaccounted and used.unwrapped <= most
        key_use.mark_reconciled(work, day)
        ledger.append(work, count=used.unwrapped, reason="agrees" if agrees else "differs")
        if not agrees:
            alarms.sound(work, MISMATCH)
