"""Break the glass: read further for a few hours, on record, and reviewed by somebody else."""

from dataclasses import dataclass
from datetime import timedelta

from rfl.domain.access import Verb
from rfl.domain.break_glass import MOST_HOURS, BreakGlass, begun
from rfl.domain.ids import check_id, new_id
from rfl.errors import Conflict, NotFound
from rfl.flows.runtime import Call, Runtime, earlier_result, remember_result
from rfl.storage import alarms, break_glass, ledger
from rfl.storage.shelf import Filed as Filed
from rfl.storage.work import micros


@dataclass(frozen=True, slots=True, repr=False)
class GlassView:
    """One time that the glass was broken, and what stands in clear of it."""

    row: Filed
    glass: BreakGlass


def break_the_glass(rt: Runtime, call: Call, reason: str, hours: int = MOST_HOURS) -> str:
    """Let the caller read beyond branch and levels from now on, or raise Conflict; return its id.

    The alarm that tells the data protection officer is in the same transaction.
    """
    with rt.begin(call, Verb.GLASS_BREAK) as work:
        work.require()
        if (earlier := earlier_result(work, call)) is not None:
            return earlier
        made = begun(call.actor.id, reason, work.now, hours)
        if break_glass.in_force(work, call.actor.id):
            raise Conflict("It is in force already.")
        review_by = made.ends_at + timedelta(hours=rt.rules.glass_review_hours)
        row = Filed(
            id=new_id("brk"),
            case_id=None,
            branch=call.actor.branch,
            officer=call.actor.id,
            created_at=work.micros,
            due_at=micros(review_by),
            open=True,
            version=1,
        )
        break_glass.SHELF.add(work, row, made, ends_at=micros(made.ends_at))
        break_glass.settle(work, call.actor.id)
        alarms.sound(work, break_glass.BROKEN, call.actor.id)
        remember_result(work, call, 201, row.id)
    return row.id


def end_glass(rt: Runtime, call: Call, glass_id: str, version: int) -> int:
    """Let it end before its time; return its next version. Only who broke the glass may."""
    check_id(glass_id, "brk")
    with rt.begin(call, Verb.GLASS_BREAK) as work:
        row, made = break_glass.SHELF.opened(work, glass_id, version)
        if row.officer != call.actor.id:
            raise NotFound
        ended = made.ended(work.now)
        following = break_glass.SHELF.keep(work, row, ended, ends_at=micros(ended.ends_at))
        break_glass.settle(work, call.actor.id)
    return following


def list_glass(rt: Runtime, call: Call, after: tuple[int, str], limit: int) -> list[Filed]:
    """Return what stands in clear of those that wait for a review, of every branch."""
    with rt.begin(call, Verb.GLASS_READ) as work:
        work.require()
        rows = break_glass.waiting(work, after, limit)
        ledger.append(work, count=len(rows))
    return rows


def read_glass(rt: Runtime, call: Call, glass_id: str) -> GlassView:
    """Open one with its reason, or raise NotFound."""
    check_id(glass_id, "brk")
    with rt.begin(call, Verb.GLASS_READ) as work:
        work.require()
        return GlassView(*break_glass.SHELF.opened(work, glass_id))


def review_glass(
    rt: Runtime, call: Call, at: tuple[str, int], found: str, *, justified: bool
) -> int:
    """Keep what a review of the one `at` (id, version) has found; return its next version.

    An account that was suspended for want of it works again.
    """
    glass_id, version = at
    check_id(glass_id, "brk")
    with rt.begin(call, Verb.GLASS_REVIEW) as work:
        work.require()
        row, made = break_glass.SHELF.opened(work, glass_id, version)
        after = made.reviewed(call.actor.id, work.now, found, justified=justified)
        following = break_glass.SHELF.keep(work, row, after, open=False)
        break_glass.settle(work, made.account)
        alarms.end(work, break_glass.UNREVIEWED, made.account)
    return following
