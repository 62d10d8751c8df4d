"""Probabilities in words that an officer can act on: how many of ten such proposals are right."""

from enum import StrEnum
from typing import Final


class Band(StrEnum):
    """How many proposals with such a score turn out to be the same person."""

    NINE_IN_TEN = "nine_in_ten"
    TWO_IN_THREE = "two_in_three"
    ONE_IN_TWO = "one_in_two"
    ONE_IN_FIVE = "one_in_five"
    ONE_IN_TEN = "one_in_ten"
    ONE_IN_FIFTY = "one_in_fifty"
    LESS = "less"


SHOW_THRESHOLD: Final = 0.05
"""Proposals below this probability are kept from officers, except for the random sample."""

_FLOORS: Final = (
    (0.9, Band.NINE_IN_TEN),
    (0.65, Band.TWO_IN_THREE),
    (0.4, Band.ONE_IN_TWO),
    (0.15, Band.ONE_IN_FIVE),
    (0.07, Band.ONE_IN_TEN),
    (0.015, Band.ONE_IN_FIFTY),
)


def band(probability: float) -> Band:
    """The band of a probability; each reaches down to its floor."""
    return next((name for floor, name in _FLOORS if probability >= floor), Band.LESS)
