"""What an officer has to do towards an enquirer by a day, with its reminders."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.errors import Conflict, InvalidInput


class TaskKind(StrEnum):
    """Why there is something to do."""

    CALL_BACK = "call_back"
    INTERVIEW = "interview"
    STILL_SEARCHING = "still_searching"
    GIVE_ANSWER = "give_answer"
    TELL_DEATH = "tell_death"
    REVIEW_SUSPENDED = "review_suspended"
    REMIND_PARTNER = "remind_partner"
    ASK_CONSENT_ANEW = "ask_consent_anew"
    OTHER = "other"


@dataclass(frozen=True, slots=True, repr=False)
class Task(Masked):
    """One thing to do."""

    kind: TaskKind
    what: str
    made_by: str
    due_on: date
    remind_on: tuple[date, ...] = ()
    done_by: str | None = None
    done_at: datetime | None = None
    came: str | None = None

    def __post_init__(self) -> None:
        text.line(self.what, "what")
        text.optional_story(self.came, "came")
        if any(day > self.due_on for day in self.remind_on):
            raise InvalidInput("remind_on", "must not lie after due_on")

    def done(self, by: str, at: datetime, came: str | None) -> "Task":
        """Return the task as done, or raise Conflict."""
        if self.done_at is not None:
            raise Conflict("The task was done before.")
        return replace(self, done_by=by, done_at=at, came=came)

    def reminds(self, on: date) -> bool:
        """True on a day for which somebody asked to be reminded, and from the due day on."""
        return self.done_at is None and (on in self.remind_on or on >= self.due_on)
