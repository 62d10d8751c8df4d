"""Tasks and transmissions of a case."""

from datetime import date, datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from rfl.api.schemas.base import Choice, Day, Few, Line, Story, Strict
from rfl.api.schemas.messages import FiledRow
from rfl.api.schemas.office import Page
from rfl.api.schemas.told import Given
from rfl.domain import task, transmission
from rfl.domain.answer import Item
from rfl.domain.consent import Use
from rfl.domain.request import Method
from rfl.domain.states import Outside, TransmissionState
from rfl.flows.plan_task import Due
from rfl.flows.transmit import PersonResult, Waits

_Person = Annotated[str, Field(max_length=30)]
_Peer = Annotated[str, Field(pattern=r"^[a-z0-9-]{2,40}$")]


class NewTask(Strict):
    """What is to be done towards the enquirer by a day, with days of reminder."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"kind": "call_back", "what": "Ring her", "due_on": "2027-01-15"}]
        }
    )

    kind: Annotated[task.TaskKind, Choice]
    what: Line
    due_on: Day
    remind_on: Annotated[tuple[Day, ...], Few] = ()

    def to_domain(self, by: str) -> task.Task:
        """Return the task, planned by this officer."""
        return task.Task(self.kind, self.what, by, self.due_on, self.remind_on)


class TaskDone(Strict):
    """What came of it."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"came": "She moved."}, {}]})

    came: Story | None = None


class DueBy(Page):
    """Which tasks: to look at up to and with a day (today unless given), one's own alone, overdue.

    A task is there from its first reminder on.
    """

    until: Day | None = None
    mine: bool = False
    overdue: bool = False

    def to_due(self, today: date) -> Due:
        """Return which tasks are asked for."""
        return Due(self.until or today, self.mine, self.overdue)


class TaskRow(FiledRow):
    """What stands in clear of a task: `remind_at` is from when somebody is to look at it."""

    remind_at: datetime


class TaskRows(Strict):
    """A page of tasks by the day to look at them. `next` is the cursor of the next page."""

    items: list[TaskRow]
    next: str | None


class TaskAnswer(FiledRow):
    """A task with what is to be done and, once done, what came of it."""

    kind: Annotated[task.TaskKind, Choice]
    what: str
    made_by: str
    due_on: Day
    remind_on: list[Day]
    done_by: str | None
    done_at: datetime | None
    came: str | None


class NewTransmission(Strict):
    """A request to one other society, by its code.

    `onward`: it may ask others in its own name, as an intermediary. `withholds_origin`: without
    saying who asks; of a request that is passed on itself, who asks is not said.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"peer": "south", "methods": ["visit"], "due_on": "2027-01-15"},
                {"peer": "cta", "methods": ["visit"], "due_on": "2027-01-15", "onward": True},
            ]
        }
    )

    peer: _Peer
    methods: Annotated[tuple[Annotated[Method, Choice], ...], Few]
    due_on: Day
    onward: bool = False
    withholds_origin: bool = False

    def to_domain(self) -> transmission.Transmission:
        """Return the request as it is queued."""
        return transmission.Transmission(
            self.peer, frozenset(self.methods), self.due_on, self.onward, self.withholds_origin
        )


class Result(Strict):
    """What the other society answered for one sought person: the same members for every outcome."""

    person: _Person
    outcome: Annotated[Outside, Choice]
    items: Annotated[tuple[Annotated[Item, Choice], ...], Few] = ()
    burial_place: Line | None = None
    given: Given = Given()

    def to_body(self) -> PersonResult:
        """Return it as a letter would say it."""
        given = self.given.to_domain()
        return PersonResult(self.person, self.outcome, self.items, self.burial_place, given)


class TransmissionMove(Strict):
    """The next state; the reason, answer date or results that belong to it.

    With `ended` come results of one or more persons. The request has ended once each has one; good
    news may follow.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"state": "delivered"},
                {"state": "accepted", "answer_on": "2027-06-15"},
                {"state": "declined", "reason": "not_our_country"},
            ]
        }
    )

    state: Annotated[TransmissionState, Choice]
    reason: Annotated[transmission.WhyReturned, Choice] | None = None
    answer_on: Day | None = None
    results: Annotated[tuple[Result, ...], Few] = ()


class Withdrawal(Strict):
    """Which uses the enquirer no longer agrees to."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"uses": ["share"]}]})

    uses: Annotated[
        tuple[Annotated[Use, Choice], ...], Field(min_length=1, max_length=len(Use), strict=False)
    ]


class TransmissionRows(Strict):
    """A case's transmissions, oldest first."""

    items: list[FiledRow]


class WaitingPage(Page):
    """Which open requests: to one society, of one's own cases alone, those whose day is over."""

    peer: _Peer | None = None
    mine: bool = False
    overdue: bool = False

    def to_waits(self) -> Waits:
        """Return which requests are asked for."""
        return Waits(self.peer, self.mine, self.overdue)


class WaitingRow(FiledRow):
    """What stands in clear of a request that waits for another society."""

    peer: str


class WaitingRows(Strict):
    """A page of open requests, the first due first. `next` is the cursor of the next page."""

    items: list[WaitingRow]
    next: str | None


class TransmissionAnswer(FiledRow):
    """A request under way, and what came back: an outside outcome for each person, no more.

    `files`: the attachments that went with the last letter of the request. `asked_who`: a found
    person has asked who is searching. `copy_until`: until when
    a society without a node may keep what it was handed.
    """

    peer: str
    methods: list[Annotated[Method, Choice]]
    due_on: Day
    onward: bool
    withholds_origin: bool
    state: Annotated[TransmissionState, Choice]
    answer_on: Day | None
    reason: Annotated[transmission.WhyReturned, Choice] | None
    results: list[tuple[str, Annotated[Outside, Choice]]]
    files: list[str]
    asked_who: bool
    copy_until: datetime | None
