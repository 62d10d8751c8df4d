"""What an officer has to do towards an enquirer by a day, with its reminders."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from rfl.domain import text
from rfl.domain.masked import Masked
from rfl.domain.policy import Answering
from rfl.errors import Conflict, InvalidInput


class TaskKind(StrEnum):
    """Why there is something to do."""

    CALL_BACK = "call_back"
    INTERVIEW = "interview"
    STILL_SEARCHING = "still_searching"
    GIVE_ANSWER = "give_answer"
    TELL_DEATH = "tell_death"
    REVIEW = "review"
    REVIEW_SUSPENDED = "review_suspended"
    REVIEW_KEEPING = "review_keeping"
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


_STANDING = {
    TaskKind.STILL_SEARCHING: "Ask whether the family still searches, and how it is reached now.",
    TaskKind.REVIEW: "Go through the case: what was tried, and what could be tried now?",
}
_COMING_OF_AGE = "The enquirer comes of age: ask for consent anew, without the representative."
_KEPT_LONG = "The time of keeping is over: is there a reason to keep the case, or is it erased?"
_REST_IS_OVER = "The case has rested until today: take it up, or let it rest on."
_PLANNED = (TaskKind.REVIEW_SUSPENDED, TaskKind.REVIEW_KEEPING, TaskKind.ASK_CONSENT_ANEW)
WHILE_IT_GOES_ON = frozenset({*_STANDING, *_PLANNED})
"""Kinds that the node plans by itself, and ends with the case."""


def standing(kind: TaskKind, answering: Answering, by: str, on: date) -> Task | None:
    """Return the next task of a kind that comes again after the policy's days, None for others."""
    days = {
        TaskKind.STILL_SEARCHING: answering.still_searching_days,
        TaskKind.REVIEW: answering.review_days,
    }
    if kind not in days:
        return None
    return Task(kind, _STANDING[kind], by, on + timedelta(days=days[kind]))


def from_acceptance(
    answering: Answering, by: str, on: date, of_age_on: date | None
) -> tuple[Task, ...]:
    """Return what is to be done for a case from its acceptance on.

    `of_age_on`: the day on which a child who asks comes of age.
    """
    made = [standing(kind, answering, by, on) for kind in _STANDING]
    if of_age_on is not None and of_age_on > on:
        made.append(Task(TaskKind.ASK_CONSENT_ANEW, _COMING_OF_AGE, by, of_age_on))
    return tuple(task for task in made if task is not None)


def after_rest(by: str, review_on: date) -> Task:
    """Return the task that ends a rest."""
    return Task(TaskKind.REVIEW_SUSPENDED, _REST_IS_OVER, by, review_on)


def when_kept_long(by: str, on: date) -> Task:
    """Return the task that the end of a time of keeping asks for, where the policy wants one."""
    return Task(TaskKind.REVIEW_KEEPING, _KEPT_LONG, by, on)
