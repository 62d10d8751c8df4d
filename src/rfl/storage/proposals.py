"""Who may see a proposal: its cases' branches until a search begins, then the team alone (P-01).

A search begins when the first officer joins its team. From then on what the matcher proposes, and
what was decided about it, is a finding of this team, also after everybody has left it. The
answer is yes or no: no finding passes through here.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from rfl.domain.groups import Group, Half
from rfl.domain.journal import Journal
from rfl.domain.request import Level
from rfl.storage import people, vault
from rfl.storage.cases import cases
from rfl.storage.documents import opened_document
from rfl.storage.journals import journals
from rfl.storage.matches import MatchRow
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work

_PART = 500


@dataclass(frozen=True, slots=True)
class Right:
    """Whether a search has begun for a case, and whether this actor may see its proposals.

    `named`: the case is for named persons only, archived ones among them. What was decided about it
    shows its names, so it shows to nobody else, whichever case they come from.
    """

    begun: bool
    sees: bool
    named: bool = False


def rights(work: Work, records: Sequence[str]) -> dict[str, Right]:
    """Return the actor's right by case, of those that are not erased.

    It opens their journals: an entry that counts them must stand before.
    """
    ids = sorted({record for record in records if record.startswith("cas_")})
    vault.load_keys(work, ids, Half.REST)
    found: dict[str, Right] = {}
    group = Group.SENSITIVE.value
    columns = (cases.c.id, cases.c.branch, cases.c.officer, cases.c[group], journals.c.content)
    asked = select(*columns).join(journals, journals.c.id == cases.c.id)
    for start in range(0, len(ids), _PART):
        rows = work.connection.execute(asked.where(cases.c.id.in_(ids[start : start + _PART])))
        for case_id, branch, officer, sensitive, content in rows:
            row = SealedRow(cases.name, case_id, case_id, {group: sensitive})
            with vault.deciding(work):
                journal = opened_document(work, journals.name, case_id, content, Journal)
                level, _child = people.sensitivity_of(
                    vault.open_logged(work, row, group, Half.REST)
                )
            is_mine = journal.is_open_to(work.actor.id, officer)
            named = level is Level.NAMED_PERSONS_ONLY
            at_first = officer == work.actor.id if named else branch == work.actor.branch
            sees = is_mine if journal.has_begun else at_first
            found[case_id] = Right(journal.has_begun, sees, named)
    return found


def seen(work: Work, rows: Sequence[MatchRow]) -> set[str]:
    """Return the ids of those proposals with a case in them that the actor may see.

    Where both sides are sought, one search that has begun is enough to close the pair to branches.
    """
    held = rights(work, [record for row in rows for record in (row.left_record, row.right_record)])
    chosen = set()
    for row in rows:
        sides = [held[one] for one in (row.left_record, row.right_record) if one in held]
        begun = [side for side in sides if side.begun]
        is_closed = any(side.named and not side.sees for side in sides)
        if not is_closed and any(side.sees for side in begun or sides):
            chosen.add(row.id)
    return chosen
