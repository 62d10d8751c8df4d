"""Table `transmissions`: a request to one other society each, under the keys of the case.

Clear: ids, branch, officer, the society's code, due date, version, and whether the
society has to do something.
"""

from sqlalchemy import Column, Table

from rfl.domain.transmission import Transmission
from rfl.storage.columns import Code, metadata
from rfl.storage.shelf import Filed, Shelf, columns
from rfl.storage.work import Work

transmissions = Table(
    "transmissions", metadata, *columns(), Column("peer", Code, nullable=False, index=True)
)
SHELF = Shelf(transmissions, Transmission, under_case=True)


def keep(work: Work, row: Filed, after: Transmission, due_at: int | None) -> int:
    """Keep a transmission; it is open while the other society has to do something."""
    return SHELF.keep(work, row, after, open=after.waits, due_at=due_at if after.waits else None)
