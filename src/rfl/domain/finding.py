"""Unusual reading that a rule has found, and what people decided about it.

A finding says that somebody should look, never that somebody did wrong.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.errors import Conflict


class Code(StrEnum):
    """Which rule found it, and against what it was measured."""

    VOLUME_OWN = "volume_own"
    VOLUME_PEERS = "volume_peers"
    VOLUME_ALONE = "volume_alone"
    BREADTH_OWN = "breadth_own"
    BREADTH_PEERS = "breadth_peers"
    BREADTH_ALONE = "breadth_alone"
    HOUR = "hour"
    OTHER_BRANCH = "other_branch"
    NEVER_ASSIGNED = "never_assigned"
    OWN_FAMILY = "own_family"
    DENIALS = "denials"
    SIGN_INS = "sign_ins"
    PEER_PROBING = "peer_probing"


class FindingState(StrEnum):
    """How far a finding has come."""

    OPEN = "open"
    EXPLAINED = "explained"
    ESCALATED = "escalated"


@dataclass(frozen=True, slots=True)
class Finding:
    """Who (an account or a peer), on which day of the society, and the figures behind it."""

    code: Code
    subject: str
    day: date
    figures: Mapping[str, float]
    log_ids: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What makes two findings of several runs the same one."""
        return f"{self.code}|{self.subject}|{self.day.isoformat()}"


@dataclass(frozen=True, slots=True, repr=False)
class Judgement(Masked):
    """One decision about a finding, with the reason in the reviewer's words."""

    state: FindingState
    by: str
    at: datetime
    reason: str

    def __post_init__(self) -> None:
        text.story(self.reason, "reason", 2_000)


@dataclass(frozen=True, slots=True, repr=False)
class Judged(Masked):
    """The state of a finding and how it came to it."""

    state: FindingState = FindingState.OPEN
    steps: tuple[Judgement, ...] = ()

    def then(self, step: Judgement) -> "Judged":
        """Return the finding after one more decision, or raise Conflict."""
        if step.state in (self.state, FindingState.OPEN):
            raise Conflict(f"A finding that is {self.state} cannot become {step.state}.")
        return replace(self, state=step.state, steps=(*self.steps, step))
