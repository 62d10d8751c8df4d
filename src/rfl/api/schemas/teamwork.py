"""What a searching team plans and does by a day, as steps of the search."""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Day, Line, Strict


class TaskStep(Strict):
    """What the team has to do by a day; it shows on the desks of the team alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"step": "task", "what": "Ask at the school again", "due_on": "2027-01-15"}
            ]
        }
    )

    step: Literal["task"]
    what: Line
    due_on: Day


class DoneStep(Strict):
    """One task of the team is done."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"step": "done", "task": "tsk_kt8jh4dkxhb8arr1rjzj9gtmkr"}]}
    )

    step: Literal["done"]
    task: Annotated[str, Field(max_length=30)]
