"""Read the enquirer's side of a case: what was judged, agreed and told, and its timeline."""

from dataclasses import dataclass

from rfl.domain.access import Verb
from rfl.domain.casefile import CaseFile
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.storage import casefiles
from rfl.storage.cases import CaseRow


@dataclass(frozen=True, slots=True, repr=False)
class FileView:
    """A case file and what stands in clear of its case."""

    row: CaseRow
    file: CaseFile


def read_file(rt: Runtime, call: Call, case_id: str) -> FileView:
    """Open a case file, or raise NotFound, Erased or Forbidden. It holds no finding."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.CASE_FILE) as work:
        row, file, _log_id = casefiles.opened(work, case_id)
    return FileView(row, file)
