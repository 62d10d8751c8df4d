"""What a queue may be narrowed by and is sealed: level and country of search of many cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from rfl.domain.casefile import CaseFile
from rfl.domain.groups import HALF, Group, Half
from rfl.domain.request import Level
from rfl.storage import ledger, people, vault
from rfl.storage.casefiles import casefiles
from rfl.storage.cases import CaseRow, cases
from rfl.storage.documents import opened_document
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

GROUPS = (Group.CIRCUMSTANCES, Group.SENSITIVE)


@dataclass(frozen=True, slots=True)
class Facets:
    """Level of a case, whether a child asks, and where it is searched."""

    level: Level
    child: bool
    country: str | None


def of_cases(work: Work, rows: Sequence[CaseRow]) -> dict[str, Facets]:
    """Return the facets by case of those that are not erased; their entry must stand before."""
    ids = [row.id for row in rows]
    vault.load_keys(work, ids, Half.REST)
    columns = (cases.c.id, cases.c.sensitive, casefiles.c.content)
    asked = select(*columns).join(casefiles, casefiles.c.id == cases.c.id)
    found = work.connection.execute(asked.where(cases.c.id.in_(ids)))
    with vault.deciding(work):
        return {
            case_id: _opened(work, case_id, sensitive, content)
            for case_id, sensitive, content in found
            if sensitive is not None
        }


def enter_shown(work: Work, rows: Sequence[CaseRow]) -> None:
    """Enter the log ids of the cases that are shown of those that were opened."""
    if not rows:
        return
    ids = [row.id for row in rows]
    vault.count_shown(work, ids)
    vault.load_keys(work, ids, Half.IDENTITY)
    asked = select(cases.c.id, cases.c.tie).where(cases.c.id.in_(ids), cases.c.tie.is_not(None))
    ties = [
        SealedRow(cases.name, case_id, case_id, {vault.TIE: tie})
        for case_id, tie in work.connection.execute(asked)
    ]
    ledger.append(work, objects=[vault.log_ids(work, one)[0] for one in ties], count=len(ties))


def _opened(work: Work, case_id: str, sensitive: bytes, content: bytes) -> Facets:
    column = Group.SENSITIVE.value
    row = SealedRow(cases.name, case_id, case_id, {column: sensitive})
    opened = vault.open_logged(work, row, column, HALF[Group.SENSITIVE])
    level, child = people.sensitivity_of(opened)
    file = opened_document(work, casefiles.name, case_id, content, CaseFile)
    return Facets(level, child, file.country)
