"""Work two cases of one family as one, and undo it: one survives, the other points to it."""

from rfl.domain.access import Verb
from rfl.domain.casefile import Kind
from rfl.domain.ids import check_id
from rfl.domain.merge import Merge, Pairs
from rfl.domain.mergeable import Half, require_mergeable
from rfl.errors import Conflict, InvalidInput, StaleVersion
from rfl.flows.runtime import Call, Runtime
from rfl.storage import honey, merges
from rfl.storage.cases import OutsideState
from rfl.storage.merges import Side
from rfl.storage.work import Work


def merge_cases(
    rt: Runtime, call: Call, at: tuple[str, int], into: str, persons: Pairs, *, same_enquirer: bool
) -> int:
    """Work the case `at` (id, version) within `into`; return its next version.

    The same merge asked for again changes nothing. No journal is opened, so who merges learns
    nothing of either search, and nothing of one is copied to the other.
    """
    case_id, version = at
    check_id(case_id, "cas")
    check_id(into, "cas", field="into")
    if case_id == into:
        raise InvalidInput("into", "must be another case")
    with rt.begin(call, Verb.CASE_MERGE) as work:
        one, other = _both(work, case_id, into)
        before = one.file.merge
        if before is not None and before.says(into, persons, same_enquirer=same_enquirer):
            return one.row.version
        if one.row.version != version:
            raise StaleVersion
        for side in (one, other):
            side.file.require_kept()
            side.file.require_not_archived()
        if {case_id, into} & honey.among(work):
            raise Conflict("One of the two is merged already: undo that first.")
        halves = (Half(one.request, one.file), Half(other.request, other.file))
        require_mergeable(*halves, persons, same_enquirer=same_enquirer)
        if same_enquirer and one.row.state is OutsideState.DUE:
            raise Conflict("What was told in this case is first told to the family.")
        clear = merges.clear_of(one.row)
        made = Merge(into, same_enquirer, persons, call.actor.id, work.now, clear)
        return merges.join(work, one, other, made, rt.rules.matching)


def unmerge_cases(rt: Runtime, call: Call, case_id: str, version: int) -> int:
    """Undo the merge of a case; return its next version. Undone before, it changes nothing."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_MERGE) as work:
        one = merges.opened(work, case_id)
        if one.file.merge is None:
            if any(event.kind is Kind.UNMERGED for event in one.file.events):
                return one.row.version
            raise Conflict("This case is not merged.")
        if one.row.version != version:
            raise StaleVersion
        other = merges.opened(work, one.file.merge.into)
        return merges.part(work, one, other, call.actor.id, rt.rules.matching)


def _both(work: Work, case_id: str, into: str) -> tuple[Side, Side]:
    """Open both in the order of their ids, so that no two merges wait for each other."""
    found = {one: merges.opened(work, one) for one in sorted((case_id, into))}
    return found[case_id], found[into]
