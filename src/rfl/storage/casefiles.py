"""Table `casefiles`: the enquirer's side of each case, one sealed document in one row.

Clear: the case's id alone. What the queues need (outside state, due and review dates, version)
stands in `cases`.
"""

from collections.abc import Sequence

from sqlalchemy import Column, Table, delete, insert, select, update

from rfl.domain.access import Object
from rfl.domain.casefile import CaseFile
from rfl.domain.groups import HALF, Group
from rfl.errors import NotFound, StaleVersion
from rfl.storage import cases, ledger, people, vault
from rfl.storage.cases import CaseRow
from rfl.storage.columns import Id, Sealed, metadata
from rfl.storage.documents import opened_document, sealed_document
from rfl.storage.work import Work

GROUPS = (Group.CIRCUMSTANCES, Group.SENSITIVE)

casefiles = Table(
    "casefiles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("content", Sealed, nullable=False),
)


def begin(work: Work, case_id: str, file: CaseFile) -> None:
    """Insert the file of a new case."""
    sealed = sealed_document(work, casefiles.name, case_id, file)
    work.connection.execute(insert(casefiles), {"id": case_id, "content": sealed})


def opened(
    work: Work, case_id: str, version: int | None = None, *, archived: bool = False
) -> tuple[CaseRow, CaseFile, str]:
    """Enter the opening in the log, open the file, ask whether this actor may.

    The third value is the case's log id. With a `version`, to change it: StaleVersion if it is
    not the case's, Conflict if the case is worked in another one, or offered to another society, or
    archived, unless it may be `archived`.
    """
    row, log_id = reached(work, case_id)
    if version is not None and row.version != version:
        raise StaleVersion
    file = load(work, case_id)
    if version is not None:
        file.require_own_work()
        file.require_kept()
        if not archived:
            file.require_not_archived()
    return row, file, log_id


def reached(work: Work, case_id: str) -> tuple[CaseRow, str]:
    """Enter the opening in the log and ask whether this actor may; the case's log id comes too."""
    row, sealed = cases.load(work, case_id)
    cases.require_alive(work, row)
    log_id = vault.log_ids(work, sealed)[0]
    work.require(Object(branch=row.branch, officer=row.officer))
    ledger.append(work, objects=[log_id], groups=GROUPS, count=1)
    sensitive = vault.open_logged(work, sealed, Group.SENSITIVE, HALF[Group.SENSITIVE])
    level, child = people.sensitivity_of(sensitive)
    work.require(Object(branch=row.branch, officer=row.officer, level=level, child=child))
    return row, log_id


def load(work: Work, case_id: str) -> CaseFile:
    """Return the file of a case, locked until the end; an entry must stand before."""
    mine = select(casefiles.c.content).where(casefiles.c.id == case_id).with_for_update()
    sealed = work.connection.scalar(mine)
    if sealed is None:
        raise NotFound
    return opened_document(work, casefiles.name, case_id, sealed, CaseFile)


def keep(work: Work, row: CaseRow, file: CaseFile, **clear: object) -> int:
    """Keep the changed file, and what of it stands in clear; return the case's next version."""
    following = cases.change(work, row.id, row.version, clear)
    rewrite(work, row.id, file)
    return following


def rewrite(work: Work, case_id: str, file: CaseFile) -> None:
    """Seal the file anew in its row."""
    sealed = sealed_document(work, casefiles.name, case_id, file)
    mine = casefiles.c.id == case_id
    work.connection.execute(update(casefiles).where(mine).values(content=sealed))


def drop(work: Work, records: Sequence[str]) -> None:
    """Delete the files of these cases."""
    work.connection.execute(delete(casefiles).where(casefiles.c.id.in_(records)))
