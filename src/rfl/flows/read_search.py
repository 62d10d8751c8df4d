"""Read the searching side of a case, as a member of its team."""

from dataclasses import dataclass

from rfl.domain.access import Verb
from rfl.domain.casefile import CaseFile, Outcome
from rfl.domain.consent import Detail
from rfl.domain.dossier import may_be_told
from rfl.domain.ids import check_id
from rfl.domain.journal import Journal
from rfl.domain.masked import Masked
from rfl.domain.request import TracingRequest
from rfl.domain.telling import retold
from rfl.flows.runtime import Call, Runtime
from rfl.storage import journals
from rfl.storage.cases import CaseRow


@dataclass(frozen=True, slots=True, repr=False)
class SearchView(Masked):
    """What the team sees. `forecast`: what was told already, and then on the answer date.

    `may_be_told`: what of the enquirer a found person may be told today, beyond the relation.
    """

    row: CaseRow
    request: TracingRequest
    file: CaseFile
    journal: Journal
    forecast: tuple[tuple[Outcome, Outcome], ...]
    may_be_told: frozenset[Detail]


def read_search(rt: Runtime, call: Call, case_id: str) -> SearchView:
    """Open journal, case file and request, or raise NotFound, Erased or Forbidden."""
    check_id(case_id, "cas")
    with rt.begin(call, Verb.FINDING_READ) as work:
        found = journals.opened(work, case_id)
        rules = rt.rules.policy.on(work.today)
        agreed = may_be_told(found.request, found.file.asked_by, work.today)
    file, journal = found.file, found.journal
    then = retold(
        file, journal, found.request, rules, max(file.answer_on or work.today, work.today)
    )
    forecast = tuple(zip(file.outcomes, then.outcomes, strict=True))
    return SearchView(found.row, found.request, file, journal, forecast, agreed)
