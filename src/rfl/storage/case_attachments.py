"""Table `attachments`: photos and documents of cases, under the keys of the case.

A row's sealed document holds the key of a blob, so the blob's bytes are dead when the case's keys
are destroyed, wherever a copy of them lies. Clear: ids, branch, officer, when it was added.
"""

from collections.abc import Sequence

from sqlalchemy import Table, select

from rfl.domain.attachment import AttachedFile
from rfl.storage import blobs
from rfl.storage.columns import metadata
from rfl.storage.shelf import Shelf, columns
from rfl.storage.work import Work

attachments = Table("attachments", metadata, *columns())
SHELF = Shelf(attachments, AttachedFile, under_case=True)


def remove(work: Work, ids: Sequence[str]) -> None:
    """Delete these attachments with their bytes."""
    blobs.let_go(work, ids)
    SHELF.remove(work, ids)


def forsake(work: Work, ids: Sequence[str]) -> None:
    """Delete these attachments; their bytes go with `blobs.remove_forsaken`."""
    blobs.release_all(work, ids)
    SHELF.remove(work, ids)


def forsake_case(work: Work, case_id: str) -> None:
    """Delete a case's attachments; their bytes go with `blobs.remove_forsaken`."""
    forsake(work, [row.id for row in SHELF.of_case(work, case_id)])


def drop(work: Work, cases: Sequence[str]) -> None:
    """Delete the attachments of these cases with their bytes."""
    mine = select(attachments.c.id).where(attachments.c.case_id.in_(cases))
    blobs.let_go(work, list(work.connection.scalars(mine)))
    SHELF.drop(work, cases)
