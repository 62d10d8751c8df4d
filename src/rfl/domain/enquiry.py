"""An enquiry before it is a case: how it came, what was judged, why it ended."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.domain.states import PreCase, stepped
from rfl.errors import Conflict, InvalidInput


class Channel(StrEnum):
    """How an enquiry arrives."""

    VISIT = "visit"
    PHONE = "phone"
    ONLINE_FORM = "online_form"
    PARTNER_LETTER = "partner_letter"
    OTHER_SOCIETY = "other_society"


class Reason(StrEnum):
    """Why an enquiry is declined or referred elsewhere."""

    THIRD_PARTY = "third_party"
    NO_FAMILY_LINK = "no_family_link"
    NOT_LOST_CONTACT = "not_lost_contact"
    ANOTHER_SERVICE = "another_service"
    ANOTHER_SOCIETY = "another_society"
    HARM = "harm"
    RULES = "rules"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, repr=False)
class Turn(Masked):
    """One step of an enquiry."""

    at: datetime
    by: str
    state: PreCase
    said: str | None = None

    def __post_init__(self) -> None:
        text.optional_story(self.said, "said")


@dataclass(frozen=True, slots=True, repr=False)
class Look(Masked):
    """That cases of the same family were looked for; `another` says why none shown is theirs."""

    at: datetime
    by: str
    shown: tuple[str, ...]
    another: str | None = None

    def __post_init__(self) -> None:
        text.optional_story(self.another, "reason")


@dataclass(frozen=True, slots=True, repr=False)
class Enquiry(Masked):
    """What somebody came with, in their words, until a tracing request is written from it.

    `is_relative`: the person asks for a relative of their own. A third party cannot (P-07).
    """

    channel: Channel
    caller: str
    said: str
    is_relative: bool
    country: str | None = None
    reach: str | None = None
    language: str | None = None
    interview_on: date | None = None
    state: PreCase = PreCase.RECEIVED
    reason: Reason | None = None
    case: str | None = None
    turns: tuple[Turn, ...] = ()
    look: Look | None = None

    def __post_init__(self) -> None:
        text.line(self.caller, "caller", text.NAME_LIMIT)
        text.story(self.said, "said")
        text.optional_lines(self, ("reach", "language"))

    def became(self, case: str) -> "Enquiry":
        """Return the enquiry as the beginning of a case, or raise Conflict."""
        self.require_lookable()
        if self.look is None:
            raise Conflict("A case of the same family is looked for before another is opened.")
        if self.look.shown and self.look.another is None:
            raise Conflict("Cases were shown: join one, or say why this is another.")
        return replace(self, case=case)

    def require_lookable(self) -> None:
        """Raise Conflict unless this may become a case, and has not yet."""
        if self.state is not PreCase.ELIGIBLE or self.case is not None:
            raise Conflict("Only an eligible enquiry becomes a case, and only once.")

    def looked(self, look: Look) -> "Enquiry":
        """Return the enquiry after cases of the same family were looked for."""
        self.require_lookable()
        return replace(self, look=look)

    def is_another(self, reason: str) -> "Enquiry":
        """Return the enquiry as another family's than those of the cases shown."""
        self.require_lookable()
        if self.look is None:
            raise Conflict("A case of the same family is looked for first.")
        return replace(self, look=replace(self.look, another=reason))

    def joined(self, case: str) -> "Enquiry":
        """Return the enquiry as part of a case that was shown."""
        self.require_lookable()
        if self.look is None or case not in self.look.shown:
            raise InvalidInput("case", "must be one that the look for this family has shown")
        return replace(self, case=case)

    def at(
        self, turn: Turn, *, reason: Reason | None = None, interview_on: date | None = None
    ) -> "Enquiry":
        """Return the enquiry in another state, or raise Conflict or InvalidInput."""
        ends = {PreCase.DECLINED, PreCase.REFERRED_ELSEWHERE}
        if (turn.state in ends) != (reason is not None):
            raise InvalidInput("reason", "must be given where an enquiry is declined or referred")
        if turn.state is PreCase.INTERVIEW_SCHEDULED and interview_on is None:
            raise InvalidInput("interview_on", "must be given")
        if turn.state is PreCase.ELIGIBLE and not self.is_relative:
            raise InvalidInput("is_relative", "must be true: a third party cannot be an enquirer")
        return replace(
            self,
            state=stepped(self.state, turn.state),
            reason=reason,
            interview_on=interview_on or self.interview_on,
            turns=(*self.turns, turn),
        )
