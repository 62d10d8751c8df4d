"""Alarms: tell people once, list them, and keep who has looked at one."""

from collections.abc import Callable

from rfl.domain.access import Verb
from rfl.domain.entry import written_time
from rfl.domain.ids import check_id
from rfl.flows.runtime import OFFICE_CALL, Call, Runtime
from rfl.storage import alarms, ledger
from rfl.storage.alarms import Alarm as Alarm
from rfl.storage.work import from_micros

MOST = 200


def list_alarms(rt: Runtime, call: Call, limit: int = MOST) -> list[Alarm]:
    """Return the alarms, the latest first."""
    with rt.begin(call, Verb.ALARM_READ) as work:
        work.require()
        ledger.append(work)
        return alarms.newest(work, min(limit, MOST))


def as_json(alarm: Alarm) -> dict[str, object]:
    """Return an alarm as plain values, times as RFC 3339."""
    return {
        "id": alarm.id,
        "code": alarm.code,
        "subject": alarm.subject,
        "state": alarm.state,
        "first_at": written_time(from_micros(alarm.first_at)),
        "last_at": written_time(from_micros(alarm.last_at)),
        "count": alarm.count,
        "seen_by": alarm.seen_by,
    }


def see_alarm(rt: Runtime, call: Call, alarm_id: str) -> None:
    """Keep that this actor has looked at an open alarm, or raise NotFound."""
    check_id(alarm_id, "alm")
    with rt.begin(call, Verb.ALARM_SEE) as work:
        work.require()
        alarms.see(work, alarm_id)
        ledger.append(work)


def tell_alarms(rt: Runtime, tell: Callable[[Alarm], bool]) -> int:
    """Hand each alarm that nobody was told of to `tell`; return how many were told.

    It is marked once `tell` says that everybody was: a crash in between tells it twice, never not
    at all.
    """
    with rt.ask(OFFICE_CALL, Verb.ALARM_READ) as work:
        waiting = alarms.untold(work)
    told = [alarm for alarm in waiting if tell(alarm)]
    if told:
        with rt.begin(OFFICE_CALL, Verb.ALARM_READ) as work:
            for alarm in told:
                alarms.mark_told(work, alarm)
    return len(told)
