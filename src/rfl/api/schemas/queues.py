"""What waits, and which part of it is asked for."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from rfl.api.schemas.base import Choice, Day, Strict
from rfl.api.schemas.office import Page
from rfl.api.schemas.person import Country
from rfl.domain.desk import Waits
from rfl.domain.request import Level
from rfl.flows.queue import Narrow, OutsideState


class QueuePage(Page):
    """Which page of a queue, and what it is narrowed by.

    `opened_from` and `opened_until` are days of opening. `until` is the last day of review
    (`to_review`; today unless given) or of the answer (`answers`; in two weeks unless given).
    """

    state: Annotated[OutsideState, Choice] | None = None
    level: Annotated[Level, Choice] | None = None
    country: Country | None = None
    opened_from: Day | None = None
    opened_until: Day | None = None
    until: Day | None = None
    branch: Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")] | None = None

    def to_narrow(self) -> Narrow:
        """Return what the queue is narrowed by."""
        asked = dict(self)
        return Narrow(**{name: asked[name] for name in Narrow.__slots__})


class SearchesPage(Page):
    """Which page of one's own searches, and what they wait for."""

    waits: Annotated[Waits, Choice] | None = None


class SearchRow(Strict):
    """A case that the caller searches, what it waits for, and the next day of the team's tasks."""

    id: str
    created_at: datetime
    due_at: datetime | None
    waits: list[Annotated[Waits, Choice]]
    to_do_on: Day | None


class Searches(Strict):
    """A page of the caller's searches, in the order in which the cases were opened."""

    items: list[SearchRow]
    next: str | None
