"""What a branch has not looked at yet: new proposals, those that rose, those drawn by chance."""

from rfl.domain.access import Verb
from rfl.domain.groups import Group
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import ledger, matches, notices, proposals
from rfl.storage.notices import Notice as Notice


def list_notices(rt: Runtime, call: Call, limit: int) -> list[Notice]:
    """Return what the branch has not looked at, the oldest first: ids and codes, no name.

    Of a case that is searched, its team alone is told that something is proposed (P-01).
    """
    with rt.begin(call, Verb.MATCH_READ) as work:
        work.require()
        told = notices.of_branch(work, call.actor.branch, limit)
        rows = matches.rows_by_id(work, [one.match_id for one in told])
        ledger.append(work, count=2 * len(told), groups=(Group.RESULT,))
        cases = [row for row in rows if "cas_" in (row.left_record[:4], row.right_record[:4])]
        hidden = {row.id for row in cases} - proposals.seen(work, cases)
    return [one for one in told if one.match_id not in hidden]


def clear_notice(rt: Runtime, call: Call, match_id: str) -> None:
    """Take a proposal off the branch's list; nothing happens if it is not on it."""
    check_id(match_id, "mat")
    with rt.begin(call, Verb.MATCH_READ) as work:
        work.require()
        notices.clear(work, match_id, call.actor.branch)
        ledger.append(work, reason="notice_cleared")
