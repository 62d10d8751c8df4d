"""Read the searching side of a case, as a member of its team."""

from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals
from rfl.storage.journals import Opened as SearchView


def read_search(rt: Runtime, call: Call, case_id: str) -> SearchView:
    """Open journal, case file and request, or raise NotFound, Erased or Forbidden."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.FINDING_READ) as work:
        return journals.opened(work, case_id)
