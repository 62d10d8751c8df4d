"""How much a principal may open in an hour and a day: past the soft limit an alarm, past the hard
one refusal.

Records are counted where they are opened, each once in an hour and once in a day, whatever the
route; searches and exports each time. A stolen login gets as much as its holder would have read.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rfl.domain.access import Role, Verb
from rfl.errors import InvalidInput


class What(StrEnum):
    """What is counted, and over which time."""

    RECORDS_HOUR = "records_hour"
    RECORDS_DAY = "records_day"
    SEARCHES_HOUR = "searches_hour"
    SEARCHES_DAY = "searches_day"
    EXPORTS_HOUR = "exports_hour"
    EXPORTS_DAY = "exports_day"
    KEYS_HOUR = "keys_hour"


@dataclass(frozen=True, slots=True)
class Limit:
    """More than `soft` alarms; more than `hard` is refused."""

    soft: int
    hard: int


Limits = Mapping[What, Limit]
Budgets = Mapping[Role, Limits]

EXPORTS = frozenset({Verb.LOG_EXPORT, Verb.LOG_SEND, Verb.LOG_STATE, Verb.TRANSMIT})

# The node's own jobs and other societies have no budget of records: matching opens what may
# match, and shows it to nobody. Their keys have a rate.
BULK = frozenset({Role.SERVICE, Role.PEER})


def _limits(records: tuple[int, ...], searches: tuple[int, ...], exports: int) -> Limits:
    hour, day = records
    found, found_day = searches
    return {
        What.RECORDS_HOUR: Limit(hour, hour * 5 // 2),
        What.RECORDS_DAY: Limit(day, day * 5 // 2),
        What.SEARCHES_HOUR: Limit(found, found * 5 // 2),
        What.SEARCHES_DAY: Limit(found_day, found_day * 5 // 2),
        What.EXPORTS_HOUR: Limit(exports, exports * 3),
        What.EXPORTS_DAY: Limit(exports * 2, exports * 6),
    }


# An officer works some 20 cases a day, and sees for each up to ten of those who may match.
DEFAULTS: Budgets = {
    Role.INTAKE_VOLUNTEER: _limits((40, 160), (20, 80), 5),
    Role.TRACING_OFFICER: _limits((120, 480), (60, 240), 20),
    Role.SUPERVISOR: _limits((200, 800), (60, 240), 20),
    Role.DATA_PROTECTION_OFFICER: _limits((60, 240), (20, 80), 10),
    Role.AUDITOR: _limits((20, 80), (20, 80), 10),
    Role.ADMINISTRATOR: _limits((10, 40), (10, 40), 5),
    # Enough to load a million people every hour and to match a large list beside it.
    Role.SERVICE: {What.KEYS_HOUR: Limit(20_000_000, 100_000_000)},
}


def parse_limits(text: str, defaults: Limits) -> Limits:
    """Return the limits of `records_hour=120/300,searches_day=240/600`; the rest by default.

    Raises InvalidInput for what is not counted for this role, or a soft limit above the hard.
    """
    limits = dict(defaults)
    for part in filter(None, (one.strip() for one in text.split(","))):
        name, _, numbers = part.partition("=")
        soft, _, hard = numbers.partition("/")
        if name not in defaults or not (_is_number(soft) and _is_number(hard)):
            raise InvalidInput("budget", "must be names of counts, each with =SOFT/HARD")
        if int(soft) > int(hard):
            raise InvalidInput("budget", "must have no soft limit above its hard one")
        limits[What(name)] = Limit(int(soft), int(hard))
    return limits


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12
