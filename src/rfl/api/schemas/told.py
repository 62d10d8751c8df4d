"""What may be told of a found person, and what they give to be passed on."""

from typing import Annotated

from rfl.api.schemas.base import Choice, Few, Line, Short, Story, Strict
from rfl.domain import answer
from rfl.domain.answer import Item
from rfl.domain.states import Outside


class Given(Strict):
    """What a found person gives to be passed on, each with the item of its name."""

    phone: Line | None = None
    address: Line | None = None
    message: Story | None = None

    def to_domain(self) -> answer.Given:
        """Return what is given."""
        return answer.Given(self.phone, self.address, self.message)


class Told(Strict):
    """What everyone outside knows of one sought person."""

    outcome: Annotated[Outside, Choice]
    items: Annotated[tuple[Annotated[Item, Choice], ...], Few]
    burial_place: Short | None
    given: Given
