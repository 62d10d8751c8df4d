"""Say who searches: the team of a case's journal (P-37)."""

from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.errors import Conflict
from rfl.flows.runtime import Call, Runtime
from rfl.storage import accounts, journals


def join_search(rt: Runtime, call: Call, case_id: str, officer: str) -> int:
    """Add an officer to the team; return the journal's next version.

    A supervisor or a member adds. Who handles the enquirer never adds themself.
    """
    check_id(case_id, "cas")
    check_id(officer, "acc", field="officer")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, joining=True)
        accounts.require_officer(work, officer, None)
        team = found.journal.joined_by(officer, call.actor.id, found.row.officer)
        return journals.keep(work, found, team, rt.rules.policy.on(work.today))


def leave_search(rt: Runtime, call: Call, case_id: str, officer: str) -> int:
    """Take an officer from the team, who then reads nothing of it any more."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.FINDING_WORK) as work:
        found = journals.opened(work, case_id, joining=True)
        if officer not in found.journal.team:
            raise Conflict("This account is not of the team.")
        left = found.journal.left_by(officer)
        return journals.keep(work, found, left, rt.rules.policy.on(work.today))
