"""What waits, and which part of it is asked for."""

from datetime import datetime
from typing import Annotated

from rfl.api.schemas.base import Choice, Strict
from rfl.api.schemas.office import Page
from rfl.domain.desk import Waits
from rfl.flows.queue import OutsideState


class QueuePage(Page):
    """Which page of a queue, and of which outside state alone."""

    state: Annotated[OutsideState, Choice] | None = None


class SearchesPage(Page):
    """Which page of one's own searches, and what they wait for."""

    waits: Annotated[Waits, Choice] | None = None


class SearchRow(Strict):
    """A case that the caller searches, and what it waits for."""

    id: str
    created_at: datetime
    due_at: datetime | None
    waits: list[Annotated[Waits, Choice]]


class Searches(Strict):
    """A page of the caller's searches, in the order in which the cases were opened."""

    items: list[SearchRow]
    next: str | None
