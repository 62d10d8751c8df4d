"""A case goes into the restricted archive, and comes back: its level, terms, and proposals.

The archive is the level *named persons only* with a date: who may open such a case, what it shows
the matcher and how other processes hear of it are the same (decision 0040).
"""

from dataclasses import replace

from rfl.domain.archive import Archive
from rfl.domain.casefile import CaseFile, Event, Kind
from rfl.domain.groups import Group
from rfl.domain.request import Level, TracingRequest
from rfl.domain.task import TaskKind
from rfl.storage import casefiles, cases, feed, identifiers, ledger, matches, merges, people, tasks
from rfl.storage.cases import CaseRow
from rfl.storage.merges import Matching, Side
from rfl.storage.work import Work

KEPT = frozenset({TaskKind.REVIEW_KEEPING})


def put_away(work: Work, case_id: str, matching: Matching, said: tuple[str, str]) -> None:
    """Archive a case that was reached before: (the rules' code, why, as the log names it).

    From this transaction on nobody but named persons opens it; every process that holds the pools
    takes it out as it follows the feed.
    """
    rules, why = said
    side = merges.whole(work, case_id)
    request, file = side.request, side.file
    archived = replace(file, archive=Archive(work.today, request.level)).with_event(
        Event(at=work.now, by=work.actor.id, kind=Kind.ARCHIVED)
    )
    hidden_from_all = replace(request, level=Level.NAMED_PERSONS_ONLY)
    sealed = _sealed(work, side, hidden_from_all, matching, why)
    matches.end_open(work, [case_id])
    tasks.end(work, case_id, KEPT)
    casefiles.keep(work, side.row, archived, kept_until=None, kept_by=rules, **sealed)


def brought_back(work: Work, row: CaseRow, file: CaseFile, matching: Matching) -> dict[str, bytes]:
    """Show a case to the matcher as before it was archived; its sealed groups, if it was."""
    tasks.end(work, row.id, KEPT)
    if file.archive is None:
        return {}
    side = merges.whole(work, row.id)
    request = replace(side.request, level=file.archive.level)
    return _sealed(work, side, request, matching, "brought_back")


def _sealed(
    work: Work, side: Side, request: TracingRequest, matching: Matching, why: str
) -> dict[str, bytes]:
    """Seal a request of another level anew; the matcher knows whom that level shows."""
    case_id, hidden = side.row.id, side.file.hides(request.enquirer.id)
    is_known = request.level is not Level.NAMED_PERSONS_ONLY
    shown = [one for one in request.persons() if is_known and one.id not in hidden]
    identifiers.replace(work, case_id, shown, matching.kinds, matching.region)
    groups = (*people.STORED, Group.TERMS)
    ledger.append(work, objects=[side.log_id], groups=groups, count=1, reason=why)
    feed.announce(work, [case_id])
    return cases.seal(work, case_id, request, matching.terms(request, hidden))
