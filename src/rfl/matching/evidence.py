"""One reason for or against two descriptions being of one person."""

from functools import lru_cache
from typing import NamedTuple


class Contribution(NamedTuple):
    """One reason: a field, a stable code without values, and its weight in natural log-odds."""

    field: str
    code: str
    weight: float


def contribution(code: str, weight: float) -> Contribution:
    """A reason by its code, whose part before the dot is the field."""
    return Contribution(code.partition(".")[0], code, weight)


@lru_cache(maxsize=256)
def fixed(code: str, weight: float = 0.0) -> Contribution:
    """A reason whose weight is one of few; made once."""
    return contribution(code, weight)
