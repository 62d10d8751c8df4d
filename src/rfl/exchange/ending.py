"""The end of a copy: what came from a society under its reference is destroyed, and attested.

What this node collected itself is never touched (guide: protocol, Who may say what).
"""

from dataclasses import replace
from typing import Final

from rfl.domain.states import TransmissionState
from rfl.exchange.network import ATTEST_SECONDS
from rfl.exchange.reasons import Reason, Refused
from rfl.storage import (
    case_attachments,
    cases,
    handovers,
    ledger,
    lifecycle,
    messages,
    recalls,
    received,
    transmissions,
    vault,
)
from rfl.storage.cases import OutsideState
from rfl.storage.work import Work

ATTEST_AFTER: Final = ATTEST_SECONDS * 1_000_000


def end_copy(work: Work, peer: str, ref: str, state: TransmissionState) -> None:
    """Destroy what came from a society under its reference, and owe it an attestation.

    What is left is the reference, by which a letter that was under way is refused. What was passed
    on is recalled with the case, and the attestation waits for those that it was passed on to. The
    log names the case that it had become, and why that is gone. A letter is not carried on.
    """
    named = received.named(work, peer, ref) or handovers.named(work, peer, ref)
    _end_offer(work, peer, ref)
    letter = _letter_gone(work, peer, ref)
    found = received.of_peer(work, peer, ref)
    passed_on: list[tuple[str, str]] = []
    gone: tuple[str, ...] = ()
    if found is not None:
        row, _before = found
        if row.case_id is not None:
            passed_on = transmissions.sent_to_nodes(work, [row.case_id])
            passed_on += transmissions.handed(work, [row.case_id])
        received.remove(work, row.id)  # Before its case, so that nothing is owed of it.
        if row.case_id is not None:
            gone = _destroyed(work, row.case_id)
    gone += letter
    ledger.append(work, objects=gone, count=len(gone), reason=state)
    left = replace(received.gone(peer, ref, state, work), passed_on=tuple(passed_on))
    until = work.micros + received.REMEMBER
    received.bury(work, left, until, named or (0, work.micros))
    recalls.owe(work, peer, ref, work.micros + ATTEST_AFTER)


def _destroyed(work: Work, case_id: str) -> tuple[str, ...]:
    """Destroy a case; return its log ids, none if it was erased here before."""
    case, sealed = cases.load(work, case_id)
    if case.state is OutsideState.ERASED:
        return ()
    log_ids = vault.log_ids(work, sealed)
    case_attachments.forsake_case(work, case_id)
    lifecycle.destroy(work, [case_id])
    cases.erase(work, case_id)
    return log_ids


def _letter_gone(work: Work, peer: str, ref: str) -> tuple[str, ...]:
    """Destroy a letter that is carried; return its log ids. What was handed over stays so."""
    own_id = messages.came_as(work, peer, ref)
    log_ids = messages.log_ids(work, own_id)
    lifecycle.destroy_messages(work, [own_id] if log_ids else [])
    return log_ids


def _end_offer(work: Work, peer: str, ref: str) -> None:
    """Destroy the copy of a case that was offered. What was given is the sender's no more."""
    found = handovers.of_peer(work, peer, ref, coming=True)
    if found is not None and found[1].is_taken:
        raise Refused(Reason.NOT_YOURS)
    if found is not None:
        handovers.remove(work, found[0].id)
