"""The end of records: everything that hangs on them goes with them, in one transaction."""

from collections.abc import Sequence

from rfl.storage import (
    casefiles,
    feed,
    identifiers,
    journals,
    matches,
    registrations,
    searches,
    vault,
)
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
    vault.destroy_keys(work, records)
    feed.announce(work, records, match=False)


def destroy_registrations(work: Work, ids: Sequence[str]) -> None:
    """Destroy registrations, rows included."""
    destroy(work, ids)
    registrations.remove(work, ids)
