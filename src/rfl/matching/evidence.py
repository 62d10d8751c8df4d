"""One reason for or against two descriptions being of one person."""

from functools import lru_cache

from rfl.domain.match import Contribution as Contribution


def contribution(code: str, weight: float, number: int = 0) -> Contribution:
    """A reason by its code, whose part before the dot is the field."""
    return Contribution(code.partition(".")[0], code, weight, number)


@lru_cache(maxsize=256)
def fixed(code: str, weight: float = 0.0, number: int = 0) -> Contribution:
    """A reason whose weight is one of few; made once."""
    return contribution(code, weight, number)
