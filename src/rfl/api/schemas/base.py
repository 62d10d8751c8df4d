"""What all shapes share: strictness, kinds of text, and how lists become tuples."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from rfl.api.rules import OWN
from rfl.domain import text
from rfl.domain.person import MAX_ITEMS
from rfl.errors import InvalidInput, within

_Shape = TypeVar("_Shape")
_Made = TypeVar("_Made")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class Strict(BaseModel):
    """A shape that refuses unknown fields and takes no type for another."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, hide_input_in_errors=True, ser_json_inf_nan="null"
    )

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    __str__ = __repr__


def is_known(name: str) -> bool:
    """True if some shape has a field of this name, which then may be told."""
    return any(name in shape.model_fields for shape in _shapes(Strict))


def each(
    field: str, shapes: Iterable[_Shape], make: Callable[[_Shape], _Made]
) -> tuple[_Made, ...]:
    """Return what `make` returns for each; a broken rule names the field and its number."""
    made = []
    for number, shape in enumerate(shapes):
        with within(f"{field}[{number}]"):
            made.append(make(shape))
    return tuple(made)


def inside(field: str, shape: _Shape | None, make: Callable[[_Shape], _Made]) -> _Made | None:
    """Return what `make` returns for the shape, if there is one, naming the field on failure."""
    if shape is None:
        return None
    with within(field):
        return make(shape)


def _shapes(shape: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for below in shape.__subclasses__():
        yield below
        yield from _shapes(below)


def _line(value: str) -> str:
    return _ruled(text.line, value)


def _story(value: str) -> str:
    return _ruled(text.story, value)


def _ruled(check: Callable[[str, str], str], value: str) -> str:
    try:
        return check(value, "")
    except InvalidInput as error:
        raise PydanticCustomError(OWN, error.rule) from None


def _written_day(value: object) -> object:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return value
    raise PydanticCustomError(OWN, "must be a day as YYYY-MM-DD")


Name = Annotated[str, Field(max_length=text.NAME_LIMIT), AfterValidator(_line)]
Brief = Annotated[str, Field(max_length=64), AfterValidator(_line)]
Short = Annotated[str, Field(max_length=200), AfterValidator(_line)]
Line = Annotated[str, Field(max_length=text.LINE_LIMIT), AfterValidator(_line)]
Story = Annotated[str, Field(max_length=text.STORY_LIMIT), AfterValidator(_story)]
Day = Annotated[date, BeforeValidator(_written_day), Field(strict=False)]
Choice = Field(strict=False)
"""Beside an enumeration: its value is taken, and nothing else."""

Few = Field(max_length=MAX_ITEMS, strict=False)
"""Beside a tuple: a list is taken, of as many items as descriptions may have."""
