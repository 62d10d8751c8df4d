"""Break-glass: why somebody reads further, and what a review of it has found."""

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Story, Strict
from rfl.domain.break_glass import MOST_HOURS


class Glass(Strict):
    """Why you need to read further, and for how many hours."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reason": "A child is alone at the border; the case is Ohrid's, who are away.",
                    "hours": 2,
                }
            ]
        }
    )

    reason: Annotated[Story, Field(max_length=4_000)]
    hours: Annotated[int, Field(ge=1, le=MOST_HOURS)] = MOST_HOURS


class Review(Strict):
    """What a review has found, and whether there was a reason."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"found": "She rang Ohrid first; one case was read.", "justified": True}]
        }
    )

    found: Story
    justified: bool


class GlassRow(Strict):
    """What stands in clear. `due_at`: by when it is to be reviewed."""

    id: str
    branch: str
    officer: str
    created_at: datetime
    due_at: datetime
    open: bool
    version: int


class Glasses(Strict):
    """Those that wait for a review, the first due first. `next` is the cursor of the next page."""

    items: list[GlassRow]
    next: str | None


class GlassAnswer(GlassRow):
    """One of them with its reason, and its review if there was one."""

    reason: str
    ends_at: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    justified: bool | None
    found: str | None
