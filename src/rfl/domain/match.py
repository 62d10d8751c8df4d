"""A proposal that two descriptions are one person, and what officers decided about it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.errors import Conflict


class MatchKind(StrEnum):
    """Which descriptions met.

    A sought person and somebody on a list; two families that search for each other; two requests
    for one sought person; two registrations of one person.
    """

    REGISTRATION = "registration"
    BOTH_SEARCHING = "both_searching"
    SAME_SOUGHT = "same_sought"
    DUPLICATE = "duplicate"


class MatchState(StrEnum):
    """Guide: domain, section 6, Match."""

    PROPOSED = "proposed"
    UNDER_REVIEW = "under_review"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"
    UNSURE = "unsure"
    UNDONE = "undone"


OPEN_STATES = frozenset(
    {MatchState.PROPOSED, MatchState.UNDER_REVIEW, MatchState.UNSURE, MatchState.UNDONE}
)

STEPS: dict[MatchState, frozenset[MatchState]] = {
    MatchState.PROPOSED: frozenset(
        {MatchState.UNDER_REVIEW, MatchState.CONFIRMED, MatchState.REJECTED, MatchState.UNSURE}
    ),
    MatchState.UNDER_REVIEW: frozenset(
        {MatchState.CONFIRMED, MatchState.REJECTED, MatchState.UNSURE}
    ),
    MatchState.UNSURE: frozenset(
        {MatchState.UNDER_REVIEW, MatchState.CONFIRMED, MatchState.REJECTED}
    ),
    MatchState.CONFIRMED: frozenset({MatchState.UNDONE}),
    MatchState.REJECTED: frozenset({MatchState.UNDONE}),
    MatchState.UNDONE: frozenset(
        {MatchState.UNDER_REVIEW, MatchState.CONFIRMED, MatchState.REJECTED, MatchState.UNSURE}
    ),
}


class Contribution(NamedTuple):
    """One reason: a field, a stable code without values, and its weight in natural log-odds.

    `number` is how many relatives, years or identifiers the code speaks of, where it does.
    """

    field: str
    code: str
    weight: float
    number: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the matcher proposed it: numbers, stable codes and versions, never a value.

    The weights add up to `total`, which alone gives the probability. `sample`: it lies below the
    threshold and was drawn by chance. `rose`: it rose on new evidence after it was decided.
    """

    kind: MatchKind
    probability: float
    total: float
    contributions: tuple[Contribution, ...]
    model: str
    norm: str
    sample: bool = False
    rose: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Step(Masked):
    """One decision of a named officer, with the reason in the officer's words."""

    state: MatchState
    by: str
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        text.story(self.reason, "reason", 2_000)


@dataclass(frozen=True, slots=True, repr=False)
class Decided(Masked):
    """The state of a proposal and how it came to it."""

    state: MatchState = MatchState.PROPOSED
    steps: tuple[Step, ...] = ()

    def now(self, evidence: Evidence) -> MatchState:
        """The state that counts: a rejected pair whose evidence rose is proposed again."""
        again = evidence.rose and self.state is MatchState.REJECTED
        return MatchState.PROPOSED if again else self.state

    def then(self, step: Step, evidence: Evidence) -> "Decided":
        """Return the proposal after one more step, or raise Conflict."""
        if step.state not in STEPS[self.now(evidence)]:
            raise Conflict(f"A match that is {self.state} cannot become {step.state}.")
        return replace(self, state=step.state, steps=(*self.steps, step))
