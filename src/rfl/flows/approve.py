"""Four eyes: ask a second officer to agree to one exact request, and agree."""

from dataclasses import dataclass

from rfl.domain.access import Verb
from rfl.domain.approval import VALID_FOR, Approval, Approves, Exact
from rfl.domain.ids import check_id, new_id
from rfl.errors import Forbidden, InvalidInput
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import approvals, ledger
from rfl.storage.shelf import Filed as Filed
from rfl.storage.work import Work, micros

# Only who may do a thing asks for it, or agrees to it. What is not here is not asked for yet.
_DONE_BY: dict[Approves, dict[str, Verb]] = {
    Approves.ERASURE: {
        "cas": Verb.CASE_ERASE,
        "reg": Verb.REGISTRATION_ERASE,
        "lst": Verb.LIST_TAKE_BACK,
    },
    Approves.HANDOVER: {"cas": Verb.TRANSMIT},
    Approves.ROLE_GRANT: {"": Verb.ACCOUNT_ADD},
    Approves.BULK_EXPORT: {"": Verb.LOG_SEND},
    Approves.KEY_DESTRUCTION: {"": Verb.COMMAND_AGREE},
    Approves.PEER_TRUST: {"": Verb.COMMAND_AGREE},
    Approves.BREACH_LIST: {"": Verb.COMMAND_AGREE},
}


@dataclass(frozen=True, slots=True, repr=False)
class ApprovalView:
    """An approval and what stands in clear of it."""

    row: Filed
    approval: Approval


def ask_approval(rt: Runtime, call: Call, exact: Exact, reason: str) -> str:
    """Keep a request that waits for a second officer; return its id."""
    with rt.begin(call, Verb.APPROVAL_ASK) as work:
        work.require()
        _require_part(work, exact)
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        asked = Approval(exact.approves, exact.digest, call.actor.id, work.now, reason, exact=exact)
        approval_id = new_id("apr")
        ends_at = micros(work.now + VALID_FOR)
        row = approvals.filed(work, approval_id, call.actor.branch, ends_at)
        approvals.SHELF.add(work, row, asked)
        remember_result(work, call, 201, approval_id)
    return approval_id


def read_approval(rt: Runtime, call: Call, approval_id: str) -> ApprovalView:
    """Open a request with what exactly is asked for, or raise NotFound or Forbidden."""
    check_id(approval_id, "apr")
    with rt.begin(call, Verb.APPROVAL_READ) as work:
        row, approval = approvals.SHELF.opened(work, approval_id)
        _require_part(work, _exact(approval))
    return ApprovalView(row, approval)


def list_approvals(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[Filed]:
    """Return what stands in clear of the branch's requests that wait to be given or used."""
    with rt.begin(call, Verb.APPROVAL_READ) as work:
        work.require()
        rows = approvals.SHELF.page(work, call.actor.branch, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def give_approval(rt: Runtime, call: Call, approval_id: str, version: int) -> int:
    """Agree, as a second officer who may do the same; return the next version."""
    check_id(approval_id, "apr")
    with rt.begin(call, Verb.APPROVAL_GIVE) as work:
        row, approval = approvals.SHELF.opened(work, approval_id, version)
        _require_part(work, _exact(approval))
        return approvals.SHELF.keep(work, row, approval.approved(call.actor.id, work.now))


def _require_part(work: Work, exact: Exact) -> None:
    """Ask whether this actor may do what the request is about."""
    kind, mark, _rest = exact.subject.partition("_")
    verbs = _DONE_BY.get(exact.approves)
    if verbs is None:
        raise InvalidInput("approves", "must be what this node does with two officers")
    verb = verbs.get(kind if mark else "") or verbs.get("")
    if verb is None:
        raise InvalidInput("subject", "must be the id of a record that this is done to")
    work.require(verb=verb)


def _exact(approval: Approval) -> Exact:
    if approval.exact is None:
        raise Forbidden
    return approval.exact
