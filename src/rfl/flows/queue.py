"""Show an officer what waits: the enquirer's side from clear columns, the team's from its desk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from rfl.domain.access import Object, Role, Verb
from rfl.domain.desk import Waits
from rfl.domain.request import Level
from rfl.errors import Forbidden
from rfl.flows.runtime import Call, Runtime
from rfl.storage import desks, facets, ledger, queues
from rfl.storage.cases import CaseRow as CaseRow
from rfl.storage.cases import OutsideState as OutsideState
from rfl.storage.desks import DeskRow as DeskRow
from rfl.storage.work import Work

COMING_DAYS = 14
SCANNED = 200
_ONE_DAY = timedelta(days=1)
_EVERYWHERE = frozenset({Role.DATA_PROTECTION_OFFICER})


class Queue(StrEnum):
    """The queues of the enquirer's side."""

    MINE = "mine"
    BRANCH = "branch"
    UNASSIGNED = "unassigned"
    TO_TELL = "to_tell"
    TO_REVIEW = "to_review"
    ANSWERS = "answers"
    JUDGE_AGAIN = "judge_again"


@dataclass(frozen=True, slots=True)
class Narrow:
    """What a queue is narrowed by. Level and country of search are sealed: `list_queue` opens them.

    `opened_from` and `opened_until` are days. `until`: the last day of review or of the answer.
    """

    state: OutsideState | None = None
    level: Level | None = None
    country: str | None = None
    opened_from: date | None = None
    opened_until: date | None = None
    until: date | None = None
    branch: str | None = None

    @property
    def opens(self) -> bool:
        """True if what is sealed decides."""
        return self.level is not None or self.country is not None


@dataclass(frozen=True, slots=True)
class Listed:
    """Rows of a page, and after which row the next goes on; None at the end."""

    rows: list[CaseRow]
    after: CaseRow | None


_Page = tuple[tuple[int, str], int]
_EVERYTHING = Narrow()


def list_queue(
    rt: Runtime, call: Call, name: Queue, page: _Page, narrow: Narrow = _EVERYTHING
) -> Listed:
    """Return a page of a queue: outside states and dates alone, the oldest first.

    `to_tell`: something was told, and somebody has to tell the family. `to_review`: rested until
    today. `answers`: the answer date comes within two weeks. `judge_again`: the rules have
    changed since the case was judged. By level or country, at most SCANNED cases are looked at for
    a page, which may then be short, or empty, and not the last.
    """
    after, limit = page
    scanned = max(SCANNED, limit) if narrow.opens else limit
    with rt.begin(call, Verb.CASE_LIST) as work:
        work.require()
        rows = _rows(rt, work, name, narrow, (after, scanned))
        ledger.append(work, count=len(rows), groups=facets.GROUPS if narrow.opens else ())
        shown = rows
        if narrow.opens:
            fits = _fitting(work, narrow)
            kept = facets.of_cases(work, rows, with_country=narrow.country is not None)
            shown = [row for row in rows if row.id in kept and fits(row, kept[row.id])]
            facets.enter_shown(work, [(row.id, kept[row.id]) for row in shown[:limit]])
    if len(shown) > limit or (len(shown) == limit and len(shown) == len(rows)):
        return Listed(shown[:limit], shown[limit - 1])
    return Listed(shown, rows[-1] if len(rows) == scanned else None)


def list_searches(rt: Runtime, call: Call, waits: Waits | None, page: _Page) -> list[DeskRow]:
    """Return a page of the searches whose team the caller is of, with what each waits for.

    One sealed row is opened, the caller's own desk, and nothing in clear says what it holds.
    """
    with rt.begin(call, Verb.FINDING_READ) as work:
        work.require()
        return desks.on_desk(work, call.actor.id, waits, *page)


def _rows(rt: Runtime, work: Work, name: Queue, narrow: Narrow, page: _Page) -> list[CaseRow]:
    clear = _clear(rt, work, name, narrow)
    if name is Queue.MINE:
        return queues.of_officer(work, clear, work.actor.id, page)
    if name is Queue.UNASSIGNED:
        return queues.of_officer(work, clear, None, page)
    if name is Queue.TO_REVIEW:
        until = work.micros if narrow.until is None else _last_moment(rt, narrow.until)
        return queues.to_review(work, clear, until, page)
    if name is Queue.ANSWERS:
        last = narrow.until or work.today + timedelta(days=COMING_DAYS)
        return queues.answers(work, clear, _last_moment(rt, last), page)
    if name is Queue.JUDGE_AGAIN:
        return queues.judged_before(work, clear, rt.rules.policy.on(work.today).code, page)
    return queues.of_branch(work, clear, page)


def _clear(rt: Runtime, work: Work, name: Queue, narrow: Narrow) -> queues.Clear:
    branch = narrow.branch or work.actor.branch
    if branch != work.actor.branch and work.actor.role not in _EVERYWHERE:
        raise Forbidden
    states = queues.LIVE if narrow.state is None else (narrow.state,)
    return queues.Clear(
        branch=branch,
        states=(OutsideState.DUE,) if name is Queue.TO_TELL else states,
        opened_from=None if narrow.opened_from is None else rt.moment(narrow.opened_from),
        opened_before=(
            None if narrow.opened_until is None else _last_moment(rt, narrow.opened_until) + 1
        ),
    )


def _fitting(work: Work, narrow: Narrow) -> Callable[[CaseRow, facets.Facets], bool]:
    """Return the question whether a case has level and country, and this actor may know it."""

    def fits(row: CaseRow, kept: facets.Facets) -> bool:
        try:
            work.require(
                Object(branch=row.branch, officer=row.officer, level=kept.level, child=kept.child)
            )
        except Forbidden:
            return False
        return narrow.level in (None, kept.level) and narrow.country in (None, kept.country)

    return fits


def _last_moment(rt: Runtime, day: date) -> int:
    return rt.moment(day + _ONE_DAY) - 1
