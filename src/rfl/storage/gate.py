"""What is asked where keys are unwrapped, once a work and in one question: is there a lockdown, and
which cases are honey.
"""

from sqlalchemy import select

from rfl.errors import LockedDown
from rfl.storage import direct
from rfl.storage.honey import honey, listed
from rfl.storage.lockdown import lockdown
from rfl.storage.work import Work

_ASKED = select(
    select(lockdown.c.at).scalar_subquery().label("locked_at"),
    select(honey.c.content).scalar_subquery().label("honey"),
)


def require_open(work: Work) -> None:
    """Return if keys may be unwrapped, or raise LockedDown."""
    if work.may_open:
        return
    found = direct.first(work.connection, _ASKED, {})
    if found.locked_at is not None:
        raise LockedDown
    work.honey = listed(work.agent, found.honey)
    work.may_open = True
