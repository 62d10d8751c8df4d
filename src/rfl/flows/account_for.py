"""Answer who did what: entries of the access log about one record or one log id."""

from rfl.domain.access import Verb
from rfl.domain.entry import Entry, from_bytes
from rfl.domain.ids import check_id
from rfl.errors import Erased
from rfl.flows.runtime import Call, Runtime
from rfl.storage import cases, ledger, registrations, vault

LATEST = 500


def entries_about(rt: Runtime, call: Call, record: str) -> list[Entry]:
    """Return the entries about a record, by its log id for ever, or by its id while it lives.

    Only who may tie records to the log may ask by a record's id.

    The reading is an entry itself, written first, and so is the last of those returned.
    """
    with rt.begin(call, Verb.LOG_READ) as work:
        log_id = check_id(record, "log") if record.startswith("log_") else None
        work.require(verb=Verb.LOG_READ if log_id else Verb.LOG_RESOLVE)
        if log_id is None and record.startswith("reg_"):
            log_id = vault.log_ids(work, registrations.load(work, record)[1])[0]
        elif log_id is None:
            _row, sealed = cases.load(work, check_id(record, "cas"))
            if sealed.values[vault.TIE] is None:
                raise Erased
            log_id = vault.log_ids(work, sealed)[0]
        ledger.append(work, objects=[log_id])
        found = [from_bytes(body) for body in ledger.about(work, log_id)]
        return [entry for entry in found if log_id in entry.objects]


def latest_entries(rt: Runtime, call: Call, limit: int = LATEST) -> list[Entry]:
    """Return the newest entries, newest first; the reading is the first of them."""
    with rt.begin(call, Verb.LOG_READ) as work:
        work.require()
        ledger.append(work)
        return [from_bytes(body) for body in ledger.latest(work, min(limit, LATEST))]
