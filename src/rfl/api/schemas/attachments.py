"""Shapes of photos and documents of a case."""

from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Strict


class Picture(Strict):
    """Whom of the case the picture shows; without it the file stays with this society."""

    shows: Annotated[str, Field(pattern=r"^per_[0-9a-z]{26}$")] | None = None


class Attached(Strict):
    """A photo or document without its bytes."""

    id: str
    media_type: str
    size: int
    shows: str | None
    added_by: str
    created_at: str


class Attachments(Strict):
    """What is attached to a case, oldest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "items": [
                        {
                            "id": "att_vw181tbfwhbmsf3rh0dbhkty14",
                            "media_type": "image/jpeg",
                            "size": 184211,
                            "shows": "per_6hy9v2w1tm0kz8qa4d3c5rnx7e",
                            "added_by": "acc_r5s7k1wznwm2a2ht7rcnbp0d3e",
                            "created_at": "2026-03-01T09:00:00Z",
                        }
                    ]
                }
            ]
        }
    )

    items: list[Attached]
