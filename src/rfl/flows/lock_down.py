"""Lockdown: nothing is opened by anybody until two people lift it; sealed letters still come in."""

from dataclasses import dataclass
from enum import StrEnum

from rfl.domain.access import Role, Verb
from rfl.domain.entry import written_time
from rfl.errors import Conflict, Forbidden
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import accounts, alarms, ledger, lockdown
from rfl.storage.work import from_micros

BEGUN = "lockdown"
HOUR = 3_600_000_000


class Lift(StrEnum):
    """What a word to lift a lockdown has led to."""

    WAITS = "waits_for_a_second"
    LIFTED = "lifted"


@dataclass(frozen=True, slots=True)
class LockdownView:
    """Whether nothing can be opened, since when, and whether one of two has asked to lift it."""

    in_force: bool
    since: str | None = None
    lift_asked: bool = False


def begin_lockdown(rt: Runtime, call: Call) -> None:
    """Let no key be unwrapped from now on, in any process of this node."""
    with rt.begin(call, Verb.LOCKDOWN) as work:
        work.require()
        lockdown.begin(work)
        ledger.append(work, reason="begun")
        alarms.sound(work, BEGUN)


def lift_lockdown(rt: Runtime, call: Call) -> Lift:
    """Say that the lockdown may end; the second of two people ends it. One has to be the data
    protection officer, and the first word holds for an hour.

    Raises Conflict if there is none, Forbidden for the same person twice.
    """
    with rt.begin(call, Verb.LOCKDOWN_LIFT) as work:
        work.require()
        found = lockdown.current(work)
        if found is None:
            raise Conflict("There is no lockdown.")
        first = found.lift_asked_by
        if first is None or work.micros - (found.lift_asked_at or 0) > HOUR:
            lockdown.ask_to_lift(work)
            ledger.append(work, reason=Lift.WAITS)
            return Lift.WAITS
        roles = {work.actor.role, accounts.role_of(work, first)}
        if first == work.actor.id or Role.DATA_PROTECTION_OFFICER not in roles:
            raise Forbidden("Two people lift it, and one of them is the data protection officer.")
        lockdown.end(work)
        alarms.end(work, BEGUN)
        ledger.append(work, reason=Lift.LIFTED)
    return Lift.LIFTED


def read_lockdown(rt: Runtime) -> LockdownView:
    """Return whether a lockdown is in force; nothing of a case is in it."""
    with rt.ask(OFFICE_CALL, Verb.LOCKDOWN) as work:
        found = lockdown.current(work)
    if found is None:
        return LockdownView(in_force=False)
    asked = found.lift_asked_by is not None
    return LockdownView(True, written_time(from_micros(found.at)), asked)
