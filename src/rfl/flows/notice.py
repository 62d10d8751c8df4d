"""What a branch has not looked at yet: new proposals, those that rose, those drawn by chance."""

from dataclasses import dataclass
from enum import StrEnum

from rfl.domain.access import Verb
from rfl.domain.groups import Group
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import children, ledger, matches, notices, proposals
from rfl.storage.notices import Notice as Notice


class Why(StrEnum):
    """Why a branch is told: the proposal is new, its evidence rose, or it was drawn by chance."""

    NEW = "new"
    ROSE = "rose"
    SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a page shows, and after which notice the next goes on; None at the end."""

    shown: list[Notice]
    after: Notice | None


def list_notices(
    rt: Runtime, call: Call, why: Why | None, page: tuple[tuple[int, str], int]
) -> Noticed:
    """Return a page of what the branch has not looked at, the oldest first: ids and codes, no name.

    Of a case that is searched, its team alone is told that something is proposed (P-01), and of a
    child who is vetted (P-20), so a page may be short, or empty, and not the last.
    """
    with rt.begin(call, Verb.MATCH_READ) as work:
        work.require()
        told = notices.of_branch(work, call.actor.branch, why, page)
        rows = matches.rows_by_id(work, [one.match_id for one in told])
        ledger.append(work, count=2 * len(told), groups=(Group.RESULT,))
        cases = [row for row in rows if "cas_" in (row.left_record[:4], row.right_record[:4])]
        hidden = {row.id for row in cases} - proposals.seen(work, cases)
        sides = {row.id: {row.left_record, row.right_record} for row in rows}
        closed = children.closed(work, [one for both in sides.values() for one in both])
        hidden |= {match_id for match_id, both in sides.items() if both & closed}
    after = told[-1] if len(told) == page[1] else None
    return Noticed([one for one in told if one.match_id not in hidden], after)


def clear_notice(rt: Runtime, call: Call, match_id: str) -> None:
    """Take a proposal off the branch's list; nothing happens if it is not on it."""
    check_id(match_id, "mat")
    with rt.begin(call, Verb.MATCH_READ) as work:
        work.require()
        notices.clear(work, match_id, call.actor.branch)
        ledger.append(work, reason="notice_cleared")
