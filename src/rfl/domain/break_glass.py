"""Break-glass: an officer reads, for a few hours, what branch and level keep from them.

For when somebody would come to harm if they waited. The data protection officer is told at once,
and reviews it afterwards; without a review in time the account is suspended. What it widens is in
`permissions.WIDENED`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.errors import Conflict, Forbidden, InvalidInput

MOST_HOURS = 4


@dataclass(frozen=True, slots=True, repr=False)
class BreakGlass(Masked):
    """Who reads further, why, until when; and what a review has found."""

    account: str
    reason: str
    begun_at: datetime
    ends_at: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None
    justified: bool | None = None
    found: str | None = None

    def __post_init__(self) -> None:
        text.story(self.reason, "reason", 4_000)
        text.optional_story(self.found, "found")

    def ended(self, at: datetime) -> "BreakGlass":
        """Return it as over, at the latest now; or raise Conflict: it was over before."""
        if at >= self.ends_at:
            raise Conflict("It is over already.")
        return replace(self, ends_at=at)

    def reviewed(self, by: str, at: datetime, found: str, *, justified: bool) -> "BreakGlass":
        """Return it with what somebody else has found, or raise Forbidden or Conflict."""
        if by == self.account:
            raise Forbidden("Nobody reviews what they did themselves.")
        if self.reviewed_by is not None or at < self.ends_at:
            raise Conflict("It was reviewed before, or goes on.")
        return replace(self, reviewed_by=by, reviewed_at=at, found=found, justified=justified)


def begun(account: str, reason: str, at: datetime, hours: int) -> BreakGlass:
    """Return what begins now, or raise InvalidInput: for at most MOST_HOURS."""
    if not 1 <= hours <= MOST_HOURS:
        raise InvalidInput("hours", f"must be 1 to {MOST_HOURS}")
    return BreakGlass(account, reason, at, at + timedelta(hours=hours))
