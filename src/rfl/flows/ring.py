"""Tell people of an alarm by every way that the society has set, again until each has taken it."""

import logging
from dataclasses import dataclass, field

from rfl.audit.bells import Ring
from rfl.audit.syslog import NotReceived
from rfl.domain.entry import written_time
from rfl.flows.runtime import Runtime
from rfl.storage.alarms import Alarm
from rfl.storage.work import from_micros, micros

SECOND = 1_000_000
FIRST_PAUSE = 15 * SECOND
LONGEST_PAUSE = 900 * SECOND

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Ringer:
    """Which way has taken which alarm, and which way rests after a failure.

    One way that is down holds up no other, and none is told twice while this process lives.
    """

    _taken: dict[str, set[int]] = field(default_factory=dict)
    _rests: dict[int, tuple[int, int]] = field(default_factory=dict)

    def ring(self, rt: Runtime, alarm: Alarm) -> bool:
        """Carry an alarm by every way that has not taken it; True once all of them have.

        A line in the process's log comes first, once.
        """
        if alarm.id not in self._taken:
            facts = {"code": alarm.code, "subject": alarm.subject, "count": alarm.count}
            log.error("alarm", extra=facts)
        taken = self._taken.setdefault(alarm.id, set())
        for way in range(len(rt.rules.bells)):
            if way not in taken and self._is_taken(rt, way, alarm):
                taken.add(way)
        if len(taken) < len(rt.rules.bells):
            return False
        del self._taken[alarm.id]
        return True

    def _is_taken(self, rt: Runtime, way: int, alarm: Alarm) -> bool:
        now = micros(rt.clock())
        until, pause = self._rests.get(way, (0, 0))
        if now < until:
            return False
        try:
            rt.rules.bells[way].ring(_news(rt, alarm), now // SECOND)
        except NotReceived:
            pause = min(max(pause * 2, FIRST_PAUSE), LONGEST_PAUSE)
            self._rests[way] = (now + pause, pause)
            return False
        self._rests.pop(way, None)
        return True


def _news(rt: Runtime, alarm: Alarm) -> Ring:
    return Ring(
        id=f"{alarm.id}-{alarm.count}",
        code=alarm.code,
        subject=alarm.subject,
        society=rt.rules.society,
        at=written_time(from_micros(alarm.last_at)),
        count=alarm.count,
    )
