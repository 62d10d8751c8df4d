"""The end of records: everything that hangs on them goes with them, in one transaction."""

from collections.abc import Sequence

from rfl.storage import (
    approvals,
    blobs,
    case_attachments,
    casefiles,
    cases,
    deliveries,
    disclosures,
    dump,
    enquiries,
    feed,
    handovers,
    identifiers,
    journals,
    matches,
    merges,
    messages,
    recalls,
    received,
    registrations,
    searches,
    tasks,
    transmissions,
    vault,
)
from rfl.storage.merges import Matching
from rfl.storage.recalls import Why
from rfl.storage.work import Work


def destroy(work: Work, records: Sequence[str]) -> None:
    """Destroy the keys of these records, and delete what was made from them.

    The caller removes or empties the rows, and calls `Database.scrub` after the commit.
    """
    identifiers.drop(work, records)
    matches.drop(work, records)
    searches.drop(work, records)
    casefiles.drop(work, records)
    journals.drop(work, records)
    disclosures.SHELF.drop(work, records)
    _drop_beside(work, [record for record in records if record.startswith("cas_")])
    vault.destroy_keys(work, records)
    feed.announce(work, records, match=False)


def destroy_case(work: Work, case_id: str, matching: Matching) -> None:
    """Destroy a case; its tombstone stays. Whatever it was merged with lives on by itself."""
    merges.part_from_all(work, case_id, matching)
    destroy(work, [case_id])
    cases.erase(work, case_id)


def destroy_registrations(work: Work, ids: Sequence[str]) -> None:
    """Destroy registrations, rows included."""
    destroy(work, ids)
    registrations.remove(work, ids)


def recall_messages(work: Work, ids: Sequence[str], why: Why) -> None:
    """Ask the societies that carry these letters to destroy them, by letter or by hand.

    What was handed to the family stays with the family.
    """
    for one in messages.carriers(work, ids):
        sent, branches = [(one.peer, one.message)], {one.message: one.branch}
        recalls.add(work, sent, why, branches=branches, by_hand=one.by_hand)


def destroy_messages(work: Work, ids: Sequence[str]) -> None:
    """Destroy letters that stand alone, with what became of them."""
    deliveries.drop(work, ids)
    messages.SHELF.remove(work, ids)


def destroy_keyless(work: Work) -> int:
    """Remove what stands beside cases and has lost the keys of its own; return how many."""
    letters = dump.keyless_in(work, messages.SHELF.table)
    destroy_messages(work, letters)
    asked = dump.keyless_in(work, enquiries.enquiries)
    enquiries.remove(work, asked)
    count = len(letters) + len(asked)
    for shelf in (messages.CALLS, received.SHELF, handovers.SHELF, approvals.SHELF):
        lost = dump.keyless_in(work, shelf.table)
        blobs.release_all(work, lost)
        shelf.remove(work, lost)
        count += len(lost)
    return count


def _drop_beside(work: Work, records: Sequence[str]) -> None:
    """Delete what belongs to these cases, and the keys of what has keys of its own."""
    if not records:
        return
    told = transmissions.sent_to_nodes(work, records) + handovers.offered(work, records)
    handed = transmissions.handed(work, records)
    branches = transmissions.branches(work, [ref for _peer, ref in told + handed])
    recalls.add(work, told, Why.ERASED, branches=branches)
    recalls.add(work, handed, Why.ERASED, branches=branches, by_hand=True)
    enquiries.drop(work, records)
    case_attachments.drop(work, records)
    letters = messages.of_cases(work, records)
    recall_messages(work, letters, Why.ERASED)
    deliveries.drop(work, letters)
    beside = (messages.SHELF, messages.CALLS, tasks.SHELF, transmissions.SHELF)
    received.erase(work, records)
    for shelf in (*beside, handovers.SHELF):
        shelf.drop(work, records)
