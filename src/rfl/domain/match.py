"""A proposal that two descriptions are one person, and what officers decided about it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.errors import Conflict


class MatchKind(StrEnum):
    """Which descriptions met: sought with registered, or two families searching for each other."""

    REGISTRATION = "registration"
    BOTH_SEARCHING = "both_searching"


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why the matcher proposed it: numbers, stable codes and versions, never a value."""

    kind: MatchKind
    probability: float
    total: float
    contributions: tuple[tuple[str, str, float], ...]
    model: str
    norm: str


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

    def then(self, step: Step) -> "Decided":
        """Return the proposal after one more step, or raise Conflict."""
        if step.state not in STEPS[self.state]:
            raise Conflict(f"A match that is {self.state} cannot become {step.state}.")
        return replace(self, state=step.state, steps=(*self.steps, step))
