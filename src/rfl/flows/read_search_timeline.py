"""Read the history of a search as one timeline, in pages, as a member of its team."""

from rfl.domain import timeline
from rfl.domain.access import Verb
from rfl.domain.ids import check_id
from rfl.domain.timeline import Happened, page_of
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals


def read_search_timeline(
    rt: Runtime, call: Call, case_id: str, after: tuple[int, str], limit: int
) -> list[Happened]:
    """Return a page of what the team did, between what the enquirer's file says."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.FINDING_READ) as work:
        opened = journals.opened(work, case_id)
    found = list(timeline.of_file(case_id, opened.file))
    found += timeline.of_request(case_id, opened.request)
    found += timeline.of_journal(case_id, opened.journal)
    return page_of(found, after, limit)
