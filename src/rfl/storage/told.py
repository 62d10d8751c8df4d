"""What the enquirer's side is told of a search, kept in its case file. No journal is opened."""

from rfl.domain.casefile import CaseFile, Event, Kind
from rfl.storage import casefiles, received
from rfl.storage.cases import CaseRow, OutsideState
from rfl.storage.work import Work


def keep_told(work: Work, row: CaseRow, file: CaseFile, **clear: object) -> None:
    """Keep what was told in the case file; the case is due: somebody has to tell the family."""
    said = file.with_event(Event(at=work.now, by="service", kind=Kind.TOLD))
    casefiles.keep(work, row, said, state=OutsideState.DUE, **clear)
    if file.asked_by is not None:
        received.owe(work, row.id)
