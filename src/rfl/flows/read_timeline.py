"""Read the history of a case as one timeline, in pages: what the enquirer's side may read."""

from collections.abc import Iterator

from rfl.domain import timeline
from rfl.domain.access import Verb
from rfl.domain.casefile import CaseFile
from rfl.domain.ids import check_id
from rfl.domain.timeline import Beside, Happened, page_of
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles, cases, enquiries, messages, tasks, transmissions
from rfl.storage.enquiries import EnquiryRow
from rfl.storage.shelf import Filed
from rfl.storage.work import Work, from_micros


def read_timeline(
    rt: Runtime, call: Call, case_id: str, after: tuple[int, str], limit: int
) -> list[Happened]:
    """Return a page of what the enquirer's side may read, of the cases merged into it too.

    It opens no journal: nothing in it says what a search found beyond what was told.
    """
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_FILE) as work:
        _row, file, _log_id = casefiles.opened(work, case_id)
        found = list(_outside(work, case_id, file))
        for merged in file.merged:
            _row, its_file, _log_id = casefiles.opened(work, merged)
            found += _outside(work, merged, its_file)
    return page_of(found, after, limit)


def _outside(work: Work, case_id: str, file: CaseFile) -> Iterator[Happened]:
    _row, request, _log_ids = cases.opened(work, case_id)
    yield from timeline.of_file(case_id, file)
    yield from timeline.of_request(case_id, request)
    for came, enquiry in enquiries.of_case(work, case_id):
        yield from timeline.of_enquiry(_beside(came), enquiry)
    for row, task in tasks.SHELF.all_of_case(work, case_id):
        yield from timeline.of_task(_beside(row), task)
    for row, sent in transmissions.SHELF.all_of_case(work, case_id):
        yield from timeline.of_transmission(_beside(row), sent)
    for row, letter in messages.SHELF.all_of_case(work, case_id):
        yield from timeline.of_message(_beside(row), letter)
    for row, call in messages.CALLS.all_of_case(work, case_id):
        yield from timeline.of_call(_beside(row), call)


def _beside(row: Filed | EnquiryRow) -> Beside:
    return Beside(row.id, from_micros(row.created_at), row.officer)
