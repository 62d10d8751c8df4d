"""What a branch has not looked at yet: new proposals, those that rose, those drawn by chance."""

from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import ledger, notices
from rfl.storage.notices import Notice as Notice


def list_notices(rt: Runtime, call: Call, limit: int) -> list[Notice]:
    """Return what the branch has not looked at, the oldest first: ids and codes, no name."""
    with rt.begin(call, Verb.MATCH_READ) as work:
        work.require()
        found = notices.of_branch(work, call.actor.branch, limit)
        ledger.append(work, count=len(found))
    return found


def clear_notice(rt: Runtime, call: Call, match_id: str) -> None:
    """Take a proposal off the branch's list; nothing happens if it is not on it."""
    check_id(match_id, "mat")
    with rt.begin(call, Verb.MATCH_READ) as work:
        work.require()
        notices.clear(work, match_id, call.actor.branch)
        ledger.append(work, reason="notice_cleared")
