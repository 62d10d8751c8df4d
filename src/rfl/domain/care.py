"""What is judged before a search leaves the house: credibility, harm, a child's own wish.

P-06, P-07, P-19. Each is a record of who judged what, and when; none is a tick in a box.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.errors import InvalidInput


class Established(StrEnum):
    """Whether it became credible that the enquirer is who they say, and the relative."""

    ESTABLISHED = "established"
    NOT_ESTABLISHED = "not_established"


@dataclass(frozen=True, slots=True, repr=False)
class Credibility(Masked):
    """How identity and relationship were made credible (P-07); "not established" is allowed."""

    identity_by: str
    relationship_by: str
    question: str
    answer: str
    relationship: Established
    judged_by: str
    on: date

    def __post_init__(self) -> None:
        for name in ("identity_by", "relationship_by", "question", "answer"):
            text.story(getattr(self, name), name, 4_000)


class Harm(StrEnum):
    """What the screening asks for (P-06)."""

    FAMILY_DISPUTE = "family_dispute"
    COURT_DISPUTE = "court_dispute"
    ABUSE = "abuse"
    PERSECUTION = "persecution"


class Found(StrEnum):
    """Whether there is such a danger."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Side(StrEnum):
    """Who screens: the enquirer's side before any step outside, the searching side before it
    tells."""

    ENQUIRER = "enquirer"
    SEARCHING = "searching"


@dataclass(frozen=True, slots=True, repr=False)
class Screening(Masked):
    """Every question of harm with its answer, and whether the work goes on."""

    side: Side
    found: tuple[tuple[Harm, Found], ...]
    goes_on: bool
    reason: str
    policy: str
    by: str
    on: date

    def __post_init__(self) -> None:
        asked = [harm for harm, _found in self.found]
        if len(set(asked)) != len(asked) or set(asked) != set(Harm):
            raise InvalidInput("found", "must answer every question of harm, each once")
        text.story(self.reason, "reason", 4_000)

    def holds(self, side: Side, policy: str) -> bool:
        """True if this lets `side` go on under these rules: a changed rule asks it anew."""
        return self.goes_on and self.side is side and self.policy == policy


class ChildsPart(StrEnum):
    """How a child comes into a case: three things that are never mixed (P-19)."""

    ASKS = "asks"
    IS_SOUGHT = "is_sought"
    IS_REGISTERED = "is_registered"


@dataclass(frozen=True, slots=True, repr=False)
class AskingChild(Masked):
    """A child that asks, alone: on its own wish, with staff who are vetted (P-19).

    `taken_by`: the vetted account. `signed_by`: the representative. Both say in their own words
    why the search is safe for the child.
    """

    own_wish: bool
    taken_by: str
    signed_by: str
    officer_on_safety: str
    representative_on_safety: str
    on: date

    def __post_init__(self) -> None:
        text.line(self.signed_by, "signed_by")
        for name in ("officer_on_safety", "representative_on_safety"):
            text.story(getattr(self, name), name, 4_000)
        if not self.own_wish:
            raise InvalidInput("own_wish", "must be true: no service or guardian asks for a child")


@dataclass(frozen=True, slots=True, repr=False)
class FoundChild(Masked):
    """What stands before anything of a found child is told (P-19)."""

    guardian: str
    asked_with_guardian: bool
    best_interest: str
    best_interest_by: str
    verified_by_enquirer: str | None = None
    verified_by_child: str | None = None
    judged_on: date | None = None

    def __post_init__(self) -> None:
        text.line(self.guardian, "guardian")
        text.story(self.best_interest, "best_interest", 4_000)
        text.optional_stories(self, ("verified_by_enquirer", "verified_by_child"))

    @property
    def is_verified(self) -> bool:
        """True if the relationship was verified from both sides."""
        return self.verified_by_enquirer is not None and self.verified_by_child is not None
