"""Erase for good: destroy a record's keys, then scrub their bytes from every live file."""

from rfl.domain.access import Object, Verb
from rfl.domain.approval import Approves, Exact
from rfl.domain.ids import check_id
from rfl.errors import InvalidInput
from rfl.flows.runtime import Call, Runtime, require_second
from rfl.storage import cases, ledger, registrations, sources, vault
from rfl.storage.lifecycle import destroy_case, destroy_registrations
from rfl.storage.queries import living

REASONS = frozenset(
    {"data_subject_request", "consent_withdrawn", "retention_ended", "entered_in_error"}
)
BATCH = 200


def erase_case(rt: Runtime, call: Call, case_id: str, reason: str) -> None:
    """Erase a case with a second officer; a tombstone stays. No live file then holds its keys."""
    check_id(case_id, "cas")
    _check_reason(reason)
    with rt.begin(call, Verb.CASE_ERASE) as work:
        row, sealed = cases.load(work, case_id)
        cases.require_alive(work, row)
        log_ids = vault.log_ids(work, sealed)
        work.require(Object(branch=row.branch, officer=row.officer))
        require_second(rt, work, call, Exact(Approves.ERASURE, case_id, (reason,)))
        ledger.append(work, objects=log_ids, count=1, reason=reason)
        destroy_case(work, case_id, rt.rules.matching)
    _scrub(rt, call, Verb.CASE_ERASE)


def erase_registration(rt: Runtime, call: Call, registration_id: str, reason: str) -> None:
    """Erase a registration with a second officer; no later list brings its record back."""
    check_id(registration_id, "reg")
    _check_reason(reason)
    with rt.begin(call, Verb.REGISTRATION_ERASE) as work:
        row, sealed = registrations.load(work, registration_id)
        log_ids = vault.log_ids(work, sealed)
        work.require(Object(branch=row.branch, officer=row.officer))
        require_second(rt, work, call, Exact(Approves.ERASURE, registration_id, (reason,)))
        ledger.append(work, objects=log_ids, count=1, reason=reason)
        sources.bury(work, [registration_id])
        destroy_registrations(work, [registration_id])
    _scrub(rt, call, Verb.REGISTRATION_ERASE)


def take_back_list(rt: Runtime, call: Call, list_id: str) -> int:
    """Remove every registration that a list brought, with a second officer.

    A corrected list may bring them again.
    """
    check_id(list_id, "lst")
    total, begun = 0, False
    while True:
        with rt.begin(call, Verb.LIST_TAKE_BACK) as work:
            row, sealed = sources.load_list(work, list_id)
            log_ids = vault.log_ids(work, sealed)
            work.require(Object(branch=str(row.branch)))
            if not begun:
                require_second(rt, work, call, Exact(Approves.ERASURE, list_id))
            ids = registrations.of_list(work, list_id, BATCH)
            rows = living(work, ids, (vault.TIE,))
            objects = [one for each in rows for one in vault.log_ids(work, each)]
            ledger.append(work, objects=[*log_ids, *objects], count=len(ids))
            sources.forget(work, [*ids, list_id])
            destroy_registrations(work, ids)
            if not ids:
                sources.set_state(work, list_id, "taken_back")
                break
        total, begun = total + len(ids), True
    _scrub(rt, call, Verb.LIST_TAKE_BACK)
    return total


def _scrub(rt: Runtime, call: Call, verb: Verb) -> None:
    """Remove the last bytes of keys from live files; if that fails, the log says so."""
    with rt.attempt(call, verb):
        rt.database.scrub()


def _check_reason(reason: str) -> None:
    if reason not in REASONS:
        raise InvalidInput("reason", f"must be one of {', '.join(sorted(REASONS))}")
