"""Table `disclosures`: what authorities are told, each one document under its record's keys.

Clear: `case_id`, which is the case's or the registration's; branch, who asked, until when a second
officer's agreement is good, whether it waits to be decided or given. Of which person of a case, to
which authority and why is sealed: an order may name anybody, found or not, so a row tells of no
finding (P-03).
"""

from sqlalchemy import Index, Table, select

from rfl.domain.authority import Disclosure
from rfl.domain.groups import Group
from rfl.errors import StaleVersion
from rfl.storage import cases, ledger, reach, registrations, vault
from rfl.storage.columns import metadata
from rfl.storage.shelf import Filed, Shelf, clear_part, columns
from rfl.storage.work import Work

GROUPS = (Group.CIRCUMSTANCES,)

disclosures = Table(
    "disclosures",
    metadata,
    *columns(),
    Index("ix_disclosures_branch_open_created_at_id", "branch", "open", "created_at", "id"),
)
SHELF = Shelf(disclosures, Disclosure, under_case=True)


def opened(work: Work, disclosure_id: str, version: int | None = None) -> tuple[Filed, Disclosure]:
    """Enter the opening in the log and open a request; whose it is to see, the caller asks.

    With a `version` that is not the request's: StaleVersion.
    """
    mine = select(disclosures).where(disclosures.c.id == disclosure_id).with_for_update()
    found = reach.found(work, disclosures.name, lambda: work.connection.execute(mine).first())
    row = clear_part(found)
    ledger.append(work, objects=_log_ids(work, row.case_id or "")[:1], groups=GROUPS, count=1)
    if version is not None and row.version != version:
        raise StaleVersion
    return row, SHELF.document(work, row, found.content)


def _log_ids(work: Work, record: str) -> tuple[str, ...]:
    if record.startswith("reg_"):
        _registration, sealed = registrations.load(work, record)
    else:
        _case, sealed = cases.load(work, record)
    return vault.log_ids(work, sealed)
