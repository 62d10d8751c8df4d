"""What merging changes of the two cases: both files, and what stands in clear of the merged one.

Nothing moves from one case to the other. The merged one keeps its rows and keys, and its file says
what stood in clear before, so that undoing puts it back.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from rfl.domain.casefile import CaseFile, Ending, Event, Kind
from rfl.domain.groups import Group
from rfl.domain.masked import Masked
from rfl.domain.merge import Clear, Merge
from rfl.domain.person import IdentifierKind
from rfl.domain.request import Level, TracingRequest
from rfl.domain.states import CaseState
from rfl.storage import accounts, casefiles, cases, feed, identifiers, ledger, people, vault
from rfl.storage.cases import CaseRow, OutsideState
from rfl.storage.work import Work

Terms = Callable[[TracingRequest, frozenset[str]], bytes]


@dataclass(frozen=True, slots=True)
class Matching:
    """How a case is made known to the matcher: its terms, and which identifiers."""

    terms: Terms
    kinds: frozenset[IdentifierKind]
    region: str | None


@dataclass(frozen=True, slots=True, repr=False)
class Side(Masked):
    """One of the two cases."""

    row: CaseRow
    log_id: str
    request: TracingRequest
    file: CaseFile


def clear_of(row: CaseRow) -> Clear:
    """Return what undoing puts back."""
    return Clear(row.state, row.officer, row.due_at, row.review_at)


def opened(work: Work, case_id: str) -> Side:
    """Open request and file after their entry, and ask whether this actor may."""
    row, request, log_ids = cases.opened(work, case_id)
    return Side(row, log_ids[0], request, _followed(work, case_id, request))


def whole(work: Work, case_id: str) -> Side:
    """Open request and file after their entry: for a flow that was asked whether it may."""
    row, sealed = cases.load(work, case_id)
    log_id = vault.log_ids(work, sealed)[0]
    [groups] = vault.open_rows(work, [sealed], people.STORED, objects=[log_id])
    request = people.join_request(groups)
    return Side(row, log_id, request, _followed(work, case_id, request))


def join(work: Work, one: Side, into: Side, merge: Merge, matching: Matching) -> int:
    """Keep that one case is worked within another; return its next version.

    The officer of the surviving case handles both enquirers from now on. So a member of a team who
    handled the other enquirer handles none, and one who handles both is kept out of both searches
    by the rule of the two sides (P-37), without a journal being opened.
    """
    event = Event(at=work.now, by=merge.by, kind=Kind.MERGED)
    taken = Event(at=work.now, by=merge.by, kind=Kind.TOOK_IN)
    told = replace(into.file, merged=(*into.file.merged, one.row.id)).with_event(taken)
    casefiles.keep(work, into.row, told)
    clear: dict[str, object] = {"officer": into.row.officer}
    if merge.same_enquirer:
        clear |= {"state": OutsideState.CLOSED, "due_at": None, "review_at": None}
    file = replace(one.file, merge=merge).with_event(event)
    clear |= _show(work, one, merge.hides(one.request.enquirer.id), matching)
    return casefiles.keep(work, one.row, file, **clear)


def part(work: Work, one: Side, into: Side, by: str, matching: Matching) -> int:
    """Undo it: both are what they were, with all that was done since; return the next version.

    An officer who has left meanwhile gets nothing back: the other one keeps the enquirer. What
    came from another society meanwhile is still to be told. A duplicate that was archived with the
    other stays there, as a closed case that may be reopened.
    """
    merge = one.file.merge
    assert merge is not None  # noqa: S101 (the flow has asked)
    event = Event(at=work.now, by=by, kind=Kind.UNMERGED)
    left = tuple(case for case in into.file.merged if case != one.row.id)
    given = Event(at=work.now, by=by, kind=Kind.GAVE_BACK)
    casefiles.keep(work, into.row, replace(into.file, merged=left).with_event(given))
    before = merge.before
    is_there = before.officer is None or accounts.is_officer(work, before.officer, one.row.branch)
    clear: dict[str, object] = {"officer": before.officer if is_there else one.row.officer}
    if merge.same_enquirer:
        clear |= {"due_at": before.due_at, "review_at": before.review_at}
        is_due = one.row.state is OutsideState.DUE
        clear |= {"state": OutsideState.DUE if is_due else before.state}
    clear |= _show(work, one, frozenset(), matching)
    file = replace(one.file, merge=None).with_event(event)
    if file.archive is not None and file.state is not CaseState.CLOSED:
        file = file.closed(Ending.DUPLICATE)
        clear |= {"state": OutsideState.CLOSED, "due_at": None, "review_at": None}
    return casefiles.keep(work, one.row, file, **clear)


def part_from_all(work: Work, case_id: str, matching: Matching) -> None:
    """Undo every merge of a case that is to be erased: the other side of it lives on."""
    file = casefiles.load(work, case_id)
    pairs = [(other, case_id) for other in file.merged]
    if file.merge is not None:
        pairs.append((case_id, file.merge.into))
    for one, into in pairs:
        part(work, whole(work, one), whole(work, into), work.actor.id, matching)


def _show(work: Work, one: Side, hidden: frozenset[str], matching: Matching) -> dict[str, bytes]:
    """Make known to the matcher everybody of a case but for the hidden; return the sealed terms."""
    case_id, request = one.row.id, one.request
    is_known = request.level is not Level.NAMED_PERSONS_ONLY
    shown = [person for person in request.persons() if is_known and person.id not in hidden]
    identifiers.replace(work, case_id, shown, matching.kinds, matching.region)
    ledger.append(work, objects=[one.log_id], groups=(Group.TERMS,), count=1)
    feed.announce(work, [case_id])
    terms = {Group.TERMS: matching.terms(request, hidden)}
    return vault.sealed_groups(work, "cases", case_id, terms)


def _followed(work: Work, case_id: str, request: TracingRequest) -> CaseFile:
    persons = tuple(sought.person.id for sought in request.sought)
    return casefiles.load(work, case_id).following(persons)
