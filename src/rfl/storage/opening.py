"""A new case with everything that stands from its first day: keys, tie, groups, both files."""

from dataclasses import dataclass

from rfl.domain.casefile import CaseFile
from rfl.domain.groups import Group
from rfl.domain.ids import CaseId
from rfl.domain.journal import Journal, Search
from rfl.domain.person import IdentifierKind
from rfl.domain.request import Level, TracingRequest
from rfl.storage import casefiles, cases, identifiers, journals, ledger, people, vault
from rfl.storage.cases import CaseRow, OutsideState
from rfl.storage.work import Work


@dataclass(frozen=True, slots=True)
class Hashing:
    """Which identifiers are hashed for matching (P-18), and the region of numbers without one."""

    kinds: frozenset[IdentifierKind]
    region: str | None


@dataclass(frozen=True, slots=True, repr=False)
class NewCase:
    """What a new case holds; `terms` are the matcher's, made from the request."""

    id: CaseId
    officer: str | None
    request: TracingRequest
    terms: bytes
    file: CaseFile
    due_at: int | None = None


def change_case(
    work: Work,
    case: tuple[CaseRow, tuple[str, ...]],
    request: TracingRequest,
    terms: bytes,
    known: tuple[Hashing, frozenset[str]],
) -> int:
    """Seal a changed request anew, for a case's row and log ids; return its next version.

    `known`: which identifiers are hashed, and which persons the matcher finds in another case.
    """
    row, log_ids = case
    hashing, hidden = known
    count = 1 + len(request.persons())
    tie, grown = vault.grown_tie(work, "cases", row.id, log_ids, count)
    sealed = cases.seal(work, row.id, request, terms)
    ledger.append(work, objects=grown, groups=(*people.STORED, Group.TERMS), count=1)
    following = cases.change(work, row.id, row.version, {vault.TIE: tie} | sealed)
    is_known = request.level is not Level.NAMED_PERSONS_ONLY
    shown = [one for one in request.persons() if is_known and one.id not in hidden]
    identifiers.replace(work, row.id, shown, hashing.kinds, hashing.region)
    persons = tuple(sought.person.id for sought in request.sought)
    casefiles.rewrite(work, row.id, casefiles.load(work, row.id).following(persons))
    return following


def open_case(work: Work, new: NewCase, branch: str, hashing: Hashing) -> None:
    """Keep a new case and enter it in the log.

    Both files stand from the first day, so that none shows that something was found.
    """
    request = new.request
    _keys, key_row = vault.fresh_keys(work, new.id)
    vault.keep_keys(work, [key_row])
    tie, log_ids = vault.new_tie(work, "cases", new.id, len(request.persons()))
    row = CaseRow(
        id=new.id,
        state=OutsideState.OPEN,
        branch=branch,
        officer=new.officer,
        created_at=work.micros,
        due_at=new.due_at,
        review_at=None,
        version=1,
    )
    sealed = cases.seal(work, new.id, request, new.terms)
    cases.add(work, row, {vault.TIE: tie} | sealed)
    casefiles.begin(work, new.id, new.file)
    searches = tuple(Search(sought.person.id) for sought in request.sought)
    journals.begin(work, new.id, Journal(searches=searches))
    if request.level is not Level.NAMED_PERSONS_ONLY:
        identifiers.replace(work, new.id, request.persons(), hashing.kinds, hashing.region)
    ledger.append(work, objects=log_ids, groups=(*people.STORED, Group.TERMS), count=1)
