"""Show the lists that partners sent: what stands in clear of many, the terms of one."""

from dataclasses import dataclass

from rfl.domain.access import Object, Role, Verb
from rfl.domain.decoding import decoded
from rfl.domain.ids import check_id
from rfl.flows.runtime import Call, Runtime
from rfl.interchange.rows import ListTerms
from rfl.storage import ledger, sources, vault


@dataclass(frozen=True, slots=True)
class ListSummary:
    """The clear part of a list."""

    id: str
    branch: str
    officer: str
    state: str
    created_at: int
    version: int


@dataclass(frozen=True, slots=True)
class ListView:
    """A list with the terms on which it is read."""

    summary: ListSummary
    terms: ListTerms


def list_lists(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[ListSummary]:
    """Return what stands in clear of the branch's lists, oldest first."""
    everywhere = call.actor.role is Role.DATA_PROTECTION_OFFICER
    branch = None if everywhere else call.actor.branch
    with rt.begin(call, Verb.LIST_READ) as work:
        work.require()
        rows = sources.lists_in_branch(work, branch, after, limit)
        ledger.append(work, count=len(rows))
        return [_summary(row) for row in rows]


def read_list(rt: Runtime, call: Call, list_id: str) -> ListView:
    """Return a list with its terms, or raise NotFound or Forbidden."""
    check_id(list_id, "lst")
    with rt.begin(call, Verb.LIST_READ) as work:
        row, sealed = sources.load_list(work, list_id)
        log_ids = vault.log_ids(work, sealed)
        work.require(Object(branch=row.branch))
        ledger.append(work, objects=log_ids, count=1)
        terms = decoded(sources.details_of(work, sealed), ListTerms)
        return ListView(_summary(row), terms)


def _summary(row: object) -> ListSummary:
    return ListSummary(**{name: getattr(row, name) for name in ListSummary.__slots__})
