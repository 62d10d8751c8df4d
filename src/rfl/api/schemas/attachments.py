"""Shapes of photos and documents of a case."""

from pydantic import ConfigDict

from rfl.api.schemas.base import Strict


class Attached(Strict):
    """A photo or document without its bytes."""

    id: str
    media_type: str
    size: int
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
                            "added_by": "acc_r5s7k1wznwm2a2ht7rcnbp0d3e",
                            "created_at": "2026-03-01T09:00:00Z",
                        }
                    ]
                }
            ]
        }
    )

    items: list[Attached]
