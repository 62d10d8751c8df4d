"""Table `journals`: the searching side of each case, one sealed document in one row.

Clear: the case's id alone. The row is made with the case and never gains a column, a version or
a date, so that nothing of it changes but sealed bytes (P-03, decision 0017).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Table, delete, insert, select, update

from rfl.domain.access import Object, Role
from rfl.domain.casefile import CaseFile
from rfl.domain.groups import Group
from rfl.domain.journal import Journal
from rfl.domain.masked import Masked
from rfl.domain.policy import Version
from rfl.domain.request import TracingRequest
from rfl.domain.telling import retold
from rfl.errors import Forbidden, NotFound, StaleVersion
from rfl.storage import casefiles, cases, desks, ledger, people, vault
from rfl.storage.cases import CaseRow
from rfl.storage.columns import Id, Sealed, metadata
from rfl.storage.documents import opened_document, sealed_document
from rfl.storage.told import keep_told
from rfl.storage.work import Work

journals = Table(
    "journals",
    metadata,
    Column("id", Id, primary_key=True),
    Column("content", Sealed, nullable=False),
)


@dataclass(frozen=True, slots=True, repr=False)
class Opened(Masked):
    """What the searching side sees of a case."""

    row: CaseRow
    log_id: str
    request: TracingRequest
    file: CaseFile
    journal: Journal


def begin(work: Work, case_id: str, journal: Journal) -> None:
    """Insert the journal of a new case."""
    sealed = sealed_document(work, journals.name, case_id, journal)
    work.connection.execute(insert(journals), {"id": case_id, "content": sealed})


def opened(
    work: Work, case_id: str, version: int | None = None, *, joining: bool = False
) -> Opened:
    """Enter the opening in the log, open both files, ask whether this actor is of the team.

    `joining`: a supervisor of the case's branch may too, to say who searches. The entry names the
    case alone and is the same whatever is done. With a `version`, to change it: StaleVersion if
    it is not the journal's, Conflict if the case is worked in another one.
    """
    work.require()
    found = whole(work, case_id)
    work.require(Object(child=found.request.child_enquirer))
    if not found.journal.is_open_to(work.actor.id, found.row.officer):
        work.require(Object(branch=found.row.branch))
        if not (joining and work.actor.role is Role.SUPERVISOR):
            raise Forbidden
    if version is not None:
        if found.journal.version != version:
            raise StaleVersion
        found.file.require_own_work()
    return found


def whole(work: Work, case_id: str) -> Opened:
    """Open request, case file and journal, after their entry; for the node itself and `opened`."""
    row, sealed = cases.load(work, case_id)
    cases.require_alive(work, row)
    log_id = vault.log_ids(work, sealed)[0]
    [groups] = vault.open_rows(work, [sealed], people.STORED, objects=[log_id])
    request = people.join_request(groups)
    persons = tuple(sought.person.id for sought in request.sought)
    mine = select(journals.c.content).where(journals.c.id == case_id).with_for_update()
    content = work.connection.scalar(mine)
    if content is None:
        raise NotFound
    journal = opened_document(work, journals.name, case_id, content, Journal)
    file = casefiles.load(work, case_id)
    return Opened(row, log_id, request, file.following(persons), journal.following(persons))


def keep(work: Work, found: Opened, journal: Journal, rules: Version) -> int:
    """Seal the changed journal anew in its row, and tell what may leave at once.

    Returns the journal's next version. Where nothing may leave, no other row is touched.
    """
    following = journal.next_version()
    sealed = sealed_document(work, journals.name, found.row.id, following)
    mine = journals.c.id == found.row.id
    work.connection.execute(update(journals).where(mine).values(content=sealed))
    desks.follow(work, found.row.id, found.log_id, found.journal, following)
    file = retold(found.file, following, found.request, rules, work.today)
    if file.outcomes != found.file.outcomes:
        ledger.append(work, objects=[found.log_id], groups=(Group.RESULT,), count=1, reason="told")
        keep_told(work, found.row, file)
    return following.version


def drop(work: Work, records: Sequence[str]) -> None:
    """Delete the journals of these cases."""
    work.connection.execute(delete(journals).where(journals.c.id.in_(records)))
