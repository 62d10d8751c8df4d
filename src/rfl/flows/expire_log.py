"""Let bodies of the access log end with their retention; their leaves and proofs stay.

First the log says so itself, in an entry `log.expire` that a signed checkpoint covers; only then
does the first body go. So no reader can ever see a body gone without the entry that accounts for
it, and whoever deletes bodies by hand has no such entry (decision 0012).
"""

from dataclasses import dataclass

from rfl.audit import checkpoint, host
from rfl.audit.absences import dates_of
from rfl.domain.access import Verb
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import expiries, ledger, tree
from rfl.storage.expiries import Expiry

DAY_MICROS = 86_400_000_000
EVERY_MICROS = 30 * DAY_MICROS
BATCH = 500


@dataclass(frozen=True, slots=True)
class Expired:
    """Bodies of the leaves below `end` are gone, `deleted` leaves of them in this run."""

    end: int
    deleted: int


def expire_if_due(rt: Runtime) -> Expired | None:
    """Expire what is due, once in thirty days; finish an expiry that broke off. None: nothing due.

    PostgreSQL rewrites the table of bodies for it, so it is not done every day. Where the role that
    serves may delete nothing of the log, `rfl audit expire` is run under the one that may.
    """
    with rt.look(OFFICE_CALL, Verb.LOG_EXPIRE) as work:
        if not expiries.may_delete(work):
            return None
        before = expiries.latest(work)
        is_early = before is not None and 0 <= work.micros - before.at < EVERY_MICROS
        if before is not None and is_early and before.done == before.end:
            return None
    return expire(rt, OFFICE_CALL)


def expire(rt: Runtime, call: Call) -> Expired | None:
    """Declare and delete the bodies whose retention is over, in the order of the log.

    Raises SealBroken, with nothing deleted, if the log is not what was signed last.
    """
    found = _unfinished(rt, call) or _declared(rt, call)
    if found is None:
        return None
    _sign(rt, call)
    begin = found.done
    while found.done < found.end:
        with rt.begin(call, Verb.LOG_EXPIRE) as work:
            work.require()
            found = expiries.delete_some(work, found, BATCH)
    rt.database.scrub("ledger", "ledger_objects")
    return Expired(found.end, found.end - begin)


def _unfinished(rt: Runtime, call: Call) -> Expiry | None:
    with rt.look(call, Verb.LOG_EXPIRE) as work:
        before = expiries.latest(work)
    return before if before is not None and before.done < before.end else None


def _declared(rt: Runtime, call: Call) -> Expiry | None:
    """Find where the kept bodies begin; if any ends now, keep that with its entry."""
    days = rt.rules.log_days_on(rt.today())
    with rt.begin(call, Verb.LOG_EXPIRE) as work:
        work.require()
        tree.lock(work)
        before = expiries.latest(work)
        begin = before.end if before else 0
        since = work.micros - days * DAY_MICROS
        end = expiries.first_kept(work, begin, tree.size(work), since)
        # What a witness saw later is kept until its date is over too: verifiers will ask for it.
        dates = dates_of((size, (at,)) for size, at in tree.cosigned(work, end))
        end = max(begin, min([size for size, at in dates.items() if at > since] + [end]))
        if end == begin:
            return None
        ledger.append(work, count=end, reason=f"retention_{days}_days")
        expiries.declare(work, end)
        return expiries.latest(work)


def _sign(rt: Runtime, call: Call) -> None:
    """Give the entry its leaf and sign over it, before anything is deleted."""
    published, note = host.newest(rt.rules.log_host), None
    with checkpoint.sealed():
        while note is None:
            with rt.begin(call, Verb.LOG_EXPIRE) as work:
                note = checkpoint.make_of_all(work, rt.rules.society, published=published)
