"""What is asked where keys are unwrapped, once a work and in one question: is there a lockdown, and
which cases are honey.
"""

from typing import Any

from sqlalchemy import select

from rfl.domain.access import Role, Verb
from rfl.errors import LockedDown
from rfl.storage import direct
from rfl.storage.honey import honey, listed
from rfl.storage.lockdown import lockdown
from rfl.storage.work import Work

COLUMNS = (
    select(lockdown.c.at).scalar_subquery().label("locked_at"),
    select(honey.c.content).scalar_subquery().label("honey"),
)
"""The question, to be asked along with a row."""
_ASKED = select(*COLUMNS)


# In a lockdown whose data was read is what one needs to know: one person, on the machine, may.
_STILL = (Role.DATA_PROTECTION_OFFICER, Verb.BREACH_LIST)


def require_open(work: Work) -> None:
    """Return if keys may be unwrapped, or raise LockedDown."""
    if work.may_open:
        return
    take(work, direct.first(work.connection, _ASKED, {}))
    if not work.may_open:
        raise LockedDown


def take(work: Work, found: Any) -> None:
    """Keep the answer that came with a row which was asked for with COLUMNS."""
    work.honey = listed(work.agent, found.honey)
    work.may_open = found.locked_at is None or (work.actor.role, work.verb) == _STILL
