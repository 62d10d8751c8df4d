"""Requests of other societies that come again and again to one person or family.

Each may be honest. Many are how somebody finds out, by trying names, who is known here.
"""

from collections.abc import Set
from typing import Final

from rfl.storage import alarms, matches, received
from rfl.storage.work import Work

ONE_FAMILY: Final = "peer-asks-for-one-family"
OFTEN: Final = 3
SINCE: Final = 30 * 86_400 * 1_000_000
"""So many requests within so long that meet one record are an alarm."""


def watch_asked(work: Work, records: Set[str]) -> None:
    """Tell people where requests of other societies meet in one of these records."""
    rows = matches.rows_of(work, sorted(records))
    sides = {side for row in rows for side in (row.left_record, row.right_record)}
    asked = received.askers(work, sorted(sides), work.micros - SINCE)
    if len(asked) < OFTEN:
        return
    pairs = [{row.left_record, row.right_record} for row in rows]
    for record in sorted(records):
        near = {record}.union(*(pair for pair in pairs if record in pair)) & asked.keys()
        if len(near) >= OFTEN:
            for peer in sorted({asked[one] for one in near}):
                alarms.sound(work, ONE_FAMILY, peer, once=True)
