"""The queue of findings: list, read and decide, never about oneself."""

from dataclasses import dataclass

from rfl.domain.access import Verb
from rfl.domain.finding import Finding, FindingState, Judged, Judgement
from rfl.domain.ids import check_id
from rfl.errors import Forbidden, StaleVersion
from rfl.flows.runtime import Call, Runtime
from rfl.storage import findings, ledger
from rfl.storage.findings import FindingRow
from rfl.storage.vault import SealedRow
from rfl.storage.work import Work


@dataclass(frozen=True, slots=True, repr=False)
class FindingView:
    """A finding with what was decided about it."""

    row: FindingRow
    finding: Finding
    judged: Judged

    @property
    def id(self) -> str:
        """Its id."""
        return self.row.id

    @property
    def created_at(self) -> int:
        """When it was found."""
        return self.row.created_at


def list_findings(
    rt: Runtime,
    call: Call,
    after: tuple[int, str],
    limit: int,
    *,
    state: FindingState | None = None,
) -> list[FindingView]:
    """Return findings of a state, or all, in the order in which they were found."""
    with rt.begin(call, Verb.LOG_FINDING_READ) as work:
        work.require()
        rows = findings.page(work, state, after, limit)
        ledger.append(work, count=len(rows))
        return [_view(work, row, sealed) for row, sealed in rows]


def read_finding(rt: Runtime, call: Call, finding_id: str) -> FindingView:
    """Return one finding, or raise NotFound."""
    check_id(finding_id, "fnd")
    with rt.begin(call, Verb.LOG_FINDING_READ) as work:
        work.require()
        row, sealed = findings.load(work, finding_id)
        ledger.append(work, count=1)
        return _view(work, row, sealed)


def judge_finding(
    rt: Runtime, call: Call, finding_id: str, version: int, state: FindingState, reason: str
) -> int:
    """Keep a decision with its reason; return the next version. Nobody judges their own reading."""
    check_id(finding_id, "fnd")
    with rt.begin(call, Verb.LOG_FINDING_DECIDE) as work:
        work.require()
        row, sealed = findings.load(work, finding_id)
        ledger.append(work, count=1, reason=state)
        view = _view(work, row, sealed)
        if view.finding.subject == call.actor.id:
            raise Forbidden("Nobody decides about their own reading.")
        if row.version != version:
            raise StaleVersion
        step = Judgement(state=state, by=call.actor.id, at=work.now, reason=reason)
        return findings.decide(work, finding_id, version, view.judged.then(step))


def _view(work: Work, row: FindingRow, sealed: SealedRow) -> FindingView:
    finding = findings.found_of(work, sealed)
    return FindingView(row, finding, findings.judged_of(work, sealed))
